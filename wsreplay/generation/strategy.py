"""The author of one route's scenarios: puts clients, messages and steps together, or changes scenarios that it knows.

As a Hypothesis strategy (`scenarios`) it serves tests; a search asks it directly, which spares most of the time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from types import CodeType

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from wsreplay.generation import payloads
from wsreplay.generation.binary import Frames
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.dictionary import with_words
from wsreplay.generation.echoes import Echoes
from wsreplay.generation.handshakes import Draw, Handshakes
from wsreplay.generation.informed import Speaker
from wsreplay.generation.mutation import Mutator
from wsreplay.generation.options import Options
from wsreplay.generation.reading import knowledge
from wsreplay.generation.registry import registered_for
from wsreplay.generation.repair import repaired
from wsreplay.generation.samples import Sampler, read_samples
from wsreplay.generation.scripted import scripted_for
from wsreplay.generation.steps import Say, Stage
from wsreplay.generation.typed import Models
from wsreplay.model import Endpoint, Profile, Scenario

_BLOCKS = st.binary(min_size=BLOCK_SIZE, max_size=BLOCK_SIZE)
_MARKS = 64
_LONG_BLOCKS = st.binary(min_size=BLOCK_SIZE + _MARKS, max_size=BLOCK_SIZE + _MARKS)
_KEPT = 8
"""From this mark on a step is kept."""


def scenarios(endpoint: Endpoint, options: Options, samples: Sequence[Scenario] = ()) -> SearchStrategy[Scenario]:
    """Scenarios for one endpoint, each well formed.

    A scenario has 1 to `options.max_messages` messages (now and then none) and mostly one client. When `samples` (known
    scenarios; those of other routes are ignored) are given, about one in five is a mutation of one of them.
    """
    return _scenarios(Author(endpoint, options, samples))


@st.composite
def _scenarios(draw: Draw, author: Author) -> Scenario:
    return author.scenario(Dice(draw(_BLOCKS)), draw)


def shrinkable_scenarios(
    endpoint: Endpoint, options: Options, samples: Sequence[Scenario] = ()
) -> SearchStrategy[Scenario]:
    """The same, for Hypothesis to shrink by itself: towards fewer steps. One step in 32 is missing from the start."""
    return _shrinkable(Author(endpoint, options, samples), options)


@st.composite
def _shrinkable(draw: Draw, author: Author, options: Options) -> Scenario:
    # One draw here too: of several, Hypothesis repeats one and varies the others, and little that is new comes up.
    block = draw(_LONG_BLOCKS)
    scenario = author.scenario(Dice(block[:BLOCK_SIZE]), draw)
    kept = (*block[BLOCK_SIZE:], *(_KEPT for _ in scenario.steps))
    steps = tuple(step for step, mark in zip(scenario.steps, kept, strict=False) if mark >= _KEPT)
    return repaired(replace(scenario, steps=steps), options) if len(steps) < len(scenario.steps) else scenario


class Author:
    """Writes scenarios for one endpoint. What stays the same from scenario to scenario is prepared once.

    `mutations` is how many scenarios in 256 are mutations, once there is something to mutate.
    """

    def __init__(
        self, endpoint: Endpoint, options: Options, samples: Sequence[Scenario] = (), mutations: int = 51
    ) -> None:
        route = endpoint.route
        known = with_words(knowledge(endpoint), options.dictionary)
        self._path = route.path
        self._options = options
        self._handshakes = Handshakes(route, options, known)
        self._knowledge = known
        self._models = Models(known.models)
        mine = [sample for sample in samples if sample.route == route.path]
        self._mutator = Mutator(mine, options, Frames(known))
        self._mutations = mutations
        self._echoes = Echoes()
        self._samples = read_samples(options.samples) if options.samples is not None else ()
        self._registered = registered_for(route.path)
        self._scripted = scripted_for(endpoint, options, self._handshakes, known)

    @property
    def functions(self) -> tuple[CodeType, ...]:
        """The handler, and what of the app it reaches, as far as the source shows."""
        return self._knowledge.functions

    def learn(self, sample: Scenario, features: Collection[str] = ()) -> None:
        """Take a scenario of the route, the first to show `features`, for one that is worth mutating."""
        self._mutator.add(sample, features)

    def meet(self, features: Collection[str]) -> None:
        """Take note of what a scenario has shown."""
        self._mutator.meet(features)

    def hear(self, reply: str) -> None:
        """Take note of a reply of the app's: its values can be said back."""
        self._echoes.hear(reply)

    def scenario(self, dice: Dice, draw: Draw) -> Scenario:
        """A well-formed scenario, decided by `dice`, and for strategies of users, models and patterns by `draw`."""
        speaker = Speaker(self._knowledge, dice, self._echoes)
        say = self._say(speaker, dice, draw)
        if self._mutator and dice.odds(self._mutations):
            return self._mutator.scenario(dice, say, speaker.hear, speaker.again)
        if self._scripted is not None and not dice.one_in(8):
            return self._scripted.scenario(dice, draw, say, speaker)
        clients = self._handshakes.clients(dice, draw, self._crowd(dice), speaker.answer)
        stage = Stage(dice, len(clients), self._options.close_codes, self._knowledge.waits)
        profile = Profile("suspend") if dice.odds(96) else Profile()
        return Scenario(self._path, clients, stage.perform(self._length(dice), say), profile)

    def _crowd(self, dice: Dice) -> int:
        if self._options.max_clients == 1 or not dice.odds(80):
            return 1
        return 2 + dice.below(self._options.max_clients - 1)

    def _length(self, dice: Dice) -> int:
        """Uniform over 1..max half of the time, else leaning to the short; none once in 32."""
        if dice.one_in(32):
            return 0
        length = dice.below(self._options.max_messages)
        return 1 + (length if dice.one_in(2) else min(length, dice.below(self._options.max_messages)))

    def _say(self, speaker: Speaker, dice: Dice, draw: Draw) -> Say:
        size = self._options.max_message_size
        in_bytes = self._knowledge.json_in_bytes

        sampler = Sampler(self._samples, dice) if self._samples else None

        def say() -> payloads.Payload:
            if sampler is not None and dice.odds(160):
                return payloads.fitted(sampler.message(speaker.message, speaker.again), size)
            shape = dice.byte()
            if self._registered and shape < 224:
                chosen = dice.pick(self._registered)
                return chosen.payload(draw(chosen.strategy))
            if shape == 255 and dice.one_in(2):
                return payloads.huge(dice, size)
            if self._models and shape >= 192:
                text = self._models.text(dice, draw)
                if text is not None:
                    return payloads.fitted(("bytes", text.encode()) if in_bytes else ("json", text), size)
            return payloads.fitted(speaker.message(), size)

        return say
