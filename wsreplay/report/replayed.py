"""What is told of a replayed entry: its verdict, what happened or differs, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from wsreplay.config import Settings
from wsreplay.events import EntryReplayed
from wsreplay.model import Finding, Verdict
from wsreplay.report.command import replay_command
from wsreplay.report.exchange import exchange
from wsreplay.report.finding import detail, headline, what
from wsreplay.report.ledger import VERDICTS
from wsreplay.report.source import source
from wsreplay.report.text import Line, Style, path_text, sentence, visible

STYLES: Final[dict[Verdict, Style]] = {
    "pass": "good",
    "fail": "failure",
    "changed": "failure",
    "flaky": "warning",
    "stale": "warning",
    "error": "failure",
}

_ADVICE: Final[dict[Verdict, str]] = {
    "changed": "If the change is meant, record it anew:  {command} --update",
    "flaky": "The app does not do the same twice: give it a fresh state (--factory), or fix what it draws at random.",
    "stale": "If the route is gone for good: wsreplay corpus prune.",
    "error": "Restore the file from version control, or remove it; wsreplay corpus check looks at all of them.",
}


def now_passes(event: EntryReplayed) -> bool:
    """Whether a recorded failure is gone."""
    return event.verdict == "pass" and event.entry is not None and event.entry.verdict == "fail"


def acceptance(event: EntryReplayed) -> str:
    """What people's acceptance of the entry comes to; empty where it is not about what the entry does now."""
    if event.entry is None or not event.standing:
        return ""
    state = event.entry.state
    until = f" until {visible(state.until)}" if state.until else ""
    why = f"accepted{until}: {sentence(state.reason)}"
    return {"expired": f"{why}; that day is over", "resolved": f"{why}; it no longer fails"}.get(event.standing, why)


def chief(event: EntryReplayed) -> Finding | None:
    """The finding to show: the recorded one, should there be others beside it; a failure before a warning."""
    recorded = {finding.fingerprint for finding in event.entry.findings} if event.entry is not None else set()
    ranked = sorted(event.findings, key=lambda one: (one.fingerprint not in recorded, one.severity != "failure"))
    return ranked[0] if ranked else None


def one_line(event: EntryReplayed) -> Line:
    """The entry on one line."""
    text = f"{event.verdict:8}{path_text(event.path)}"
    if now_passes(event):
        text += "  now passes: guards as a regression test"
        if event.standing == "resolved":
            text += f" (take back that it is accepted: wsreplay corpus accept {Path(event.path).stem} --reopen)"
    elif event.verdict == "fail" and (finding := chief(event)) is not None:
        text += f"  {headline(finding, event.transcript)}"
        text += f"  ({said})" if (said := acceptance(event)) else ""
    elif event.difference:
        # An error's hint is on a line of its own.
        text += f"  {sentence(event.difference.replace(chr(10), ' '))}"
    if event.updated:
        text += "  (recorded anew)"
    elif event.unsaved:
        text += f"  (not recorded anew: {sentence(event.unsaved)})"
    return Line(text, "dim" if event.standing == "accepted" else STYLES[event.verdict])


def described(event: EntryReplayed, settings: Settings) -> Iterator[Line]:
    """The entry with its exchange or difference, and what to do."""
    yield one_line(event)
    if event.verdict == "pass":
        return
    if event.entry is not None and event.entry.state.name == "accepted" and not event.standing:
        until = f" until {visible(event.entry.state.until)}" if event.entry.state.until else ""
        yield Line(f"  Accepted{until}: {sentence(event.entry.state.reason)} (this here is something else)", "dim")
    finding = chief(event)
    if finding is not None and event.verdict != "flaky":
        if event.verdict != "fail":
            yield Line(f"  {what(finding, event.transcript)}", finding.severity)
        if finding.exception is not None:
            yield Line(f"  {detail(finding, event.transcript)}")
    yield from _exchange(event, settings)
    if event.verdict == "fail":
        yield Line(f"  Replay:  {replay_command(event.path, settings)}", "strong")
    elif not event.updated:
        yield Line(f"  {_ADVICE[event.verdict].format(command=replay_command(event.path, settings))}")
    yield Line()


def _exchange(event: EntryReplayed, settings: Settings) -> Iterator[Line]:
    if event.entry is None or event.transcript is None or not event.transcript.events:
        return
    yield Line()
    for line in exchange(event.entry.scenario, event.transcript):
        yield Line(f"    {line.text}", line.style)
    yield Line()
    finding = chief(event)
    if finding is not None:
        yield from source(finding.location, settings)


def counts_text(counts: dict[Verdict, int], accepted: int = 0) -> str:
    """`11 pass, 1 fail`, and of the failing ones how many are accepted."""
    parts = {verdict: f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts.get(verdict)}
    if accepted:
        parts["fail"] += " (accepted)" if accepted == counts["fail"] else f" ({accepted} accepted)"
    return ", ".join(parts.values()) or "no entry"
