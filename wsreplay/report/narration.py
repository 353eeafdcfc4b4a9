"""A run told in lines: which event is told how, at which level of detail. What becomes of them is not known here.

Results are for stdout, news for stderr.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from wsreplay.config import Settings
from wsreplay.events import (
    EngineEvent,
    EntryReplayed,
    EntrySaved,
    FindingFound,
    Notice,
    ReplayFinished,
    RouteFinished,
    RunFinished,
    RunStarted,
    SequenceTried,
)
from wsreplay.report import replayed
from wsreplay.report.exchange import asked
from wsreplay.report.failure import failure_report
from wsreplay.report.finding import described, one_liner, what
from wsreplay.report.ledger import Found, Ledger, RouteRecord
from wsreplay.report.replayed import counts_text
from wsreplay.report.rescue import rescue, unsaved
from wsreplay.report.text import Line, counted, elapsed, number, path_text, place, sentence, visible

RULE = "=" * 37


@dataclass(frozen=True, slots=True)
class Told:
    """Lines for one of the two streams."""

    stream: Literal["result", "news"]
    lines: tuple[Line, ...]


class Narrator:
    """Tells a run, event by event. It keeps a ledger, whose figures others may read."""

    def __init__(self, settings: Settings) -> None:
        self.ledger = Ledger()
        self._settings = settings
        self._quiet = settings.quiet
        self._verbose = settings.verbose > 0 and not settings.quiet

    def tell(self, event: EngineEvent) -> Iterator[Told]:
        """What there is to say about `event`; nothing about most."""
        known = isinstance(event, FindingFound) and self.ledger.knows(event)
        self.ledger.handle(event)
        match event:
            case RunStarted():
                yield from self._news([self._start(event)])
            case SequenceTried() if self._settings.verbose > 1:
                yield from self._news([Line(f"{visible(event.route)} {event.number}. {asked(event.scenario)}", "dim")])
            case EntryReplayed():
                yield from _result(self._replayed(event))
            case ReplayFinished():
                yield from _result([] if self._quiet else _replay_end(event))
            case FindingFound() if not known:
                yield from _result(self._found(event))
            case EntrySaved(path=None):
                yield from self._not_kept(event)
            case EntrySaved(path=str(path)) if self._verbose:
                yield from self._news([Line(f"kept {path_text(path)}", "dim")])
            case Notice():
                hint = f". {sentence(event.hint)}" if event.hint else ""
                yield Told("news", (Line(f"note: {sentence(event.text)}{hint}", "warning"),))
            case RouteFinished():
                yield from self._news([route_line(self.ledger.routes[event.route.path], event)])
            case RunFinished():
                yield from _result(self._end(event))
                for problem in event.problems:
                    yield Told("news", (Line(f"error: {sentence(problem)}", "failure"),))
            case _:
                pass

    def _not_kept(self, event: EntrySaved) -> Iterator[Told]:
        yield Told("news", (Line(f"not saved: {sentence(event.unsaved)}", "failure"),))
        if event.entry is not None and (self._verbose or event.entry.verdict == "fail"):
            yield from _result(rescue(event.entry, self._settings.corpus))

    def _news(self, lines: list[Line]) -> Iterator[Told]:
        if not self._quiet:
            yield Told("news", tuple(lines))

    def _start(self, event: RunStarted) -> Line:
        parts = [counted(len(event.routes), "route")]
        if event.entries:
            parts.append(f"{counted(event.entries, 'entry', 'entries')} to replay")
        if event.seed is not None:
            parts.append(f"seed {event.seed}")
        return Line(f"wsreplay {event.command} {visible(event.target)}: {', '.join(parts)}", "dim")

    def _replayed(self, event: EntryReplayed) -> Iterable[Line]:
        if event.verdict == "pass" and not (replayed.now_passes(event) or event.updated or self._verbose):
            return []
        if self._quiet or (event.standing == "accepted" and not self._verbose):
            return [replayed.one_line(event)]
        lines = list(replayed.described(event, self._settings))
        if self._verbose and event.verdict in ("fail", "changed"):
            lines += _indented(failure_report(event, self._settings))
        return lines

    def _found(self, event: FindingFound) -> list[Line]:
        brief = self._quiet or (event.finding.severity == "warning" and not self._verbose)
        if brief and event.unsaved:
            return [one_liner(event), *unsaved(event.unsaved, event.entry, self._settings.corpus)]
        if brief:
            return [one_liner(event)] if self._quiet else []
        lines = [*described(event, self._settings), Line()]
        return [*lines, *_indented(failure_report(event, self._settings))] if self._verbose else lines

    # --- the end -----------------------------------------------------------------------------------------------------

    def _end(self, event: RunFinished) -> Iterator[Line]:
        if not self._quiet:
            yield from self._warnings()
            if self.ledger.started is not None and self.ledger.started.command == "fuzz":
                yield from summary(self.ledger)
        yield closing(self.ledger, event)

    def _warnings(self) -> Iterator[Line]:
        """The warnings, grouped by check; a verbose report has told them in full already."""
        by_check: dict[str, list[Found]] = {}
        for found in self.ledger.of("warning"):
            by_check.setdefault(found.finding.check, []).append(found)
        for check, group in by_check.items():
            yield Line(f"warning {visible(check)}", "warning")
            for found in group:
                finding = found.finding
                sight = what(finding, found.transcript)
                where = f"  at {place(finding.location)}" if finding.location else ""
                entry = f"  {path_text(found.path)}" if found.path else ""
                yield Line(f"  {visible(finding.route)}: {sight}{where}{entry}")
            yield Line()


def _indented(lines: Iterable[Line]) -> list[Line]:
    made = [replace(line, text=f"  {line.text}") for line in lines]
    return [*made, Line()] if made else []


def _result(lines: Iterable[Line]) -> Iterator[Told]:
    given = tuple(lines)
    if given:
        yield Told("result", given)


def _replay_end(event: ReplayFinished) -> list[Line]:
    total = sum(event.counts.values())
    said = counts_text(event.counts, event.accepted)
    return [Line(f"Replayed {counted(total, 'entry', 'entries')}: {said}."), Line()]


def rate(sequences: int, seconds: float) -> str:
    """Sequences a second; none where no time has passed."""
    return f"{number(round(sequences / seconds if seconds > 0 else 0))}/s"


def branches(reached: int, known: int) -> list[str]:
    """The coverage figure, where there is one."""
    return [f"{number(reached)} of {counted(known, 'branch', 'branches')}"] if known else []


def route_line(record: RouteRecord, event: RouteFinished) -> Line:
    """A finished route on one line, in the order in which progress is told."""
    failures = len(record.of("failure"))
    parts = [
        counted(record.sequences, "sequence"),
        counted(record.messages, "message"),
        rate(record.sequences, event.elapsed),
        *branches(record.reached, record.branches),
        f"{number(record.interesting)} new",
        counted(failures, "failure"),
        elapsed(event.elapsed),
    ]
    why = {"time": " (the time was up)", "interrupted": " (interrupted)"}.get(event.stopped, "")
    return Line(f"{visible(event.route.path)}: done: {', '.join(parts)}{why}", "failure" if failures else "good")


def summary(ledger: Ledger) -> Iterator[Line]:
    """The figures, route by route."""
    yield Line("wsreplay: WebSocket Test Summary", "title")
    yield Line(RULE, "dim")
    for record in ledger.routes.values():
        failures, warnings = len(record.of("failure")), len(record.of("warning"))
        yield Line(f"Route: {visible(record.route.path)}", "strong")
        yield Line(f"  Sequences tested: {number(record.sequences)}")
        yield Line(f"  Messages sent: {number(record.messages)}")
        yield Line(f"  Connections established: {number(record.connections)}")
        yield Line(f"  Failures: {number(failures)}", "failure" if failures else "")
        if warnings:
            yield Line(f"  Warnings: {number(warnings)}", "warning")
        yield from (Line(f"  Reached: {figure}") for figure in branches(record.reached, record.branches))
    yield Line(RULE, "dim")


def closing(ledger: Ledger, event: RunFinished) -> Line:
    """The last line: counts, seed, time and corpus."""
    started = ledger.started
    if started is None:
        return Line("interrupted while the target was being loaded; nothing was tested", "failure")
    failures, warnings = len(ledger.of("failure")), len(ledger.of("warning"))
    parts = []
    if event.interrupted:
        parts.append("interrupted")
    elif event.timed_out:
        parts.append("the time was up")
    if started.command == "replay":
        total = sum(ledger.counts.values())
        parts.append(f"{counted(total, 'entry', 'entries')} replayed: {counts_text(ledger.counts, ledger.accepted)}")
    else:
        parts.append(counted(failures, "failure") + (f", {counted(warnings, 'warning')}" if warnings else ""))
        if sum(ledger.counts.values()) != ledger.counts["pass"]:
            parts.append(f"in the replay {counts_text({**ledger.counts, 'pass': 0}, ledger.accepted)}")
        parts.append(counted(sum(record.sequences for record in ledger.routes.values()), "sequence"))
    if started.seed is not None:
        parts.append(f"seed {started.seed}")
    parts.append(elapsed(event.elapsed))
    kept = f" ({counted(len(ledger.saved), 'entry', 'entries')} saved)" if ledger.saved else ""
    parts.append(f"corpus {path_text(started.corpus)}{kept}")
    return Line("; ".join(parts), "good" if event.exit_code == 0 else "failure")
