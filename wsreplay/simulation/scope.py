"""The connection scope of a simulated client: the keys, types and order of uvicorn's default implementation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from wsreplay.errors import ScenarioError
from wsreplay.model import Client

SERVER = ("127.0.0.1", 8000)
FIRST_PORT = 50000
_KEY = b"d3NyZXBsYXkgd3NyZXBsYXk="
_PLACEHOLDER = re.compile(r"\{\{[^{}]+\}\}")


def build(client: Client, number: int, secrets: Mapping[str, str], state: dict[str, Any]) -> dict[str, Any]:
    """Build the scope for client `number`; placeholders in its headers and query are replaced from `secrets`.

    Raises ScenarioError when a placeholder has no value.
    """
    headers = _headers(client, secrets)
    query = put_back(client.query, secrets, "the query") if "{{" in client.query else client.query
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "server": SERVER,
        "client": ("127.0.0.1", FIRST_PORT + number),
        "root_path": "",
        "path": client.path,
        "raw_path": quote(client.path, safe="/:@!$&'()*+,;=~-._", errors="surrogatepass").encode("ascii"),
        "query_string": query.encode("utf-8", "surrogatepass"),
        "headers": headers,
        "subprotocols": list(client.subprotocols),
        "state": state.copy(),
        "extensions": {"websocket.http.response": {}},
    }


def _headers(client: Client, secrets: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    own = [
        (name.lower().encode("latin-1", "replace"), put_back(value, secrets, f"the header {name!r}").encode("utf-8"))
        for name, value in client.headers
    ]
    names = {name for name, _ in own}
    headers = [
        (b"host", f"{SERVER[0]}:{SERVER[1]}".encode()),
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-key", _KEY),
        (b"sec-websocket-version", b"13"),
        (b"user-agent", b"wsreplay"),
    ]
    headers = [pair for pair in headers if pair[0] not in names]
    if client.subprotocols:
        headers.append((b"sec-websocket-protocol", ", ".join(client.subprotocols).encode("latin-1", "replace")))
    return headers + own


def put_back(text: str, secrets: Mapping[str, str], where: str) -> str:
    """Replace the placeholders in `text` by the credentials they stand for."""
    if "{{" not in text:
        return text
    for placeholder in _PLACEHOLDER.findall(text):
        if placeholder not in secrets:
            raise ScenarioError(
                f"{where} needs the credential {placeholder}, which was not given",
                f"Give it as it was given when the entry was found: -H or --auth ({placeholder}).",
            )
        text = text.replace(placeholder, secrets[placeholder])
    return text
