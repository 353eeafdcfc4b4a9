"""What the parent asks of a campaign, and what a campaign tells it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from wsreplay.fuzzing.keeping import Kept
from wsreplay.model import Finding, Scenario, Transcript


@dataclass(frozen=True, slots=True)
class Order:
    """What the parent asks of a campaign. `deadline` is on the monotonic clock (None: none); `known` are fingerprints
    that are on record, `seen` features that are; `deadly` are messages known to end the process, which are left out;
    `kept` is what earlier campaigns of this run have kept, `samples` are scenarios of the corpus: both are mutated.
    Without `examples` it goes on while something new is shown within `patience` sequences, or for ever.
    With `every` each scenario is told before it runs.
    """

    path: str
    seed: int
    examples: int | None = None
    deadline: float | None = None
    known: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    deadly: frozenset[str | bytes] = frozenset()
    kept: tuple[Kept, ...] = ()
    samples: tuple[Scenario, ...] = ()
    every: bool = False
    patience: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a campaign has come. `reached` are so many of the `branches` in the handler's reach; both are 0 where
    nothing is traced. `worn` says that a fresh process should go on.
    """

    sequences: int = 0
    messages: int = 0
    connections: int = 0
    features: int = 0
    elapsed: float = 0.0
    done: bool = False
    doing: str = "fuzzing"
    reached: int = 0
    branches: int = 0
    worn: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A bug that is new to this campaign: as small as it could be made in this process, and as it was found."""

    finding: Finding
    scenario: Scenario
    transcript: Transcript
    original: Scenario
    after: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A bug as it was found, before it is made smaller: what is tried then may end the process."""

    found: Found


def derived_seed(*parts: object) -> int:
    """A seed of 64 bits that depends on nothing but `parts`."""
    text = "\x00".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
