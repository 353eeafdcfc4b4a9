"""Who gets in: checks that are off unless asked for, because only the author knows who should."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, unquote_plus, urlsplit

from wsreplay.checks.crashes import Account
from wsreplay.checks.history import History
from wsreplay.identity import mentions
from wsreplay.model import Accepted, Client, Consumed, Finding, Message, Send

_LOCAL = ("127.0.0.1", "localhost")
"""Where simulated clients connect to, unless a scenario gives them a Host header."""


def ignored_auth(history: History, _account: Account) -> Iterator[Finding]:
    """With credentials configured: a client without any was let in.

    Who is let in has been sent something, or a message of its own was read, and the app has not closed. Where a first
    message tells who a client is, the app accepts everybody and answers a wrong one otherwise than the right one: only
    a client that is answered all the same has been let in.
    """
    if not history.options.credentials:
        return
    for event in _let_in(history):
        if _has_credentials(history, event.client):
            continue
        if history.options.first_message or _by_message(history):
            served = any(_answered_alike(history, known, event.client) for known in _known(history))
            detail = f"Client {event.client} has no credentials, and is answered as a client is that has."
        else:
            served = _served(history, event.client)
            detail = f"Client {event.client} has no credentials, and the app accepted it and let it stay."
        if served:
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


def _has_credentials(history: History, number: int) -> bool:
    client = history.scenario.clients[number]
    wanted = history.options.credentials
    texts = (client.query, *(value for _, value in client.headers), *client.subprotocols)
    if any(mentions(text, wanted) for text in texts) or _claims(client) & set(wanted):
        return True
    return any(mentions(step.data, wanted) for step in _sent(history, number))


def _claims(client: Client) -> set[str]:
    """The placeholders of what a client says by itself: who guesses a credential has one."""
    headers = {name.lower(): value for name, value in client.headers}
    cookies = (one.partition("=")[0].strip() for one in headers.get("cookie", "").split(";"))
    asked = (unquote_plus(part.partition("=")[0]) for part in client.query.split("&"))
    return {
        *(f"{{{{header:{name}}}}}" for name in headers),
        *(f"{{{{cookie:{name}}}}}" for name in cookies),
        *(f"{{{{query:{quote(name, safe='')}}}}}" for name in asked),
    }


def _by_message(history: History) -> bool:
    """Whether a client of this scenario tells who it is in a message."""
    return any(type(step) is Send and mentions(step.data, ("{{message:",)) for step in history.scenario.steps)


def _known(history: History) -> Iterator[int]:
    numbers = range(len(history.scenario.clients))
    return (number for number in numbers if any(mentions(one.data, ("{{message:",)) for one in _sent(history, number)))


def _sent(history: History, number: int) -> list[Send]:
    return [step for step in history.scenario.steps if type(step) is Send and step.client == number]


def _served(history: History, number: int) -> bool:
    """Whether the app sent something to the client, or read what it sent and did not end before it left."""
    if any(event.client == number and event.origin == "app" for _, event in history.of(Message)):
        return True
    life = history.life(number)
    return life.left < life.ended and any(event.client == number for _, event in history.of(Consumed))


def _answered_alike(history: History, known: int, unknown: int) -> bool:
    """Whether two clients that send the same, but for what is secret, get the same answers, and these tell something:
    the secret itself was answered, or different messages got different answers.
    """
    pairs = list(zip(_sent(history, known), _sent(history, unknown), strict=False))
    if len(pairs) != len(_sent(history, known)) or len(pairs) != len(_sent(history, unknown)):
        return False
    if any(one.data != other.data and not mentions(one.data, ("{{message:",)) for one, other in pairs):
        return False
    answers = _answers(history, known)
    if answers != _answers(history, unknown):
        return False
    secret = [place for place, (one, _) in enumerate(pairs) if mentions(one.data, ("{{message:",))]
    return any(answers[place] for place in secret) or len({answer for answer in answers if answer}) > 1


def _answers(history: History, number: int) -> list[tuple[str | bytes, ...]]:
    """What the app sent to a client during each step in which it sent something."""
    steps = history.scenario.steps
    places = [place for place, step in enumerate(steps) if type(step) is Send and step.client == number]
    given: dict[int, list[str | bytes]] = {place: [] for place in places}
    for _, event in history.of(Message):
        if event.client == number and event.origin == "app" and event.step in given:
            given[event.step].append(event.data)
    return [tuple(given[place]) for place in places]


def _foreign_origin(client: Client) -> str:
    headers = {name.lower(): value for name, value in client.headers}
    origin = headers.get("origin", "")
    host = urlsplit(origin).netloc.rpartition("@")[2]
    if "host" in headers:
        return origin if host and host != headers["host"] else ""
    return origin if host and host.split(":")[0] not in _LOCAL else ""
