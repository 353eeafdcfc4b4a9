"""What the tables of pytest-routes, our predecessor, mean for us, so that its users need not change anything.

Only what concerns WebSockets is read; keys of its HTTP side are no business of ours, and none is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

NAME = "pytest-routes"

GENERAL = {"app": "app", "max_examples": "max_examples", "seed": "seed"}

WEBSOCKET = {
    "max_messages": "max_messages",
    "connection_timeout": "connection_timeout",
    "message_timeout": "message_timeout",
    "max_message_size": "max_message_size",
    "test_close_codes": "close_codes",
    "validate_subprotocols": "validate_subprotocols",
    "include": "include",
    "exclude": "exclude",
}


def values(table: object) -> Iterator[tuple[str, str, Any]]:
    """For each value in `[tool.pytest-routes]` that we understand: where it stands, our key, and the value."""
    if not isinstance(table, dict):
        return
    where = f"[tool.{NAME}]"
    for theirs, ours in GENERAL.items():
        if theirs in table:
            yield f"{where}: {theirs}", ours, table[theirs]
    auth = table.get("auth")
    if isinstance(auth, dict):
        if "bearer_token" in auth:
            yield f"{where}: auth", "auth", [f"bearer:{auth['bearer_token']}"]
        elif "api_key" in auth and "query_param" not in auth:
            yield f"{where}: auth", "auth", [f"header:{auth.get('header_name', 'X-API-Key')}:{auth['api_key']}"]
    websocket = table.get("websocket")
    if isinstance(websocket, dict):
        for theirs, ours in WEBSOCKET.items():
            if theirs in websocket:
                yield f"[tool.{NAME}.websocket]: {theirs}", ours, websocket[theirs]
