"""Scenarios of GraphQL routes: clients that offer a GraphQL subprotocol and hold its conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from wsreplay.generation import edges
from wsreplay.generation.dice import Dice
from wsreplay.generation.graphql_dialogue import DIALECTS, NEW, Dialogue
from wsreplay.generation.graphql_documents import Documents
from wsreplay.generation.graphql_schema import read_file, read_schema
from wsreplay.generation.handshakes import Draw, Handshakes
from wsreplay.generation.informed import Speaker
from wsreplay.generation.options import Options
from wsreplay.generation.registry import Registered
from wsreplay.generation.steps import Say, Stage
from wsreplay.model import Client, Endpoint, Profile, Route, Scenario, Send, Step, Wait

_REGISTERED = 7
"""In eight operations, so many are of registered strategies, where there are any."""


def speaks_graphql(route: Route) -> bool:
    """Whether the route is known to speak one of the two GraphQL protocols."""
    return any(name in DIALECTS for name in route.subprotocols)


class Conversations:
    """Writes the scenarios of a GraphQL route. Its schema is the app's, unless a file is configured; without any, the
    documents are such as every server takes.
    """

    def __init__(
        self, endpoint: Endpoint, options: Options, handshakes: Handshakes, registered: tuple[Registered, ...] = ()
    ) -> None:
        route = endpoint.route
        self._path = route.path
        self._options = options
        self._handshakes = handshakes
        self._registered = registered
        self._spoken = tuple(name for name in route.subprotocols if name in DIALECTS) or (NEW,)
        schema = None
        if options.graphql_schema is not None:
            schema = read_file(options.graphql_schema)
        elif endpoint.schema is not None:
            schema = read_schema(endpoint.schema)
        self._documents = Documents(schema)

    def scenario(self, dice: Dice, draw: Draw, say: Say, speaker: Speaker) -> Scenario:
        """A scenario in which every client speaks the protocol that it offers."""
        count = 1
        if self._options.max_clients > 1 and dice.one_in(4):
            count = 2 + dice.below(self._options.max_clients - 1)
        clients = tuple(
            self._offering(client, dice) for client in self._handshakes.clients(dice, draw, count, speaker.answer)
        )
        length = 1 + dice.below(self._options.max_messages)
        stage = Stage(dice, count, self._options.close_codes, ())
        # Who says something, and when, is the stage's affair; what, depends on who it is.
        steps = stage.perform(length, lambda _: ("json", ""))
        operation = self._operations(dice, draw)
        dialogues = [Dialogue(DIALECTS[self._dialect(client)], dice, operation, say) for client in clients]
        profile = Profile("suspend") if dice.odds(64) else Profile()
        return Scenario(self._path, clients, tuple(_spoken(steps, dialogues, dice)), profile)

    def _offering(self, client: Client, dice: Dice) -> Client:
        """Mostly a client that offers what the server speaks: without it, nothing is said."""
        if any(name in self._spoken for name in client.subprotocols) or dice.one_in(8):
            return client
        return replace(client, subprotocols=(dice.pick(self._spoken),))

    def _dialect(self, client: Client) -> str:
        return next((name for name in client.subprotocols if name in DIALECTS), self._spoken[0])

    def _operations(self, dice: Dice, draw: Draw) -> Callable[[], str]:
        def operation() -> str:
            if self._registered and dice.below(8) < _REGISTERED:
                chosen = dice.pick(self._registered)
                return chosen.operation(draw(chosen.strategy))
            return self._documents.operation(dice)

        return operation


def _spoken(steps: tuple[Step, ...], dialogues: list[Dialogue], dice: Dice) -> list[Step]:
    """The steps with what the clients say in them. After the beginning of an operation there is often a wait, for a
    subscription to give something.
    """
    spoken: list[Step] = []
    for step in steps:
        if not isinstance(step, Send):
            spoken.append(step)
            continue
        dialogue = dialogues[step.client]
        kind, data = dialogue.message()
        spoken.append(Send(step.client, kind, data))
        if dialogue.began and dice.one_in(3):
            spoken.append(Wait(dice.pick(edges.WAITS)))
    return spoken
