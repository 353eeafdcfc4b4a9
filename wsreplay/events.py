"""What the engine announces, in the order in which it happens. Reporters are fed with these and with nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from wsreplay.model import Entry, Finding, Route, Scenario, Transcript, Verdict

Standing: TypeAlias = Literal["", "accepted", "expired", "resolved"]
"""What people's acceptance of a failing entry means for its verdict: nothing, as there is none (or the entry now does
something else than was accepted); it fails as accepted; so it does, but the day is over; it was accepted and passes.
"""


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins. `command` is `fuzz` or `replay`; `seed` is None for a replay."""

    command: str
    target: str
    seed: int | None
    routes: tuple[Route, ...]
    corpus: str
    max_examples: int = 0
    entries: int = 0


@dataclass(frozen=True, slots=True)
class EntryReplayed:
    """One corpus entry was replayed. `path` is relative to the working directory; `entry` is None when it could not be
    read. `findings` and `transcript` are this run's. `difference` says where it first differs from the record. It was
    `updated` if that was asked for and there was reason to; `unsaved` says why it could not be.
    """

    path: str
    verdict: Verdict
    entry: Entry | None = None
    findings: tuple[Finding, ...] = ()
    transcript: Transcript | None = None
    difference: str = ""
    updated: bool = False
    standing: Standing = ""
    unsaved: str = ""

    @property
    def counts(self) -> bool:
        """Whether the verdict makes a run fail: it is not `pass`, and nobody has accepted that."""
        return self.verdict != "pass" and self.standing != "accepted"


@dataclass(frozen=True, slots=True)
class ReplayFinished:
    """The corpus has been replayed: how many entries got which verdict, and how many of them fail as accepted."""

    counts: dict[Verdict, int]
    accepted: int = 0


@dataclass(frozen=True, slots=True)
class RouteStarted:
    """The fuzzing of a route begins."""

    route: Route


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the fuzzing of a route stands; the numbers are totals for the route so far. `connections` are those that
    the app accepted. `reached` are so many of the `branches` in the handler's reach: both are 0 where it is not known.
    """

    route: str
    sequences: int
    messages: int
    connections: int
    features: int
    interesting: int
    failures: int
    warnings: int
    elapsed: float
    doing: str = "fuzzing"
    reached: int = 0
    branches: int = 0


@dataclass(frozen=True, slots=True)
class SequenceTried:
    """A generated scenario was run; told only where every one was asked for. `number` counts from 1."""

    route: str
    number: int
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class FindingFound:
    """A new finding, shrunk, confirmed and saved. `path` is the entry's file, None when it could not be saved
    (`unsaved` then says why). `original` is the number of messages before shrinking, `found_after` the number of
    sequences. `confirmed` is false when a fresh process did not show it again.
    """

    route: str
    finding: Finding
    entry: Entry
    path: str | None
    found_after: int
    original: int
    confirmed: bool = True
    known: bool = False
    unsaved: str = ""


@dataclass(frozen=True, slots=True)
class EntrySaved:
    """An interesting scenario went into the corpus; without a path it could not, and `unsaved` says why."""

    route: str
    path: str | None
    unsaved: str = ""
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class RouteFinished:
    """The fuzzing of a route is over."""

    route: Route
    sequences: int
    messages: int
    connections: int
    interesting: int
    elapsed: float
    stopped: str = ""
    reached: int = 0
    branches: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know, that is no finding."""

    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over. `interrupted` after Ctrl-C, `timed_out` after --max-time, `exit_code` as the contract says."""

    elapsed: float
    exit_code: int
    interrupted: bool = False
    timed_out: bool = False
    problems: tuple[str, ...] = field(default_factory=tuple)


EngineEvent: TypeAlias = (
    RunStarted
    | EntryReplayed
    | ReplayFinished
    | RouteStarted
    | Progress
    | SequenceTried
    | FindingFound
    | EntrySaved
    | RouteFinished
    | Notice
    | RunFinished
)
