"""What a run has given so far, gathered from its events: the figures and findings of which every report is made."""

from __future__ import annotations

from dataclasses import dataclass, field

from wsreplay.events import (
    EngineEvent,
    EntryReplayed,
    EntrySaved,
    FindingFound,
    Notice,
    Progress,
    ReplayFinished,
    RouteFinished,
    RouteStarted,
    RunFinished,
    RunStarted,
)
from wsreplay.model import Entry, Finding, Route, Transcript, Verdict

VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "changed", "flaky", "stale", "error")


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with what led to it. `after` is the number of sequences (0 in the replay), `path` the entry's file,
    None where it could not be saved. The transcript is this run's.
    """

    finding: Finding
    path: str | None
    after: int
    entry: Entry | None = None
    transcript: Transcript | None = None


@dataclass
class RouteRecord:
    """The figures of one route, and its findings by fingerprint."""

    route: Route
    sequences: int = 0
    messages: int = 0
    connections: int = 0
    interesting: int = 0
    reached: int = 0
    branches: int = 0
    finished: bool = False
    found: dict[str, Found] = field(default_factory=dict)

    def of(self, severity: str) -> list[Found]:
        """The findings of a severity, in the order in which they were found."""
        return [found for found in self.found.values() if found.finding.severity == severity]


@dataclass
class Ledger:
    """A run so far. `handle` takes every event; the rest is for reading."""

    started: RunStarted | None = None
    finished: RunFinished | None = None
    routes: dict[str, RouteRecord] = field(default_factory=dict)
    replayed: list[EntryReplayed] = field(default_factory=list)
    counts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    accepted: int = 0
    saved: set[str] = field(default_factory=set)
    notices: list[Notice] = field(default_factory=list)

    def handle(self, event: EngineEvent) -> None:
        """Enter one event."""
        match event:
            case RunStarted():
                self.started = event
                for route in event.routes:
                    self._record(route)
            case EntryReplayed():
                self._replayed(event)
            case ReplayFinished():
                self.counts.update(event.counts)
            case RouteStarted():
                self._record(event.route)
            case Progress():
                self._progress(event)
            case FindingFound():
                self._found(event)
            case EntrySaved():
                self._saved(event.path)
            case RouteFinished():
                self._finished(event)
            case Notice():
                self.notices.append(event)
            case RunFinished():
                self.finished = event

    def knows(self, event: FindingFound) -> bool:
        """Whether the finding has been told already: several workers may come upon one bug."""
        record = self.routes.get(event.route)
        return record is not None and event.finding.fingerprint in record.found

    def of(self, severity: str) -> list[Found]:
        """The findings of a severity, route by route."""
        return [found for record in self.routes.values() for found in record.of(severity)]

    def _record(self, route: Route) -> RouteRecord:
        return self.routes.setdefault(route.path, RouteRecord(route))

    def _replayed(self, event: EntryReplayed) -> None:
        self.replayed.append(event)
        self.counts[event.verdict] += 1
        self.accepted += event.standing == "accepted"
        if event.entry is None or event.verdict not in ("fail", "changed", "flaky") or not event.counts:
            return
        record = self._record(Route(event.entry.scenario.route))
        for finding in event.findings:
            found = Found(finding, event.path, 0, event.entry, event.transcript)
            record.found.setdefault(finding.fingerprint, found)

    def _progress(self, event: Progress) -> None:
        record = self._record(Route(event.route))
        if not record.finished:
            record.sequences = max(record.sequences, event.sequences)
            record.messages = max(record.messages, event.messages)
            record.connections = max(record.connections, event.connections)
            record.interesting = max(record.interesting, event.interesting)
            record.reached = max(record.reached, event.reached)
            record.branches = max(record.branches, event.branches)

    def _found(self, event: FindingFound) -> None:
        record = self._record(Route(event.route))
        known = record.found.get(event.finding.fingerprint)
        if known is None or known.after == 0:
            found = Found(event.finding, event.path, event.found_after, event.entry, event.entry.transcript)
            record.found[event.finding.fingerprint] = found
        self._saved(event.path)

    def _saved(self, path: str | None) -> None:
        if path is not None:
            self.saved.add(path)

    def _finished(self, event: RouteFinished) -> None:
        record = self._record(event.route)
        if not record.finished:
            # The totals take the place of what was told on the way; those of further workers are added.
            record.sequences = record.messages = record.connections = record.interesting = 0
            record.finished = True
        record.sequences += event.sequences
        record.messages += event.messages
        record.connections += event.connections
        record.interesting += event.interesting
        record.reached = max(record.reached, event.reached)
        record.branches = max(record.branches, event.branches)
