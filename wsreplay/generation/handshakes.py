"""The clients of a scenario: which concrete path, query string, headers and subprotocols each opens with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import quote_plus

from wsreplay.generation.dice import Dice
from wsreplay.generation.knowledge import Knowledge, Shape
from wsreplay.generation.options import Options
from wsreplay.generation.parameters import Values, informed, values_of
from wsreplay.homes import places
from wsreplay.model import Client, Parameter, Route

Draw: TypeAlias = Callable[..., Any]
"""Hypothesis's own draw, for the few things that are not decided by dice."""

Answer: TypeAlias = Callable[[str, Shape], str]
"""From a name and what is known of its value to a text."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_UNKNOWN_SUBPROTOCOL = "unknown.v0"

# Owned by the handshake itself, or by checks that compare a client with them and one without.
_RESERVED_HEADERS = frozenset(
    ("host", "connection", "upgrade", "origin", "authorization", "cookie", "content-length", "transfer-encoding")
)


class Handshakes:
    """Makes the clients of one route; everything that does not change between scenarios is prepared once."""

    def __init__(self, route: Route, options: Options, knowledge: Knowledge) -> None:
        parameters = {parameter.name: parameter for parameter in route.parameters}
        pieces = _PLACE.split(route.path)
        self._literals = pieces[::2]
        wanted = {asked.name: asked.shape for asked in knowledge.path}
        self._values = [
            informed(values_of(parameters.get(name, Parameter(name))), wanted.get(name, Shape()))
            for name in pieces[1::2]
        ]
        self._places = places(route)
        self._query = route.query
        self._asked = knowledge.query
        self._headers = options.headers
        taken = {name.lower() for name, _ in options.headers}
        self._known_headers = tuple(asked for asked in knowledge.headers if _free(asked.name.lower(), taken))
        self._cookies = () if "cookie" in taken else knowledge.cookies
        self._subprotocols = _known(route, knowledge)

    def clients(
        self, dice: Dice, draw: Draw, count: int, answer: Answer, given: Mapping[tuple[str, str], str] | None = None
    ) -> tuple[Client, ...]:
        """`count` clients, which mostly share one path; `answer` gives a text for what a handler asks for. The path
        mostly takes what is `given` for parameters of another route's of the same name, or in the same place.
        """
        told = partial(answer, "")
        shared = self._path(dice, draw, told) if given is None else self._path_like(dice, draw, given)
        clients = []
        for number in range(count):
            path = self._path(dice, draw, told) if number and dice.one_in(8) else shared
            clients.append(Client(path, self._queried(dice, answer), self._headed(dice, answer), self._offered(dice)))
        return tuple(clients)

    def _path(self, dice: Dice, draw: Draw, told: Callable[[Shape], str]) -> str:
        if not self._values:
            return self._literals[0]
        mood = dice.byte()
        path = self._literals[0]
        for values, literal in zip(self._values, self._literals[1:], strict=True):
            text = told(values.shape) if values.shape is not None and mood < 224 and dice.one_in(2) else ""
            # What has a slash in it would be another path.
            path += (text if text and "/" not in text else _value(values, mood, dice, draw)) + literal
        return path

    def _path_like(self, dice: Dice, draw: Draw, given: Mapping[tuple[str, str], str]) -> str:
        path = self._literals[0]
        for values, keys, literal in zip(self._values, self._places, self._literals[1:], strict=True):
            known = next((given[key] for key in keys if key in given), None)
            path += (_value(values, 0, dice, draw) if known is None or dice.one_in(8) else known) + literal
        return path

    def _queried(self, dice: Dice, answer: Answer) -> str:
        query = self._query
        for asked in self._asked:
            if dice.one_in(8):
                continue
            pair = f"{quote_plus(asked.name)}={quote_plus(answer(asked.name, asked.shape), errors='replace')}"
            query = f"{query}&{pair}" if query else pair
        return query

    def _headed(self, dice: Dice, answer: Answer) -> tuple[tuple[str, str], ...]:
        headers = self._headers
        for asked in self._known_headers:
            if not dice.one_in(4):
                headers = (*headers, (asked.name.lower(), _latin(answer(asked.name, asked.shape))))
        cookies = [
            f"{asked.name}={_token(answer(asked.name, asked.shape))}" for asked in self._cookies if not dice.one_in(4)
        ]
        return (*headers, ("cookie", "; ".join(cookies))) if cookies else headers

    def _offered(self, dice: Dice) -> tuple[str, ...]:
        if not self._subprotocols:
            return (_UNKNOWN_SUBPROTOCOL,) if dice.one_in(64) else ()
        shape = dice.below(16)
        if shape < 10:
            return (dice.pick(self._subprotocols),)
        if shape < 13:
            return ()
        if shape < 15:
            return self._subprotocols
        return (_UNKNOWN_SUBPROTOCOL,)


def offers(route: Route, knowledge: Knowledge) -> tuple[tuple[str, ...], ...]:
    """Every way to offer subprotocols to a route that is known to speak some: each alone, all together, none, and one
    that it does not know. Nothing for a route of which none is known.
    """
    known = _known(route, knowledge)
    if not known:
        return ()
    together = (known,) if len(known) > 1 else ()
    return (*((name,) for name in known), *together, (), (_UNKNOWN_SUBPROTOCOL,))


def _known(route: Route, knowledge: Knowledge) -> tuple[str, ...]:
    return tuple(dict.fromkeys(route.subprotocols + knowledge.subprotocols))


def _free(name: str, taken: set[str]) -> bool:
    return name not in taken and name not in _RESERVED_HEADERS and not name.startswith("sec-websocket-")


def _value(values: Values, mood: int, dice: Dice, draw: Draw) -> str:
    if mood >= 252 and values.wrong:
        return dice.pick(values.wrong)
    if mood >= 224 and values.odd:
        return dice.pick(values.odd)
    if values.drawn is not None and (not values.usual or dice.one_in(8)):
        return str(draw(values.drawn))
    return dice.pick(values.usual)


def _token(text: str) -> str:
    """A cookie's value: what is left of a text without what separates cookies (RFC 6265, 4.1.1)."""
    return "".join(char for char in _latin(text) if char.isascii() and char not in ' ",;\\')


def _latin(text: str) -> str:
    """A header value as servers let it through: visible Latin-1, at most 200 characters."""
    return "".join(char for char in text[:200] if " " <= char <= "~" or "\xa0" <= char <= "\xff").strip()
