"""A failure as a test framework prints it: field by field, then the exchange, the place in the source, and how to see
it again. Pure, save for the lines of the application's source.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wsreplay.config import Settings
from wsreplay.events import EntryReplayed
from wsreplay.model import Finding, Scenario, Transcript
from wsreplay.report.exchange import exchange
from wsreplay.report.failure import RULE, failure_of, fields_of
from wsreplay.report.finding import what
from wsreplay.report.replayed import acceptance, chief, described
from wsreplay.report.source import source
from wsreplay.report.text import Line


@dataclass(frozen=True, slots=True)
class Again:
    """How to see a failure again: the seed that it was found with (None: not known) and the command."""

    command: str
    seed: int | None = None


def failure(
    finding: Finding, scenario: Scenario, transcript: Transcript, settings: Settings, again: Again
) -> Iterator[Line]:
    """The lines of one finding."""
    yield from fields_of(failure_of(finding, scenario, transcript))
    yield Line()
    for line in exchange(scenario, transcript):
        yield Line(f"    {line.text}", line.style)
    yield Line()
    yield from source(finding.location, settings)
    yield from _ending(again)


def replay_failure(event: EntryReplayed, settings: Settings, again: Again) -> Iterator[Line]:
    """The lines of a replayed entry that is to be reported as failed: for a finding all its fields, else what differs
    or is amiss and what to do about it.
    """
    said = acceptance(event)
    finding = chief(event)
    if event.verdict == "pass":
        yield Line(f"{said[:1].upper()}{said[1:]}.", "failure")
        yield Line("  Take the acceptance back, and the entry guards as a regression test:")
        yield Line(f"    wsreplay corpus accept {_id(event)} --reopen", "strong")
        return
    if finding is None or finding.severity != "failure" or event.entry is None or event.transcript is None:
        yield from described(event, settings)
        yield Line(f"Run:  {again.command}", "strong")
        return
    if event.standing == "expired":
        yield Line(f"{said[:1].upper()}{said[1:]}. Fix it, or accept it anew:", "failure")
        yield Line(f"    wsreplay corpus accept {_id(event)} --reason ... --until ...", "strong")
        yield Line()
    elif event.verdict == "changed":
        now = what(finding, event.transcript).removesuffix(".")
        yield Line(f"Changed: {now}. The record says otherwise.", "failure")
        yield Line()
    yield from failure(finding, event.entry.scenario, event.transcript, settings, again)


def _id(event: EntryReplayed) -> str:
    return event.path.replace("\\", "/").rpartition("/")[2].partition(".")[0]


def _ending(again: Again) -> Iterator[Line]:
    if again.seed is not None:
        yield Line(f"Seed: {again.seed}")
    yield Line(f"Reproduce: {again.command}", "strong")
    yield Line(RULE, "dim")
