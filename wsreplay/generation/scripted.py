"""Scenarios that follow a script instead of being put together message by message: those of registered strategies, and
the conversations of GraphQL and of Socket.IO.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol, get_args

from wsreplay.errors import ConfigError
from wsreplay.generation.dice import Dice
from wsreplay.generation.graphql import Conversations, speaks_graphql
from wsreplay.generation.handshakes import Draw, Handshakes
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Knowledge
from wsreplay.generation.options import Options
from wsreplay.generation.registry import RegisteredScenarios, operations_for, scenarios_for, shown
from wsreplay.generation.repair import repaired
from wsreplay.generation.socketio import EventConversations
from wsreplay.generation.steps import Say
from wsreplay.model import Close, Drop, Endpoint, Profile, Scenario, Send, Step, Wait

MAX_CLIENTS = 64
"""Clients of one scenario that a registered strategy may draw."""

_UNBOUNDED = Options(max_messages=1 << 30, max_clients=MAX_CLIENTS, max_message_size=1 << 30)


class Scripted(Protocol):
    """Writes whole scenarios of one route; `say` gives messages that follow no script, the `speaker` what is known of
    values.
    """

    def scenario(self, dice: Dice, draw: Draw, say: Say, speaker: Speaker) -> Scenario:
        """A scenario."""
        ...


def scripted_for(endpoint: Endpoint, options: Options, handshakes: Handshakes, known: Knowledge) -> Scripted | None:
    """What writes the scenarios of a route; None where they are put together message by message."""
    path = endpoint.route.path
    registered = scenarios_for(path)
    if registered:
        return RegisteredScripts(path, registered, handshakes)
    operations = operations_for(path)
    if operations or speaks_graphql(endpoint.route):
        return Conversations(endpoint, options, handshakes, operations)
    if endpoint.route.framework == "socketio":
        return EventConversations(endpoint, options, handshakes, known)
    return None


def follows_script(endpoint: Endpoint) -> bool:
    """Whether the scenarios of a route follow a script."""
    path, framework = endpoint.route.path, endpoint.route.framework
    registered = scenarios_for(path) or operations_for(path)
    return bool(registered) or speaks_graphql(endpoint.route) or framework == "socketio"


class RegisteredScripts:
    """The scenarios of a route with registered scenario strategies: mostly as they were drawn, one in four goes on with
    other messages.
    """

    def __init__(self, path: str, registered: tuple[RegisteredScenarios, ...], handshakes: Handshakes) -> None:
        self._path = path
        self._registered = registered
        self._handshakes = handshakes

    def scenario(self, dice: Dice, draw: Draw, say: Say, speaker: Speaker) -> Scenario:
        """A scenario that one of the strategies draws. Raises ConfigError for a value that is none."""
        chosen = dice.pick(self._registered)
        value = draw(chosen.strategy)
        if isinstance(value, Scenario):
            if value.route != self._path:
                raise _unfit(chosen, value, f"it is a scenario of {value.route!r}, not of {self._path!r}")
            return repaired(value, _UNBOUNDED)
        steps = _steps(chosen, value)
        if dice.one_in(4):
            end = next((at for at, step in enumerate(steps) if isinstance(step, Close | Drop)), len(steps))
            steps[end:end] = [Send(0, *say()) for _ in range(1 + dice.below(3))]
        count = 1 + max((step.client for step in steps if not isinstance(step, Wait)), default=0)
        if count > MAX_CLIENTS:
            raise _unfit(chosen, value, f"it has a client {count - 1}, and {MAX_CLIENTS} clients are the most")
        clients = self._handshakes.clients(dice, draw, count, speaker.answer)
        profile = Profile("suspend") if dice.odds(64) else Profile()
        return repaired(Scenario(self._path, clients, tuple(steps), profile), _UNBOUNDED)


def _steps(registered: RegisteredScenarios, value: object) -> list[Step]:
    if isinstance(value, str | bytes | dict) or not isinstance(value, Iterable):
        raise _unfit(registered, value, f"it is {type(value).__name__}, not a list of messages and steps")
    return [_step(registered, item) for item in value]


def _step(registered: RegisteredScenarios, item: object) -> Step:
    if isinstance(item, get_args(Step)):
        step: Step = item
        if not isinstance(step, Wait) and step.client < 0:
            raise _unfit(registered, item, "clients are numbered from 0 on")
        if isinstance(step, Send):
            return replace(_message(registered, step.client, step.data), kind=step.kind)
        return step
    if isinstance(item, tuple):
        if len(item) != 2 or not isinstance(item[0], int) or item[0] < 0:
            raise _unfit(registered, item, "a tuple is (number of the client, message)")
        return _message(registered, item[0], item[1])
    return _message(registered, 0, item)


def _message(registered: RegisteredScenarios, client: int, value: object) -> Send:
    if isinstance(value, bytes | bytearray | memoryview):
        return Send(client, "bytes", bytes(value))
    try:
        if isinstance(value, str):
            value.encode()
            return Send(client, "text", value)
        return Send(client, "json", json.dumps(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise _unfit(registered, value, str(error)) from error


def _unfit(registered: RegisteredScenarios, value: object, why: str) -> ConfigError:
    return ConfigError(
        f"the scenario strategy registered for {registered.pattern!r} drew {shown(value)}, which cannot be done: {why}",
        "Make the strategy draw lists of messages (str, bytes, JSON values, (client, message)) and steps.",
    )
