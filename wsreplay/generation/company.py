"""Clients of several routes in one scenario: how those of each speak, and which routes go together.

A route has company where its handler shares state with another route's: what one route's clients do can then break a
handler of the other's. A route that shares nothing is none the wiser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wsreplay.generation import payloads
from wsreplay.generation.dice import Dice
from wsreplay.generation.dictionary import with_words
from wsreplay.generation.handshakes import Draw, Handshakes
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Knowledge
from wsreplay.generation.options import Options
from wsreplay.generation.reading import knowledge
from wsreplay.generation.registry import registered_for
from wsreplay.generation.samples import Sampler, read_samples
from wsreplay.generation.scripted import follows_script
from wsreplay.generation.steps import Say
from wsreplay.generation.typed import Models
from wsreplay.homes import apart, fits, home, moved, places, values
from wsreplay.model import Client, Endpoint, Route, Scenario

MOST_COMPANIONS = 8
"""Routes whose clients come into scenarios of another one."""


_ANYTHING = ("str", "string", "default", "int", "integer")
"""Converters that take any number."""


class Voice:
    """How clients of one route introduce themselves and what they say; prepared once for a whole search."""

    def __init__(self, endpoint: Endpoint, options: Options, known: Knowledge | None = None) -> None:
        self.route = endpoint.route
        self.knowledge = known = with_words(knowledge(endpoint), options.dictionary) if known is None else known
        self.handshakes = Handshakes(endpoint.route, options, self.knowledge)
        # What may have any value, with the keys by which other routes may have the same.
        compared = {asked.name for asked in known.path if asked.shape.constants or asked.shape.numbers}
        free = {one.name for one in endpoint.route.parameters if one.converter in _ANYTHING and not one.pattern}
        self.places = tuple(keys for keys in places(endpoint.route) if keys[0][1] in free - compared)
        self._size = options.max_message_size
        self._models = Models(self.knowledge.models)
        self._samples = read_samples(options.samples) if options.samples is not None else ()
        self._registered = registered_for(endpoint.route.path)

    def say(self, speaker: Speaker, dice: Dice, draw: Draw) -> Say:
        """What gives the messages of one scenario."""
        size = self._size
        in_bytes = self.knowledge.json_in_bytes

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


def voices_beside(own: Voice, others: Sequence[Endpoint], options: Options) -> tuple[Voice, ...]:
    """The voices of the other routes with which a route shares state. Those that follow a script stay among themselves,
    and so do routes whose clients their paths do not tell apart.
    """
    if not own.knowledge.reached.touched or options.max_clients == 1:
        return ()
    found = []
    for other in others:
        if _can_come(own.route, other):
            known = knowledge(other)
            if own.knowledge.reached.shares(known.reached):
                found.append(Voice(other, options, with_words(known, options.dictionary)))
    return tuple(found[:MOST_COMPANIONS])


def _can_come(own: Route, other: Endpoint) -> bool:
    same_place = own.host == other.route.host
    return same_place and apart(own, other.route) and not follows_script(other)


class Company:
    """The clients of one scenario, of a route and of those beside it, and what they say."""

    def __init__(self, own: Voice, beside: tuple[Voice, ...], speaker: Speaker, dice: Dice, draw: Draw) -> None:
        self._own = own
        self._beside = {voice.route: voice for voice in beside}
        self._speaker = speaker
        if beside and dice.one_in(2):
            # What takes the clients of two routes takes several steps in order.
            speaker.behave()
        self._dice = dice
        self._draw = draw
        self.say = own.say(speaker, dice, draw)
        self._speakers: dict[Route, Speaker] = {}
        self._says: dict[Route, Say] = {}
        self._heard: list[str | bytes] = []

    def says(self, client: Client) -> payloads.Payload:
        """The next message of a client."""
        if self._beside:
            where = home(client.path, self._own.route, self._beside)
            if where is not self._own.route:
                if where not in self._says:
                    speaker = self._speaker_of(where)
                    self._says[where] = self._beside[where].say(speaker, self._dice, self._draw)
                return self._says[where]()
        return self.say()

    def hear(self, data: str | bytes) -> None:
        """Take note of what is said in a scenario that is gone on with."""
        self._speaker.hear(data)
        if self._beside:
            self._speaker.follow(data)
            self._heard.append(data)

    def is_there(self, scenario: Scenario) -> bool:
        """Whether a client of the route itself is in a scenario."""
        own = self._own.route
        return not self._beside or any(home(one.path, own, self._beside) is own for one in scenario.clients)

    def is_mixed(self, scenario: Scenario) -> bool:
        """Whether clients of more than one route are in a scenario."""
        return len({home(one.path, self._own.route, self._beside) for one in scenario.clients}) > 1

    def joined(self, clients: tuple[Client, ...]) -> tuple[Client, ...]:
        """The clients, mostly two of them, of whom from the second on some are of another route: they go where the
        first one is.
        """
        dice = self._dice
        if not dice.one_in(3):
            clients = clients[:2]
        route = dice.pick(tuple(self._beside))
        where = values(self._own.route, clients[0].path)
        surely = 1 + dice.below(len(clients) - 1)
        speaker = self._speaker_of(route)
        joined = list(clients)
        for number in range(1, len(clients)):
            if number == surely or dice.one_in(2):
                handshakes = self._beside[route].handshakes
                (joined[number],) = handshakes.clients(dice, self._draw, 1, speaker.answer, where)
        return tuple(joined)

    def elsewhere(self, scenario: Scenario) -> Scenario:
        """The scenario in a place where nobody has been, now and then: an earlier one may have left state in its own.

        A place is the value of a parameter that routes have in common, and that may be anything.
        """
        own, dice = self._own, self._dice
        if not own.places or not self._beside or not dice.one_in(2):
            return scenario
        where = next((values(own.route, one.path) for one in scenario.clients if fits(own.route, one.path)), {})
        key = dice.pick(own.places)
        old = {other: where[other] for other in key if other in where}
        new = str(1000 + dice.below(60000))
        clients = tuple(
            replace(one, path=moved(home(one.path, own.route, self._beside), one.path, old, new))
            for one in scenario.clients
        )
        return replace(scenario, clients=clients)

    def _speaker_of(self, route: Route) -> Speaker:
        if route not in self._speakers:
            self._speakers[route] = speaker = self._speaker.beside(self._beside[route].knowledge)
            for data in self._heard:
                speaker.follow(data)
        return self._speakers[route]
