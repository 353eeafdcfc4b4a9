"""Who gets in: checks that are off unless asked for, because only the author knows who should."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from wsreplay.checks.crashes import Account
from wsreplay.checks.history import History
from wsreplay.model import Accepted, Client, Finding

_LOCAL = ("127.0.0.1", "localhost")
"""Where simulated clients connect to, unless a scenario gives them a Host header."""


def ignored_auth(history: History, _account: Account) -> Iterator[Finding]:
    """With credentials configured: a client without any was let in. Credentials stand as `{{name}}` in a scenario."""
    if not history.options.credentials:
        return
    for event in _let_in(history):
        client = history.scenario.clients[event.client]
        if "{{" not in client.query and not any("{{" in value for _, value in client.headers):
            detail = f"Client {event.client} has no credentials, and the app accepted it and let it stay."
            yield history.finding("ignored_auth", "accepted", detail, event)


def missing_origin_check(history: History, _account: Account) -> Iterator[Finding]:
    """A client that comes from a page of another site was let in."""
    for event in _let_in(history):
        origin = _foreign_origin(history.scenario.clients[event.client])
        if origin:
            detail = f"Client {event.client} comes from a page of {origin}, and the app accepted it and let it stay."
            yield history.finding("missing_origin_check", "accepted", detail, event)


def _let_in(history: History) -> Iterator[Accepted]:
    for _, event in history.of(Accepted):
        # An app that accepts in order to say why it closes has refused.
        if history.life(event.client).close_code is None:
            yield event


def _foreign_origin(client: Client) -> str:
    headers = {name.lower(): value for name, value in client.headers}
    origin = headers.get("origin", "")
    host = urlsplit(origin).netloc.rpartition("@")[2]
    if "host" in headers:
        return origin if host and host != headers["host"] else ""
    return origin if host and host.split(":")[0] not in _LOCAL else ""
