"""The ASGI WebSocket protocol, seen from the server: which event an app may send in which state, as data.

Source: the ASGI specification, "WebSocket" (version 2.4) and its `websocket.http.response` extension; where it is
silent, what uvicorn's default implementation does. There is no I/O here and no clock.

The rules, by name. A name is part of a finding's cause, so it never changes its meaning:

event-type       an event is a mapping whose `type` is one of the names that the specification lists
accept-first     before `websocket.accept` only accept, close, or the start of an HTTP response may be sent
accept-once      a connection is accepted once
after-close      nothing is sent after `websocket.close` or after a complete HTTP response
denial-order     an HTTP response is one start, then bodies, the last without `more_body`
payload-missing  `websocket.send` carries `bytes` or `text`, and one of them is not None
payload-type     `text` is a str, `bytes` is bytes-like, `status` an int, `code` an int, `reason` a str
payload-encoding `text` and `reason` can be encoded as UTF-8 (RFC 6455, 5.6)
close-code       a close code is 1000-1003, 1007-1014 or 3000-4999 (RFC 6455, 7.4; the IANA registry)
close-reason     a close reason is at most 123 bytes of UTF-8 (RFC 6455, 5.5)
subprotocol      an accepted subprotocol is one of those that the client offered (RFC 6455, 4.2.2)
header           headers are pairs of byte strings
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

MAX_REASON_BYTES = 123
"""The payload of a control frame is 125 bytes, two of which are the code."""

RULES = (
    "event-type",
    "accept-first",
    "accept-once",
    "after-close",
    "denial-order",
    "payload-missing",
    "payload-type",
    "payload-encoding",
    "close-code",
    "close-reason",
    "subprotocol",
    "header",
)


class State(Enum):
    """Where a connection stands, from the app's side."""

    CONNECTING = "connecting"
    OPEN = "open"
    DENYING = "denying"
    REJECTED = "rejected"
    DENIED = "denied"
    CLOSED = "closed"


ACCEPT = "websocket.accept"
SEND = "websocket.send"
CLOSE = "websocket.close"
DENIAL_START = "websocket.http.response.start"
DENIAL_BODY = "websocket.http.response.body"

# What each event leads to. An event that is absent from a state's row breaks the rule that MISPLACED names.
TRANSITIONS: Mapping[State, Mapping[str, State]] = {
    State.CONNECTING: {ACCEPT: State.OPEN, CLOSE: State.REJECTED, DENIAL_START: State.DENYING},
    State.OPEN: {SEND: State.OPEN, CLOSE: State.CLOSED},
    State.DENYING: {DENIAL_BODY: State.DENIED},
    State.REJECTED: {},
    State.DENIED: {},
    State.CLOSED: {},
}

MISPLACED: Mapping[State, Mapping[str, str]] = {
    State.CONNECTING: {SEND: "accept-first", DENIAL_BODY: "denial-order"},
    State.OPEN: {ACCEPT: "accept-once", DENIAL_START: "accept-once", DENIAL_BODY: "denial-order"},
    State.DENYING: dict.fromkeys((ACCEPT, SEND, CLOSE, DENIAL_START), "denial-order"),
    State.REJECTED: dict.fromkeys((ACCEPT, SEND, CLOSE, DENIAL_START, DENIAL_BODY), "after-close"),
    State.DENIED: dict.fromkeys((ACCEPT, SEND, CLOSE, DENIAL_START, DENIAL_BODY), "after-close"),
    State.CLOSED: dict.fromkeys((ACCEPT, SEND, CLOSE, DENIAL_START, DENIAL_BODY), "after-close"),
}


@dataclass(frozen=True, slots=True)
class Breach:
    """An event that the protocol does not allow: the rule by name, and a sentence for a person."""

    rule: str
    detail: str


