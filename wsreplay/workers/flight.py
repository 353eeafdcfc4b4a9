"""A scenario as bytes, for the record of what is in flight: made before every run, so it must cost next to nothing.

`marshal` is for one interpreter only, as is the record; it takes plain tuples, any text and any integer.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from wsreplay.model import Client, Close, Connect, Drop, Pause, Profile, Resume, Scenario, Send, Wait

Tally = tuple[int, int, int]

_CLASSES: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Connect, attrgetter("client")),
    (Send, attrgetter("client", "kind", "data")),
    (Wait, attrgetter("seconds")),
    (Close, attrgetter("client", "code", "reason")),
    (Drop, attrgetter("client")),
    (Pause, attrgetter("client")),
    (Resume, attrgetter("client")),
)
_TAGS = {cls: (tag, read) for tag, (cls, read) in enumerate(_CLASSES)}
_CLIENT = attrgetter("path", "query", "headers", "subprotocols")


def packed(scenario: Scenario, tally: Tally) -> bytes:
    """The scenario, and how far its search has come, as bytes."""
    steps = [(tag, read(step)) for step in scenario.steps for tag, read in (_TAGS[type(step)],)]
    clients = [_CLIENT(client) for client in scenario.clients]
    return marshal.dumps((scenario.route, clients, steps, scenario.profile.sends, tally))


def unpacked(data: bytes) -> tuple[Scenario, Tally]:
    """What `packed` was given."""
    route, clients, steps, sends, tally = marshal.loads(data)  # noqa: S302 - from our own process
    made = [_CLASSES[tag][0](*(values if isinstance(values, tuple) else (values,))) for tag, values in steps]
    return Scenario(route, tuple(Client(*client) for client in clients), tuple(made), Profile(sends)), tally
