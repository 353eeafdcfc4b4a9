"""What the corpus keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from wsreplay.model.findings import Finding
from wsreplay.model.scenarios import Scenario
from wsreplay.model.transcripts import Transcript

Verdict: TypeAlias = Literal["pass", "fail", "changed", "flaky", "stale", "error"]
StateName: TypeAlias = Literal["open", "fixed", "accepted"]
Source: TypeAlias = Literal["fuzz", "mutate", "record", "import"]
Match: TypeAlias = Literal["close", "shape", "exact"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an entry came from. `sequences` is how many scenarios of the route had been tried when it was found;
    `earlier` how many clients at the head of the scenario stem from earlier scenarios that it depends on.
    """

    source: Source = "fuzz"
    seed: int | None = None
    sequences: int = 0
    wsreplay: str = ""
    python: str = ""
    hypothesis: str = ""
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """What people have decided about an entry: `open`, `fixed`, or `accepted` with a reason and an ISO date."""

    name: StateName = "open"
    reason: str = ""
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One scenario with its transcript, findings, provenance and state, as the corpus stores it.

    `verdict` is `fail` for an entry with findings of severity failure, else `pass`. The id is not stored here: it
    follows from the scenario (`corpus.codec.scenario_id`).
    """

    scenario: Scenario
    transcript: Transcript
    findings: tuple[Finding, ...] = ()
    provenance: Provenance = Provenance()
    state: State = field(default_factory=State)

    @property
    def verdict(self) -> Verdict:
        """What was recorded: `fail` when a check of severity failure fired, else `pass`."""
        return "fail" if any(finding.severity == "failure" for finding in self.findings) else "pass"