def legal_close_code(code: int) -> bool:
    """Whether servers send this code in a close frame."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def judge(state: State, event: object, offered: tuple[str, ...] = ()) -> tuple[State, Breach | None]:
    """Return the state that `event` leads to, and the breach if it is not allowed (the state then stays).

    `offered` are the subprotocols of the client's handshake.
    """
    if state is State.OPEN and type(event) is dict and event.get("type") == SEND:
        # By far the commonest event: told from its exact types, without the tables.
        text = event.get("text")
        if type(text) is str and text.isascii() and event.get("bytes") is None:
            return state, None
    name = event.get("type") if isinstance(event, Mapping) else None
    if not isinstance(event, Mapping) or not isinstance(name, str):
        return state, Breach("event-type", f"the app sent {_show(event)}, which is no event with a type")
    following = TRANSITIONS[state].get(name)
    if following is None:
        return state, _misplaced(state, name)
    payload = _rejection if following is State.REJECTED else _PAYLOADS[name]
    breach = payload(event, offered)
    if breach is not None:
        return state, breach
    if name == DENIAL_BODY and event.get("more_body", False):
        following = State.DENYING
    return following, None


def _misplaced(state: State, name: str) -> Breach:
    rule = MISPLACED[state].get(name)
    if rule is None:
        return Breach("event-type", f"the app sent {name!r}, which is no event of a WebSocket connection")
    return Breach(rule, f"the app sent {name!r} while the connection was {state.value}")


def _accept(event: Mapping[str, object], offered: tuple[str, ...]) -> Breach | None:
    subprotocol = event.get("subprotocol")
    if subprotocol is not None and not isinstance(subprotocol, str):
        return Breach("payload-type", f"a subprotocol is a str, the app sent {_show(subprotocol)}")
    if subprotocol and subprotocol not in offered:
        offer = ", ".join(offered) or "none"
        return Breach("subprotocol", f"the app chose the subprotocol {subprotocol!r}; the client offered: {offer}")
    return _headers(event)


def _send(event: Mapping[str, object], _offered: tuple[str, ...]) -> Breach | None:
    data, text = event.get("bytes"), event.get("text")
    if data is not None:
        if isinstance(data, bytes | bytearray | memoryview):
            return None
        return Breach("payload-type", f"`bytes` of websocket.send is bytes-like, the app sent {_show(data)}")
    if text is None:
        return Breach("payload-missing", "websocket.send carried neither `text` nor `bytes`")
    if not isinstance(text, str):
        return Breach("payload-type", f"`text` of websocket.send is a str, the app sent {_show(text)}")
    return _encodable(text, "text")


def _close(event: Mapping[str, object], _offered: tuple[str, ...]) -> Breach | None:
    code, reason = event.get("code", 1000), event.get("reason")
    if not isinstance(code, int) and code is not None:
        return Breach("payload-type", f"a close code is an int, the app sent {_show(code)}")
    if code is not None and not legal_close_code(code):
        return Breach("close-code", f"the app closed with {int(code)}, a code that servers refuse to send")
    if reason is None:
        return None
    if not isinstance(reason, str):
        return Breach("payload-type", f"a close reason is a str, the app sent {_show(reason)}")
    breach = _encodable(reason, "a close reason")
    if breach is None and len(reason.encode()) > MAX_REASON_BYTES:
        return Breach("close-reason", f"a close reason is at most 123 bytes, the app sent {len(reason.encode())}")
    return breach


def _rejection(event: Mapping[str, object], offered: tuple[str, ...]) -> Breach | None:
    """Before accept a close becomes an HTTP 403: its code and reason never reach the wire, so only types matter."""
    code = event.get("code", 1000)
    if code is not None and not isinstance(code, int):
        return _close(event, offered)
    return None


def _denial_start(event: Mapping[str, object], _offered: tuple[str, ...]) -> Breach | None:
    status = event.get("status")
    if not isinstance(status, int) or not 100 <= status < 600:
        return Breach("payload-type", f"an HTTP status is an int from 100 to 599, the app sent {_show(status)}")
    return _headers(event)


def _denial_body(event: Mapping[str, object], _offered: tuple[str, ...]) -> Breach | None:
    body = event.get("body", b"")
    if not isinstance(body, bytes | bytearray | memoryview):
        return Breach("payload-type", f"a body is bytes-like, the app sent {_show(body)}")
    return None


def _headers(event: Mapping[str, object]) -> Breach | None:
    headers = event.get("headers") or ()
    try:
        pairs = [tuple(pair) for pair in headers]  # type: ignore[attr-defined]
    except TypeError:
        pairs = [("?",)]
    for pair in pairs:
        if len(pair) != 2 or not all(isinstance(part, bytes | bytearray) for part in pair):
            return Breach("header", f"headers are pairs of byte strings, the app sent {_show(headers)}")
    return None


def _encodable(text: str, what: str) -> Breach | None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return Breach("payload-encoding", f"{what} cannot be encoded as UTF-8: {error.reason} at {error.start}")
    return None


def _show(value: object) -> str:
    shown = ascii(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


_PAYLOADS = {
    ACCEPT: _accept,
    SEND: _send,
    CLOSE: _close,
    DENIAL_START: _denial_start,
    DENIAL_BODY: _denial_body,
}
