"""The connection scope of a simulated client: the keys, types and order of uvicorn's default implementation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from wsreplay.errors import CredentialError
from wsreplay.identity import PLACEHOLDER
from wsreplay.model import Client, Scenario, Send

SERVER = ("127.0.0.1", 8000)
FIRST_PORT = 50000
MAX_TEMPLATES = 256
"""Peers whose scope is remembered; most scenarios share a few."""
_KEY = b"d3NyZXBsYXkgd3NyZXBsYXk="


class Scopes:
    """Builds scopes. `secrets` replace placeholders; `state` is the lifespan's, of which each scope gets a copy."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = secrets
        self._templates: dict[Client, tuple[dict[str, Any], list[tuple[bytes, bytes]]]] = {}
        self.state: dict[str, Any] = {}

    def know(self, secrets: Mapping[str, str]) -> None:
        """Put other credentials in from now on."""
        if secrets != self._secrets:
            self._secrets = secrets
            self._templates.clear()

    def build(self, client: Client, number: int) -> dict[str, Any]:
        """Build the scope for client `number`. Raises ScenarioError when a placeholder has no value."""
        template = self._templates.get(client)
        if template is None:
            if len(self._templates) >= MAX_TEMPLATES:
                self._templates.clear()
            template = self._templates[client] = (self._template(client), _headers(client, self._secrets))
        scope = template[0].copy()
        scope["client"] = ("127.0.0.1", FIRST_PORT + number)
        scope["headers"] = template[1].copy()
        scope["subprotocols"] = list(client.subprotocols)
        scope["state"] = self.state.copy()
        scope["extensions"] = {"websocket.http.response": {}}
        return scope

    def _template(self, client: Client) -> dict[str, Any]:
        query = put_back(client.query, self._secrets, "the query")
        return {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "server": SERVER,
            "client": None,
            "root_path": "",
            "path": client.path,
            "raw_path": quote(client.path, safe="/:@!$&'()*+,;=~-._", errors="surrogatepass").encode("ascii"),
            "query_string": _encoded(query),
        }


def _headers(client: Client, secrets: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    own = [
        (name.lower().encode("latin-1", "replace"), _encoded(put_back(value, secrets, f"the header {name!r}")))
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


def _encoded(text: str) -> bytes:
    # An entry may hold any text; what is no Unicode goes over the wire all the same.
    return text.encode("utf-8", "surrogatepass")


def put_back(text: str, secrets: Mapping[str, str], where: str) -> str:
    """Replace the placeholders in `text` by the credentials they stand for; CredentialError for one without."""
    if "{{" not in text:
        return text
    missing = tuple(found for found in PLACEHOLDER.findall(text) if found not in secrets)
    if missing:
        raise CredentialError(missing, where)
    return PLACEHOLDER.sub(lambda found: secrets[found[0]], text)


def filled(scenario: Scenario, secrets: Mapping[str, str]) -> Scenario:
    """Return `scenario` with the credentials in its messages and subprotocols; other text in double braces in messages
    is the app's own affair.
    """
    steps = tuple([_filled(step, secrets) if type(step) is Send else step for step in scenario.steps])
    clients = tuple([_offering(client, secrets) for client in scenario.clients])
    return replace(scenario, steps=steps, clients=clients)


def _offering(client: Client, secrets: Mapping[str, str]) -> Client:
    if not any("{{" in name for name in client.subprotocols):
        return client
    return replace(client, subprotocols=tuple(put_back(one, secrets, "a subprotocol") for one in client.subprotocols))


def _filled(step: Send, secrets: Mapping[str, str]) -> Send:
    if isinstance(step.data, bytes):
        data = step.data.decode("utf-8", "surrogateescape")
        if "{{" not in data:
            return step
        return replace(step, data=_known(data, secrets).encode("utf-8", "surrogateescape"))
    return replace(step, data=_known(step.data, secrets)) if "{{" in step.data else step


def _known(text: str, secrets: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: secrets.get(found[0], found[0]), text)
