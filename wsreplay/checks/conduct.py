"""What the app put on the wire, and how it took its leave."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from wsreplay.checks.crashes import Account
from wsreplay.checks.history import History, text_of
from wsreplay.model import LONG, MOST_IN_ALL, MOST_KEPT, Accepted, Closed, Crashed, Denied, Ended, Finding, Message

MAX_QUOTE = 200
"""Characters of a reply that a finding quotes."""

_CONSTANT = re.compile(r"\b(?:NaN|Infinity)\b")
_HEADLINE = "Traceback (most recent call last)"
# As text, inside JSON (escaped once or more), inside HTML.
_TRACEBACK = re.compile(re.escape(_HEADLINE) + r""".{0,40}?\s*File (?:\\*"|&quot;|&#34;)""", re.DOTALL)
_JSON_PROTOCOLS = ("json", "graphql-ws", "graphql-transport-ws")


def invalid_payload(history: History, account: Account) -> Iterator[Finding]:
    """Text that cannot go over the wire, and replies that are JSON by declaration or nearly, but not quite."""
    yield from account.of("invalid_payload")
    declared = {event.client for _, event in history.of(Accepted) if _speaks_json(event.subprotocol)}
    for index, event in _whole(history):
        if not isinstance(event.data, str):
            continue
        wrong = _json_fault(event.data, event.client in declared)
        if wrong is None or (wrong == "json-constant" and _repeated(history, index)):
            continue
        what = "is no JSON, which its subprotocol declares"
        if wrong == "json-constant":
            what = "holds NaN or Infinity, which JSON does not know: a strict parser refuses it"
        yield history.finding(
            check="invalid_payload",
            cause=wrong,
            detail=f"A reply to client {event.client} {what}.",
            message=event.data[:MAX_QUOTE],
            event=event,
        )


def _whole(history: History) -> Iterator[tuple[int, Message]]:
    """The app's messages of which the transcript holds the end."""
    kept = 0
    for index, event in history.of(Message):
        if event.origin != "app":
            continue
        size = len(event.data)
        cut = size >= MOST_KEPT or (size == LONG and kept > MOST_IN_ALL - MOST_KEPT)
        kept += size if size >= LONG else 0
        if not cut:
            yield index, event


def _speaks_json(subprotocol: str | None) -> bool:
    name = (subprotocol or "").lower()
    return name in _JSON_PROTOCOLS or name.endswith((".json", "+json"))


def _json_fault(text: str, declared: bool) -> str | None:
    suspect = text[:1] in ("{", "[") and _mentions_constant(text)
    if not (declared or suspect):
        return None
    try:
        json.loads(text, parse_constant=_refuse)
    except _ConstantError:
        return "json-constant" if _is_lenient_json(text) else None
    except (ValueError, RecursionError):
        return "json-syntax" if declared else None
    return None


class _ConstantError(Exception):
    pass


def _refuse(constant: str) -> None:
    raise _ConstantError(constant)


def _is_lenient_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _mentions_constant(text: str) -> bool:
    # A text is looked through for a letter much faster than by an expression that begins with a boundary.
    return ("NaN" in text or "Infinity" in text) and _CONSTANT.search(text) is not None


def _repeated(history: History, index: int) -> bool:
    return any(history.said(constant, index) for constant in ("NaN", "Infinity"))


def traceback_leak(history: History, _account: Account) -> Iterator[Finding]:
    """A Python traceback went to a client that had not sent it."""
    for index, event, where, text in _told(history):
        if _TRACEBACK.search(text) and not history.said(_HEADLINE, index):
            detail = f"A {where} to client {event.client} carries a Python traceback."
            yield history.finding("traceback_leak", where, detail, event, message=text[:MAX_QUOTE])


def _told(history: History) -> Iterator[tuple[int, Message | Closed | Denied, str, str]]:
    for index, event in history.of(Message):
        if event.origin == "app" and _mentions_traceback(event.data):
            yield index, event, "reply", text_of(event.data)
    for index, closed in history.of(Closed):
        if closed.origin == "app" and _HEADLINE in closed.reason:
            yield index, closed, "close reason", closed.reason
    for index, denied in history.of(Denied):
        if _mentions_traceback(denied.body):
            yield index, denied, "denial", text_of(denied.body)


def _mentions_traceback(data: str | bytes) -> bool:
    # Most payloads are neither: look before decoding.
    return _HEADLINE in data if isinstance(data, str) else _HEADLINE.encode() in data


def missing_close(history: History, _account: Account) -> Iterator[Finding]:
    """A handler returned and left its client without a goodbye."""
    excused = {event.client for _, event in history.of(Crashed)}
    for index, event in history.of(Ended):
        if event.cause != "returned" or event.client in excused or history.blocked(event.client):
            continue
        cause = "returned"
        detail = f"without closing the connection: the client sees {history.options.return_code}."
        if not history.accepted(event.client, index):
            cause, detail = "unanswered", "without answering the handshake: the client gets an HTTP 500."
        detail = f"The handler of client {event.client} returned {detail}"
        yield history.finding("missing_close", cause, detail, event, severity="warning")
