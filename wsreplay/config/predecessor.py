"""What the tables of pytest-routes, our predecessor, mean for us, so that its users need not change anything.

Only what concerns WebSockets is read; keys of its HTTP side are no business of ours, and none is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from wsreplay.config.variables import literal

NAME: Final = "pytest-routes"

GENERAL: Final = {"app": "app", "max_examples": "max_examples", "seed": "seed"}

WEBSOCKET: Final = {
    "max_messages": "max_messages",
    "connection_timeout": "connection_timeout",
    "message_timeout": "message_timeout",
    "max_message_size": "max_message_size",
    "test_close_codes": "close_codes",
    "validate_subprotocols": "validate_subprotocols",
    "include": "include",
    "exclude": "exclude",
}

Value: TypeAlias = tuple[str, str, Any]
"""Where a value stands, our key for it, and the value."""


@dataclass(frozen=True, slots=True)
class Said:
    """What pytest-routes was told: values, the same for globs of routes, and whether to test WebSockets."""

    values: tuple[Value, ...] = ()
    blocks: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    enabled: object = True
    where: str = f"[tool.{NAME}.websocket]: enabled"


def understood(table: object) -> Said:
    """What we understand of `[tool.pytest-routes]`."""
    if not isinstance(table, dict):
        return Said()
    websocket = table.get("websocket")
    websocket = websocket if isinstance(websocket, dict) else {}
    values = [*_renamed(table, GENERAL, f"[tool.{NAME}]"), *_auth(table, f"[tool.{NAME}]")]
    values += _renamed(websocket, WEBSOCKET, f"[tool.{NAME}.websocket]")
    blocks, skipped = _overrides(table.get("routes"))
    if skipped:
        where = f"[tool.{NAME}.websocket]: exclude"
        given = _literal(websocket.get("exclude", []))
        values.append((where, "exclude", [*([given] if isinstance(given, str) else given), *skipped]))
    return Said(tuple(values), tuple(blocks), websocket.get("enabled", True))


def _renamed(table: Mapping[str, Any], names: Mapping[str, str], where: str) -> Iterator[Value]:
    for theirs, ours in names.items():
        if theirs in table:
            # A dollar is nothing special to pytest-routes, but for credentials.
            yield f"{where}: {theirs}", ours, _literal(table[theirs])


def _literal(value: Any) -> Any:
    if isinstance(value, list):
        return [_literal(one) for one in value]
    return literal(value) if isinstance(value, str) else value


def _overrides(routes: object) -> tuple[list[tuple[str, tuple[Value, ...]]], list[str]]:
    """The blocks for single routes, and the globs of those that are left out."""
    blocks: list[tuple[str, tuple[Value, ...]]] = []
    skipped: list[str] = []
    for number, route in enumerate(routes if isinstance(routes, list) else [], 1):
        glob = route.get("pattern") if isinstance(route, dict) else None
        if not isinstance(glob, str) or not glob:
            continue
        where = f"[[tool.{NAME}.routes]] number {number}"
        values = (*_renamed(route, {"max_examples": "max_examples"}, where), *_auth(route, where))
        if route.get("skip") is True:
            skipped.append(literal(glob))
        elif values:
            blocks.append((glob, values))
    return blocks, skipped


def _auth(table: Mapping[str, Any], where: str) -> Iterator[Value]:
    auth = table.get("auth")
    if not isinstance(auth, dict):
        return
    if "bearer_token" in auth:
        yield f"{where}: auth", "auth", [f"bearer:{_secret(auth['bearer_token'])}"]
    elif "api_key" in auth:
        key, query = _secret(auth["api_key"]), auth.get("query_param")
        header = auth.get("header_name", None if query else "X-API-Key")
        forms = [f"header:{header}:{key}"] if header else []
        yield f"{where}: auth", "auth", [*forms, *([f"query:{query}:{key}"] if query else [])]


def _secret(value: object) -> str:
    """A credential as we write it: theirs is a variable if it begins with a dollar, and else what it is."""
    text = str(value)
    return f"${{{text[1:]}}}" if text.startswith("$") else literal(text)
