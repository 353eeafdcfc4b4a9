"""The one registry of strategies: what a user knows of a protocol, for the routes that speak it.

It is filled while hook modules and conftest.py are imported, and read when the scenarios of a route are built.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias, get_args

from hypothesis.strategies import SearchStrategy

from wsreplay.errors import ConfigError
from wsreplay.generation.payloads import Payload

StrategyKind: TypeAlias = Literal["text", "json", "bytes", "graphql"]

_CARRIED: dict[str, str] = {
    "text": "a str that UTF-8 can encode",
    "bytes": "bytes",
    "json": "what json.dumps takes",
    "graphql": "a document as str, or a mapping with 'query' and, if need be, 'variables' and 'operationName'",
}


@dataclass(frozen=True, slots=True)
class Registered:
    """A strategy for the messages of the routes whose path matches the glob `pattern`."""

    pattern: str
    kind: StrategyKind
    strategy: SearchStrategy[Any]

    def payload(self, value: object) -> Payload:
        """What goes over the wire for a drawn value. Raises ConfigError for one that the kind cannot carry; a GraphQL
        operation is no message by itself.
        """
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

    def operation(self, value: object) -> str:
        """The JSON of a GraphQL operation for a drawn value. Raises ConfigError for one that is none."""
        members = {"query": value} if isinstance(value, str) else value
        if not isinstance(members, Mapping) or not isinstance(members.get("query"), str):
            raise self._unfit(value, f"it is {type(value).__name__} without a 'query' of str")
        try:
            return json.dumps(dict(members))
        except (TypeError, ValueError, RecursionError) as error:
            raise self._unfit(value, str(error)) from error

    def _unfit(self, value: object, why: str) -> ConfigError:
        return ConfigError(
            f"the {self.kind} strategy registered for {self.pattern!r} drew {shown(value)}, which it cannot carry: "
            f"{why}",
            f"Make the strategy draw {_CARRIED[self.kind]}, or register it as another kind.",
        )


@dataclass(frozen=True, slots=True)
class RegisteredScenarios:
    """A strategy for whole scenarios of the routes whose path matches the glob `pattern`."""

    pattern: str
    strategy: SearchStrategy[Any]


_registered: list[Registered] = []
_scenarios: list[RegisteredScenarios] = []


def register_message_strategy(pattern: str, kind: StrategyKind, strategy: SearchStrategy[Any]) -> None:
    """Use `strategy` for most messages of the routes whose path (as in `/chat/{room}`) matches the glob `pattern`.

    `kind` is `text` (str), `json` (anything that json.dumps takes), `bytes`, or `graphql` (a document, or a mapping of
    query, variables and operationName; it is started as the route's protocol says). Several may match one route; each
    then gives a share of its messages. Registering the same pattern and kind again replaces the earlier strategy.
    Raises ConfigError for an unknown kind or something that is no strategy.
    """
    if kind not in get_args(StrategyKind):
        raise ConfigError(
            f"a message strategy's kind is 'text', 'json', 'bytes' or 'graphql', but {kind!r} was given for "
            f"{pattern!r}",
            "Pass one of the four as the second argument of register_message_strategy.",
        )
    _require_strategy(strategy, f"register_message_strategy({pattern!r}, {kind!r}, ...)")
    new = Registered(pattern, kind, strategy)
    for index, known in enumerate(_registered):
        if (known.pattern, known.kind) == (pattern, kind):
            _registered[index] = new
            return
    _registered.append(new)


def register_scenario_strategy(pattern: str, strategy: SearchStrategy[Any]) -> None:
    """Use `strategy` for most scenarios of the routes whose path matches the glob `pattern`.

    It draws lists. An item is a message: a str is sent as text, bytes as they are, anything else as JSON; a tuple
    `(client, message)` says whose it is (0, the first, without it). Or an item is a step of `wsreplay.model`: `Wait`,
    `Close`, `Drop`, `Send` and so on. Clients connect by themselves. A whole `Scenario` of the route will do, too.
    Registering the same pattern again replaces the earlier strategy. Raises ConfigError for something that is no
    strategy.
    """
    _require_strategy(strategy, f"register_scenario_strategy({pattern!r}, ...)")
    _scenarios[:] = [known for known in _scenarios if known.pattern != pattern]
    _scenarios.append(RegisteredScenarios(pattern, strategy))


def _require_strategy(strategy: object, call: str) -> None:
    if not isinstance(strategy, SearchStrategy):
        raise ConfigError(
            f"{call} needs a Hypothesis strategy, but got {strategy!r}",
            "Pass a strategy, for example hypothesis.strategies.text().",
        )


def registered_for(path: str) -> tuple[Registered, ...]:
    """The registered strategies for messages of a route, in order of registration."""
    return tuple(known for known in _registered if known.kind != "graphql" and _matches(path, known.pattern))


def operations_for(path: str) -> tuple[Registered, ...]:
    """The registered strategies for GraphQL operations of a route, in order of registration."""
    return tuple(known for known in _registered if known.kind == "graphql" and _matches(path, known.pattern))


def scenarios_for(path: str) -> tuple[RegisteredScenarios, ...]:
    """The registered strategies for scenarios of a route, in order of registration."""
    return tuple(known for known in _scenarios if _matches(path, known.pattern))


def _matches(path: str, pattern: str) -> bool:
    return pattern == path or fnmatchcase(path, pattern)


def shown(value: object) -> str:
    """A drawn value as an error message shows it."""
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def forget_all() -> None:
    """Empty the registry: before hook modules are imported anew, and between tests."""
    _registered.clear()
    _scenarios.clear()


def anything() -> bool:
    """Whether any strategy is registered."""
    return bool(_registered or _scenarios)
