"""One client's part of a GraphQL conversation, message by message: mostly as the protocol wants it, and against it.

Both protocols are data here. graphql-transport-ws:
https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md; graphql-ws, its predecessor:
https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as quote

from wsreplay.generation import edges
from wsreplay.generation.dice import Dice
from wsreplay.generation.payloads import Payload

NEW = "graphql-transport-ws"
OLD = "graphql-ws"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a client says in one protocol: the words that begin and end an operation, and those between connections."""

    begin: str
    end: str
    small_talk: tuple[str, ...]
    foreign: tuple[str, ...]


DIALECTS = {
    NEW: Dialect(
        "subscribe",
        "complete",
        ('{"type": "ping"}', '{"type": "pong"}', '{"type": "ping", "payload": {"a": 1}}'),
        ("start", "stop", "connection_terminate", "next", "connection_ack", "error", "", "unknown"),
    ),
    OLD: Dialect(
        "start",
        "stop",
        ('{"type": "connection_terminate"}',),
        ("subscribe", "complete", "ping", "data", "connection_ack", "ka", "", "unknown"),
    ),
}

_INITS = (
    '{"type": "connection_init"}',
    '{"type": "connection_init", "payload": {}}',
    '{"type": "connection_init", "payload": {"authorization": "Bearer a"}}',
    '{"type": "connection_init", "payload": null}',
)
_ODD_INITS = (
    '{"type": "connection_init", "payload": []}',
    '{"type": "connection_init", "payload": "a"}',
    '{"type": "connection_init", "payload": 0}',
)
_ODD_IDS = ("null", "0", '""', "[]", "{}", "true", '"a b"', quote("é"), quote("x" * 300))
_ODD_PAYLOADS = (
    "null",
    "{}",
    "[]",
    '""',
    '{"query": null}',
    '{"query": 1}',
    '{"query": []}',
    '{"variables": {}}',
    '{"query": "{ __typename }", "variables": []}',
    '{"query": "{ __typename }", "variables": "a"}',
    '{"query": "{ __typename }", "operationName": 1}',
    '{"query": "{ __typename }", "operationName": ""}',
    '{"query": "{ __typename }", "extensions": []}',
)
_ODD_MESSAGES = ("null", "[]", "{}", '"a"', "1", '{"type": null}', '{"type": []}', '{"id": "1"}', '{"type": "ping", ')
_ORDERLY, _BREAKING, _WILD = range(3)
_MOODS = (_ORDERLY, _ORDERLY, _ORDERLY, _ORDERLY, _BREAKING, _BREAKING, _ORDERLY, _WILD)
_BREAKS = (40, 112, 128)
"""How often, in 256, a message is against the protocol, once a client has begun as it should, by mood."""


class Dialogue:
    """What one client says. `operation` gives the payload of an operation as JSON, `say` a message of any kind."""

    def __init__(self, dialect: Dialect, dice: Dice, operation: Callable[[], str], say: Callable[[], Payload]) -> None:
        self._dialect = dialect
        self._dice = dice
        self._operation = operation
        self._say = say
        self._mood = dice.pick(_MOODS)
        self._greeted = False
        self._ids: list[str] = []
        self.began = False

    def message(self) -> Payload:
        """The next message; `began` says afterwards whether it begins an operation."""
        dice = self._dice
        self.began = False
        if not self._greeted and not (self._mood != _ORDERLY and dice.one_in(4)):
            self._greeted = True
            return "json", dice.pick(_ODD_INITS) if dice.one_in(32) else dice.pick(_INITS)
        if self._ids and dice.odds(_BREAKS[self._mood]):
            return self._break()
        shape = dice.below(8)
        if shape == 6 and self._ids:
            return "json", self._end(self._ids.pop(dice.below(len(self._ids))))
        if shape == 7:
            return "json", dice.pick(self._dialect.small_talk)
        return "json", self._begin(self._new_id())

    def _break(self) -> Payload:
        """Something that the protocol forbids, or does not foresee."""
        dice = self._dice
        if self._mood == _WILD and dice.one_in(2):
            return self._say()
        shape = dice.below(8)
        if shape == 0:
            return "json", dice.pick(_INITS)
        if shape == 1:
            return "json", self._begin(dice.pick(self._ids))
        if shape == 2:
            return "json", self._end('"nobody"')
        if shape == 3:
            identity = dice.pick(self._ids)
            return "json", self._end(identity)
        if shape == 4:
            return "json", self._begin(dice.pick(_ODD_IDS))
        if shape == 5:
            kind, identity = quote(self._dialect.begin), self._new_id()
            return "json", f'{{"id": {identity}, "type": {kind}, "payload": {dice.pick(_ODD_PAYLOADS)}}}'
        if shape == 6:
            kind = quote(dice.pick(self._dialect.foreign))
            return "json", f'{{"id": {dice.pick(self._ids)}, "type": {kind}, "payload": {self._operation()}}}'
        return ("bytes", dice.pick(edges.BLOBS)) if dice.one_in(4) else ("json", dice.pick(_ODD_MESSAGES))

    def _begin(self, identity: str) -> str:
        self.began = True
        return f'{{"id": {identity}, "type": {quote(self._dialect.begin)}, "payload": {self._operation()}}}'

    def _end(self, identity: str) -> str:
        return f'{{"id": {identity}, "type": {quote(self._dialect.end)}}}'

    def _new_id(self) -> str:
        identity = quote(str(len(self._ids) + 1))
        self._ids.append(identity)
        return identity
