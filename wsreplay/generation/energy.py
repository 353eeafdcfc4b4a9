"""Which of the known scenarios is changed next: the newest, one that shows what is rare, or any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import overload

from wsreplay.generation.dice import Dice
from wsreplay.model import Scenario, Send

NEWEST = 6
"""So many of the latest samples are chosen half of the time: what opened new ground leads on."""

FOLLOWED = 39
"""How often what opened new ground is gone on from before its turn: in each way three times."""

LARGE = 8192
"""Characters, or bytes, of a message that is large."""

CONTEST = 8
"""Of so many, drawn at random, the one with the most energy is taken, every fourth time."""


class Pool(Sequence[Scenario]):
    """Samples, each with the features for which it was taken up.

    A sample has the more energy the rarer its rarest feature has been shown since, and the less often it was chosen for
    that. Branches count as shown once, for they are seen only the first time: what keeps them from being chosen for
    ever is that they were.
    """

    def __init__(self) -> None:
        self._samples: list[Scenario] = []
        self._features: list[tuple[str, ...]] = []
        self._chosen: list[int] = []
        self._shown: Counter[str] = Counter()
        self._due: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self._samples)

    @overload
    def __getitem__(self, index: int) -> Scenario: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Scenario]: ...
    def __getitem__(self, index: int | slice) -> Scenario | Sequence[Scenario]:
        return self._samples[index]

    def add(self, sample: Scenario, features: Collection[str] = ()) -> None:
        """One more sample, which was the first to show `features`."""
        self._samples.append(sample)
        self._features.append(tuple(features))
        self._chosen.append(0)
        if features:
            self._due.append((len(self._samples) - 1, FOLLOWED))
        self._shown.update(feature for feature in features if feature not in self._shown)

    def meet(self, features: Collection[str]) -> None:
        """Take note of what a scenario has shown."""
        shown = self._shown
        for feature in features:
            if feature in shown:
                shown[feature] += 1

    def follow(self) -> tuple[Scenario, int] | None:
        """A sample to be gone on from, the newest first, and how many more times it will be; None where none is."""
        while self._due:
            index, left = self._due.pop()
            if left:
                self._due.append((index, left - 1))
                return self._samples[index], left - 1
        return None

    def pick(self, dice: Dice) -> Scenario:
        """Half of the time one of the newest, a quarter of the time one that shows what is rare, else any. One with a
        large message is mostly passed over: an app takes as long for it as for a hundred others.
        """
        chosen = self._pick(dice)
        return self._pick(dice) if _is_large(chosen) and not dice.one_in(8) else chosen

    def _pick(self, dice: Dice) -> Scenario:
        if dice.one_in(2):
            return dice.pick(self._samples[-NEWEST:])
        if dice.one_in(2):
            return dice.pick(self._samples)
        contest = [dice.below(len(self._samples)) for _ in range(CONTEST)]
        best = min(contest, key=self._spent)
        self._chosen[best] += 1
        return self._samples[best]

    def _spent(self, index: int) -> int:
        return self._chosen[index] + min((self._shown[feature] for feature in self._features[index]), default=0)


def _is_large(sample: Scenario) -> bool:
    return any(type(step) is Send and len(step.data) >= LARGE for step in sample.steps)
