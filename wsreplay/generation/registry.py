"""The one registry of message strategies: what a user knows of a protocol, for the routes that speak it.

It is filled while hook modules are imported and read when the scenarios of a route are built.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, get_args

from hypothesis.strategies import SearchStrategy

from wsreplay.errors import ConfigError
from wsreplay.generation.payloads import Payload
from wsreplay.model import Kind


@dataclass(frozen=True, slots=True)
class Registered:
    """A strategy for the messages of the routes whose path matches the glob `pattern`."""

    pattern: str
    kind: Kind
    strategy: SearchStrategy[Any]

    def payload(self, value: object) -> Payload:
        """What goes over the wire for a drawn value. Raises ConfigError for one that the kind cannot carry."""
        if self.kind == "bytes" and isinstance(value, bytes | bytearray | memoryview):
            return self.kind, bytes(value)
        try:
            if self.kind == "json":
                return self.kind, json.dumps(value)
            if self.kind == "text" and isinstance(value, str):
                value.encode()
                return self.kind, value
        except (TypeError, ValueError, RecursionError) as error:
            raise self._unfit(value, str(error)) from error
        raise self._unfit(value, f"it is {type(value).__name__}")

    def _unfit(self, value: object, why: str) -> ConfigError:
        shown = ascii(value)
        shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
        carried = {"text": "a str that UTF-8 can encode", "bytes": "bytes", "json": "what json.dumps takes"}[self.kind]
        return ConfigError(
            f"the {self.kind} strategy registered for {self.pattern!r} drew {shown}, which it cannot carry: {why}",
            f"Make the strategy draw {carried}, or register it as another kind.",
        )


_registered: list[Registered] = []


def register_message_strategy(pattern: str, kind: Kind, strategy: SearchStrategy[Any]) -> None:
    """Use `strategy` for most messages of the routes whose path (as in `/chat/{room}`) matches the glob `pattern`.

    `kind` is `text` (str), `json` (anything that json.dumps takes) or `bytes`. Several may match one route; each then
    gives a share of its messages. Registering the same pattern and kind again replaces the earlier strategy. Raises
    ConfigError for an unknown kind or something that is no strategy.
    """
    if kind not in get_args(Kind):
        raise ConfigError(
            f"a message strategy's kind is 'text', 'json' or 'bytes', but {kind!r} was given for {pattern!r}",
            "Pass one of the three as the second argument of register_message_strategy.",
        )
    if not isinstance(strategy, SearchStrategy):
        raise ConfigError(
            f"register_message_strategy({pattern!r}, {kind!r}, ...) needs a Hypothesis strategy, but got {strategy!r}",
            "Pass a strategy, for example hypothesis.strategies.text().",
        )
    new = Registered(pattern, kind, strategy)
    for index, known in enumerate(_registered):
        if (known.pattern, known.kind) == (pattern, kind):
            _registered[index] = new
            return
    _registered.append(new)


def registered_for(path: str) -> tuple[Registered, ...]:
    """The registered strategies whose pattern matches a route's path, in order of registration."""
    return tuple(known for known in _registered if known.pattern == path or fnmatchcase(path, known.pattern))


def forget_all() -> None:
    """Empty the registry: before hook modules are imported anew, and between tests."""
    _registered.clear()


def anything() -> bool:
    """Whether any strategy is registered."""
    return bool(_registered)
