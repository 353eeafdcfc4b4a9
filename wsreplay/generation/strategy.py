"""The author of one route's scenarios: puts clients, messages and steps together, or changes scenarios that it knows.

As a Hypothesis strategy (`scenarios`) it serves tests; a search asks it directly, which spares most of the time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from types import CodeType

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from wsreplay.generation.binary import Frames
from wsreplay.generation.company import Company, Voice, voices_beside
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.drafting import Talk
from wsreplay.generation.echoes import Echoes
from wsreplay.generation.handshakes import Draw
from wsreplay.generation.informed import Speaker
from wsreplay.generation.mutation import Mutator
from wsreplay.generation.options import Options
from wsreplay.generation.packing import takes_documents
from wsreplay.generation.repair import repaired
from wsreplay.generation.scripted import scripted_for
from wsreplay.generation.steps import Stage
from wsreplay.model import Endpoint, Profile, Route, Scenario

_BLOCKS = st.binary(min_size=BLOCK_SIZE, max_size=BLOCK_SIZE)
_MARKS = 64
_LONG_BLOCKS = st.binary(min_size=BLOCK_SIZE + _MARKS, max_size=BLOCK_SIZE + _MARKS)
_KEPT = 8
"""From this mark on a step is kept."""

CROWDS, CROWDS_BESIDE = 80, 144
"""Scenarios in 256 with several clients, for most routes, and for those that share state with another route."""

JOINED = 192
"""Of the latter, in 256, those in which some of the clients are of the other route."""


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
        self,
        endpoint: Endpoint,
        options: Options,
        samples: Sequence[Scenario] = (),
        mutations: int = 51,
        others: Sequence[Endpoint] = (),
    ) -> None:
        route = endpoint.route
        self._path = route.path
        self._options = options
        self._voice = voice = Voice(endpoint, options)
        self._handshakes = voice.handshakes
        self._knowledge = known = voice.knowledge
        mine = [sample for sample in samples if sample.route == route.path]
        self._mutator = Mutator(mine, options, Frames(known), known.waits, takes_documents(known))
        self._mutations = mutations
        self._echoes = Echoes()
        self._scripted = scripted_for(endpoint, options, voice.handshakes, voice.knowledge)
        self._beside = voices_beside(voice, others, options) if self._scripted is None else ()

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

    def hear(self, reply: str | bytes, said: str = "") -> None:
        """Take note of a reply of the app's to what clients had `said`: its values can be said back."""
        self._echoes.hear(reply, said)

    @property
    def companions(self) -> tuple[Route, ...]:
        """The routes whose clients come into scenarios of this one."""
        return tuple(voice.route for voice in self._beside)

    def scenario(self, dice: Dice, draw: Draw, alone: bool = False) -> Scenario:
        """A well-formed scenario, decided by `dice`, and for strategies of users, models and patterns by `draw`;
        without clients of other routes if it is to be `alone`.
        """
        speaker = Speaker(self._knowledge, dice, self._echoes)
        company = Company(self._voice, self._beside, speaker, dice, draw)
        if self._mutator and dice.odds(self._mutations):
            wanted = company.is_mixed if self._beside else None
            talk = Talk(company.says, company.hear, speaker.again, speaker.behave)
            changed = self._mutator.scenario(dice, talk, wanted)
            if company.is_there(changed):
                return company.elsewhere(changed)
        if self._scripted is not None and not dice.one_in(8):
            return self._scripted.scenario(dice, draw, company.say, speaker)
        clients = self._handshakes.clients(dice, draw, self._crowd(dice, alone), speaker.answer)
        first, joined = 0, bool(self._beside) and len(clients) > 1 and not alone and dice.odds(JOINED)
        if joined:
            clients = company.joined(clients)
            first = dice.below(len(clients))
        stage = Stage(dice, len(clients), self._options.close_codes, self._knowledge.waits, first, restless=joined)
        profile = Profile("suspend") if dice.odds(96) else Profile()
        steps = stage.perform(self._length(dice), lambda client: company.says(clients[client]))
        return Scenario(self._path, clients, steps, profile)

    def _crowd(self, dice: Dice, alone: bool) -> int:
        chances = CROWDS_BESIDE if self._beside and not alone else CROWDS
        if self._options.max_clients == 1 or not dice.odds(chances):
            return 1
        return 2 + dice.below(self._options.max_clients - 1)

    def _length(self, dice: Dice) -> int:
        """Uniform over 1..max half of the time, else leaning to the short; none once in 32."""
        if dice.one_in(32):
            return 0
        length = dice.below(self._options.max_messages)
        return 1 + (length if dice.one_in(2) else min(length, dice.below(self._options.max_messages)))
