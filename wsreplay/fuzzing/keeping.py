"""What a search keeps of the scenarios that pass: those that showed something new, as a small covering set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wsreplay.corpus import cover
from wsreplay.model import Finding, Scenario, Transcript
from wsreplay.shrinking import shrink

MOST: Final = {"reply": 40, "edge": 80, "often": 40, "step": 40}
"""Features of a kind that can be new to a route, at most. An app that hands back what it was sent shows a new shape
with every message; that says nothing about the app.
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A passing scenario that showed new features. Its transcript's `features` are all that count of what it showed."""

    scenario: Scenario
    transcript: Transcript
    after: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Tidied:
    """The final choice among all that was kept: it takes their place."""

    kept: tuple[Kept, ...]


class Novelty:
    """The features that a route has shown."""

    def __init__(self, seen: Collection[str] = ()) -> None:
        self.seen = set(seen)
        self._counts = Counter(_kind(feature) for feature in self.seen)

    def take(self, shown: frozenset[str]) -> frozenset[str]:
        """Return those of `shown` that are new, and remember them."""
        new = shown - self.seen
        if not new:
            return new
        taken = []
        for feature in sorted(new):
            kind = _kind(feature)
            if self._counts[kind] < MOST.get(kind, 1 << 30):
                self._counts[kind] += 1
                taken.append(feature)
        self.seen.update(taken)
        return frozenset(taken)


def _kind(feature: str) -> str:
    return feature.partition(":")[0]


def tidy(
    kept: Sequence[Kept],
    on_record: Collection[str],
    show: Callable[[Scenario], Kept | None],
    out_of_time: Callable[[], Callable[[], bool]],
) -> Tidied:
    """Choose few of `kept` that show all that is not `on_record`, and make each smaller.

    `show` runs a scenario and returns it as it would be kept, None if it does not pass; `out_of_time` starts the clock
    of one scenario.
    """
    chosen = [kept[index] for index in cover([one.transcript.features for one in kept], on_record)]
    for number, one in enumerate(chosen):
        rest = (other.transcript.features for place, other in enumerate(chosen) if place != number)
        wanted = frozenset(one.transcript.features).difference(on_record, *rest)
        chosen[number] = _smaller(one, wanted, show, out_of_time())
    return Tidied(tuple(chosen))


def _smaller(
    one: Kept, wanted: frozenset[str], show: Callable[[Scenario], Kept | None], out_of_time: Callable[[], bool]
) -> Kept:
    best = one

    def still_shows(candidate: Scenario) -> bool:
        nonlocal best
        shown = show(candidate)
        if shown is None or not wanted.issubset(shown.transcript.features):
            return False
        best = shown
        return True

    if not out_of_time():
        shrink(one.scenario, still_shows, out_of_time)
    return replace(best, after=one.after)
