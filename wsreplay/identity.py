"""Who a client says it is: credentials as placeholders, put into scenarios and taken out again. Pure.

No value of a credential is here. A placeholder is `{{kind:name}}`; what stands for it is put back when a scenario runs.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote_plus

from wsreplay.model import Client, Connect, Kind, Scenario, Send, Step

PLACEHOLDER = re.compile(r"\{\{[^{}]+\}\}")

_MESSAGE = re.compile(r"\{\{message:[^{}]+\}\}")
"""What stands for a credential in a message. Other text in double braces is the app's own affair there."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The credentials of a client: headers, parameters of the query, cookies (each a name and a text with a
    placeholder), subprotocols that it offers before any other, and the messages that it sends before any other.
    """

    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()
    subprotocols: tuple[str, ...] = ()
    messages: tuple[tuple[Kind, str], ...] = ()

    def __bool__(self) -> bool:
        return any((self.headers, self.query, self.cookies, self.subprotocols, self.messages))

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The placeholders in it, each once."""
        pairs = (*self.headers, *self.query, *self.cookies, *self.messages)
        texts = (*(text for _, text in pairs), *self.subprotocols)
        return tuple(dict.fromkeys(found for text in texts for found in PLACEHOLDER.findall(text)))


def identified(scenario: Scenario, identity: Identity) -> Scenario:
    """The scenario with every client giving these credentials; what it said instead gives way."""
    clients = tuple(_introduced(client, identity) for client in scenario.clients)
    if not identity.messages:
        return replace(scenario, clients=clients)
    steps: list[Step] = []
    for step in anonymous(scenario, identity).steps:
        steps.append(step)
        if type(step) is Connect:
            steps += (Send(step.client, kind, data) for kind, data in identity.messages)
    return replace(scenario, clients=clients, steps=tuple(steps))


def anonymous(scenario: Scenario, identity: Identity) -> Scenario:
    """The scenario without these credentials."""
    clients = tuple(_unknown(client, identity) for client in scenario.clients)
    said = set(identity.messages)
    steps = tuple(step for step in scenario.steps if type(step) is not Send or (step.kind, step.data) not in said)
    return replace(scenario, clients=clients, steps=steps)


def _introduced(client: Client, identity: Identity) -> Client:
    bare = _unknown(client, identity)
    names = {name.lower() for name, _ in identity.headers}
    headers = [*identity.headers, *(header for header in bare.headers if header[0].lower() not in names)]
    if identity.cookies:
        given = {name for name, _ in identity.cookies}
        others = [one for one in _cookies(headers) if one.partition("=")[0] not in given]
        cookie = "; ".join([*(f"{name}={text}" for name, text in identity.cookies), *others])
        headers = [*(header for header in headers if header[0].lower() != "cookie"), ("cookie", cookie)]
    asked = {name for name, _ in identity.query}
    parts = [part for part in _parts(bare.query) if unquote_plus(part.partition("=")[0]) not in asked]
    parts += [f"{quote(name, safe='')}={text}" for name, text in identity.query]
    offered = (*identity.subprotocols, *bare.subprotocols)
    return replace(bare, query="&".join(parts), headers=tuple(headers), subprotocols=offered)


def _unknown(client: Client, identity: Identity) -> Client:
    secret = identity.placeholders
    headers: list[tuple[str, str]] = []
    for name, value in client.headers:
        if name.lower() == "cookie":
            kept = "; ".join(one for one in _cookies([(name, value)]) if not mentions(one, secret))
            headers += [(name, kept)] if kept else []
        elif not mentions(value, secret):
            headers.append((name, value))
    query = "&".join(part for part in _parts(client.query) if not mentions(part, secret))
    offered = tuple(name for name in client.subprotocols if name not in identity.subprotocols)
    return replace(client, query=query, headers=tuple(headers), subprotocols=offered)


def _cookies(headers: Iterable[tuple[str, str]]) -> list[str]:
    values = (value for name, value in headers if name.lower() == "cookie")
    return [one.strip() for value in values for one in value.split(";") if one.strip()]


def _parts(query: str) -> list[str]:
    return query.split("&") if query else []


def mentions(text: str | bytes, placeholders: Iterable[str]) -> bool:
    """Whether one of the placeholders stands in the text."""
    if isinstance(text, bytes):
        return any(one.encode() in text for one in placeholders)
    return any(one in text for one in placeholders)


def needed(scenario: Scenario) -> tuple[str, ...]:
    """The placeholders that must be put back before the scenario can run, each once, in order."""
    return tuple(dict.fromkeys(_needed(scenario)))


def missing(scenario: Scenario, known: Container[str]) -> tuple[str, ...]:
    """The placeholders that the scenario needs and that are not among the `known`."""
    return tuple(name for name in needed(scenario) if name not in known)


def _needed(scenario: Scenario) -> Iterator[str]:
    for client in scenario.clients:
        texts = (client.query, *(value for _, value in client.headers), *client.subprotocols)
        for text in texts:
            yield from PLACEHOLDER.findall(text)
    for step in scenario.steps:
        if type(step) is Send:
            data = step.data if isinstance(step.data, str) else step.data.decode("latin-1")
            yield from _MESSAGE.findall(data)
