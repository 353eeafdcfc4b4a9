"""New scenarios out of known ones: each with one to three changes, or gone on from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from wsreplay.generation.binary import Frames
from wsreplay.generation.dice import Dice
from wsreplay.generation.drafting import FOLLOWING, LENGTHENING, OPERATIONS, Draft, Operation, Says, Talk
from wsreplay.generation.energy import Pool
from wsreplay.generation.options import Options
from wsreplay.generation.packing import opened, repacked, unpacked
from wsreplay.generation.repair import repaired, with_headers
from wsreplay.model import Profile, Scenario, Send

_SHARP = 6
"""One in so many mutations only takes one value to its edge: whatever led there is said as before."""


class Mutator:
    """Makes mutations of `samples`, which all belong to one route. False when there is nothing to mutate. `frames` know
    how the handler reads bytes, `waits` are the seconds that its source speaks of; where it takes documents in bytes
    alone, they are `like` this one.
    """

    def __init__(
        self,
        samples: Sequence[Scenario],
        options: Options,
        frames: Frames | None = None,
        waits: tuple[float, ...] = (),
        like: bytes = b"",
    ) -> None:
        self._pool = Pool()
        self._like = like
        self._waits = waits
        self._options = options
        self._frames = frames
        for sample in samples:
            self.add(sample)

    def __bool__(self) -> bool:
        return len(self._pool) > 0

    def add(self, sample: Scenario, features: Collection[str] = ()) -> None:
        """One more scenario to mutate, which was the first to show `features`."""
        if sample.clients:
            clients = tuple(with_headers(client, self._options.headers) for client in sample.clients)
            sample = replace(sample, clients=clients)
            self._pool.add(unpacked(sample) if self._like else sample, features)

    def meet(self, features: Collection[str]) -> None:
        """Take note of what a scenario has shown: energy goes to what is rare."""
        self._pool.meet(features)

    def scenario(self, dice: Dice, talk: Talk, wanted: Callable[[Scenario], bool] | None = None) -> Scenario:
        """One of the samples with one to three changes, well formed. Where some are `wanted` more, one that is not is
        mostly given a miss, and one in three scenarios just goes on. Every second one goes on from what was the first
        to get somewhere, as long as there are such.
        """
        followed = self._pool.follow() if dice.one_in(2) else None
        if followed is not None:
            sample, left = followed
            operations: Sequence[Operation] = FOLLOWING[left % len(FOLLOWING)]
            talk.behave()
        else:
            sample = self._pool.pick(dice)
            if wanted is not None and not wanted(sample) and not dice.one_in(4):
                sample = self._pool.pick(dice)
            operations = _operations(sample, dice, wanted is not None)
        if self._like:
            talk = replace(talk, says=_opening(talk.says))
        for step in sample.steps:
            if type(step) is Send:
                talk.hear(step.data)
        draft = Draft(sample, self._pool, self._options, dice, talk, self._frames, self._waits)
        for operation in operations:
            operation(draft)
        profile = Profile(dice.pick(("immediate", "suspend"))) if dice.one_in(8) else sample.profile
        changed = Scenario(sample.route, tuple(draft.clients), tuple(draft.steps), profile)
        changed = repacked(changed, self._like) if self._like else changed
        # What was long stays so; what repeats a message may be longer than others.
        options = self._options
        most = options.max_messages if LENGTHENING.isdisjoint(operations) else options.most_messages
        return repaired(changed, options, max(most, min(sample.messages, options.most_messages)))


def _opening(says: Says) -> Says:
    return lambda client: opened(says(client))


def _operations(sample: Scenario, dice: Dice, goes_on: bool) -> Sequence[Operation]:
    if goes_on and dice.one_in(3):
        return (Draft.extend,)
    if dice.one_in(_SHARP) and any(type(step) is Send and type(step.data) is str for step in sample.steps):
        return (Draft.sharpen,)
    return [dice.pick(OPERATIONS) for _ in range(1 + dice.below(3))]
