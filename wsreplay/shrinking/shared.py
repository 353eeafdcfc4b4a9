"""The pass over what occurs more than once: a name that two clients give is simplified in all places at once.

Places are leaves of JSON messages, whole messages, words of texts, and values in paths and queries.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from wsreplay.model import Client, Scenario, Send, Step
from wsreplay.shrinking.handshakes import path_values, with_path_values
from wsreplay.shrinking.payloads import parsed, written
from wsreplay.shrinking.search import Search
from wsreplay.shrinking.texts import simplify_bytes
from wsreplay.shrinking.values import at, leaves, plainer_scalar, put

VALUES = 12
"""Values that are looked at."""

LARGE = 4096
"""A message longer than this shares nothing with another but itself."""

_WORD = re.compile(r"\w+")


def plainer_shared(search: Search) -> None:
    """Simplify each value that occurs more than once, everywhere."""
    counts = Counter(_key(value) for value in _values(search.best))
    for kind, value in [key for key, count in counts.items() if count > 1][:VALUES]:
        attempt = _everywhere(search, value)
        if kind is bytes:
            simplify_bytes(value, attempt)
        else:
            plainer_scalar(value, attempt)


def _key(value: Any) -> tuple[type, Any]:
    # True equals 1, and 1.0 too.
    return type(value), value


def _everywhere(search: Search, value: Any) -> Callable[[Any], bool]:
    current = value

    def attempt(new: Any) -> bool:
        nonlocal current
        if not search.accepts(_replaced(search.best, current, new)):
            return False
        current = new
        return True

    return attempt


def _values(scenario: Scenario) -> Iterator[Any]:
    for client in scenario.clients:
        yield from path_values(scenario, client.path)
        yield from _query_values(client.query)
    for step in scenario.steps:
        if isinstance(step, Send) and len(step.data) > LARGE:
            yield step.data
        elif isinstance(step, Send):
            yield from _of_message(step)


def _of_message(send: Send) -> Iterator[Any]:
    value = parsed(send)
    if value is not None:
        yield from (leaf for path in leaves(value) if _telling(leaf := at(value, path)))
        return
    if send.data:
        yield send.data
    if isinstance(send.data, str):
        yield from (word for word in _WORD.findall(send.data) if word != send.data)


def _telling(leaf: Any) -> bool:
    """Whether it says something that two places have the same: not for `null`, `true`, `0` or nothing."""
    return isinstance(leaf, str | int | float) and not isinstance(leaf, bool) and leaf not in ("", 0)


def _replaced(scenario: Scenario, old: Any, new: Any) -> Scenario:
    clients = tuple(_in_client(scenario, client, old, new) for client in scenario.clients)
    return replace(scenario, clients=clients, steps=tuple(_in_step(step, old, new) for step in scenario.steps))


def _in_client(scenario: Scenario, client: Client, old: Any, new: Any) -> Client:
    if not isinstance(old, str):
        return client
    # A parameter is never empty.
    values = [new if new and value == old else value for value in path_values(scenario, client.path)]
    parts = [
        f"{name}={new}" if equals and value == old else f"{name}{equals}{value}"
        for name, equals, value in (part.partition("=") for part in client.query.split("&"))
    ]
    return replace(client, path=with_path_values(scenario, client.path, values), query="&".join(parts))


def _in_step(step: Step, old: Any, new: Any) -> Step:
    if not isinstance(step, Send):
        return step
    if step.data == old:
        return replace(step, data=new)
    if len(step.data) > LARGE:
        return step
    value = parsed(step)
    if value is not None:
        changed = value
        for path in leaves(value):
            if _key(at(value, path)) == _key(old):
                changed = put(changed, path, new)
        text = written(changed) if changed is not value else None
        return step if text is None else replace(step, data=text)
    if isinstance(step.data, str) and isinstance(old, str):
        return replace(step, data=_WORD.sub(lambda word: new if word[0] == old else word[0], step.data))
    return step


def _query_values(query: str) -> Iterator[str]:
    for part in query.split("&"):
        _, _, value = part.partition("=")
        if value and "{{" not in value:
            yield value
