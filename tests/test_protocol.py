"""The table of states and events, row by row, and the payload of each event."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from enum import IntEnum
from typing import Any

import pytest

from wsreplay.protocol import (
    ACCEPT,
    CLOSE,
    DENIAL_BODY,
    DENIAL_START,
    MAX_REASON_BYTES,
    MISPLACED,
    RULES,
    SEND,
    TRANSITIONS,
    State,
    judge,
    legal_close_code,
)

PLAIN: dict[str, dict[str, Any]] = {
    ACCEPT: {"type": ACCEPT},
    SEND: {"type": SEND, "text": "x"},
    CLOSE: {"type": CLOSE},
    DENIAL_START: {"type": DENIAL_START, "status": 403, "headers": []},
    DENIAL_BODY: {"type": DENIAL_BODY, "body": b"no"},
}

# Where each event leads, or the rule that it breaks: a column per event, in the order of PLAIN.
TABLE: dict[State, tuple[State | str, ...]] = {
    State.CONNECTING: (State.OPEN, "accept-first", State.REJECTED, State.DENYING, "denial-order"),
    State.OPEN: ("accept-once", State.OPEN, State.CLOSED, "accept-once", "denial-order"),
    State.DENYING: ("denial-order", "denial-order", "denial-order", "denial-order", State.DENIED),
    State.REJECTED: ("after-close",) * 5,
    State.DENIED: ("after-close",) * 5,
    State.CLOSED: ("after-close",) * 5,
}

CASES = [(state, name, end) for state, row in TABLE.items() for name, end in zip(PLAIN, row, strict=True)]


def broken(state: State, event: object, offered: tuple[str, ...] = ()) -> str | None:
    """The rule that the event breaks; the state must then stay as it was."""
    after, breach = judge(state, event, offered)
    if breach is None:
        return None
    assert after is state
    assert breach.rule in RULES
    assert breach.detail
    return breach.rule


@pytest.mark.parametrize(("state", "name", "end"), CASES, ids=[f"{s.value}-{n}" for s, n, _ in CASES])
def test_every_event_in_every_state_leads_on_or_breaks_a_rule(state: State, name: str, end: State | str) -> None:
    after, breach = judge(state, PLAIN[name])
    if isinstance(end, State):
        assert (after, breach) == (end, None)
    else:
        assert after is state
        assert breach is not None
        assert breach.rule == end
        assert name in breach.detail
        assert state.value in breach.detail


def test_every_pair_of_state_and_event_stands_in_exactly_one_of_the_tables() -> None:
    for state, name in itertools.product(State, PLAIN):
        assert (name in TRANSITIONS[state]) is not (name in MISPLACED[state])
    assert set(TABLE) == set(State)


def test_a_denial_goes_on_while_there_is_more_body() -> None:
    assert judge(State.DENYING, {"type": DENIAL_BODY, "more_body": True}) == (State.DENYING, None)
    assert judge(State.DENYING, {"type": DENIAL_BODY, "more_body": False}) == (State.DENIED, None)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(
    "event", [None, "websocket.send", [], {}, {"type": 1}, {"type": None}, {"type": "http.request"}]
)
def test_what_is_no_event_is_one_breach_everywhere(state: State, event: object) -> None:
    assert broken(state, event) == "event-type"


def test_any_mapping_is_an_event() -> None:
    assert judge(State.OPEN, OrderedDict(type=SEND, text="x")) == (State.OPEN, None)


@pytest.mark.parametrize(
    "payload",
    [
        {"text": ""},
        {"text": "ü"},
        {"text": "x", "bytes": None},
        {"bytes": b""},
        {"bytes": bytearray(b"x")},
        {"bytes": memoryview(b"x")},
        {"bytes": b"x", "text": "y"},
        {"bytes": b"x", "text": None},
    ],
)
def test_a_message_is_text_or_bytes(payload: dict[str, object]) -> None:
    assert judge(State.OPEN, {"type": SEND, **payload}) == (State.OPEN, None)


@pytest.mark.parametrize(
    ("payload", "rule"),
    [
        ({}, "payload-missing"),
        ({"text": None, "bytes": None}, "payload-missing"),
        ({"text": 1}, "payload-type"),
        ({"text": b"x"}, "payload-type"),
        ({"text": {"a": 1}}, "payload-type"),
        ({"bytes": "x"}, "payload-type"),
        ({"bytes": [1]}, "payload-type"),
        ({"bytes": "x", "text": "y"}, "payload-type"),
        ({"text": "\ud800"}, "payload-encoding"),
    ],
)
def test_a_message_of_anything_else_is_a_breach(payload: dict[str, object], rule: str) -> None:
    assert broken(State.OPEN, {"type": SEND, **payload}) == rule


def test_a_long_value_is_shown_by_its_beginning() -> None:
    _, breach = judge(State.OPEN, {"type": SEND, "text": [0] * 1000})
    assert breach is not None
    assert breach.detail.endswith("...")
    assert len(breach.detail) < 130


class Code(IntEnum):
    DONE = 1000


LEGAL = [1000, 1001, 1003, 1007, 1014, 3000, 4999]
ILLEGAL = [-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65536]


@pytest.mark.parametrize("code", LEGAL)
def test_a_close_code_that_servers_send_is_allowed(code: int) -> None:
    assert legal_close_code(code)
    assert judge(State.OPEN, {"type": CLOSE, "code": code}) == (State.CLOSED, None)


@pytest.mark.parametrize("code", ILLEGAL)
def test_a_close_code_that_servers_refuse_is_a_breach(code: int) -> None:
    assert not legal_close_code(code)
    assert broken(State.OPEN, {"type": CLOSE, "code": code}) == "close-code"


@pytest.mark.parametrize(
    "payload",
    [
        {"code": None},
        {"code": Code.DONE},
        {"reason": None},
        {"reason": ""},
        {"reason": "x" * MAX_REASON_BYTES},
        {"reason": "ü" * 61},
    ],
)
def test_a_close_may_lack_code_and_reason(payload: dict[str, object]) -> None:
    assert judge(State.OPEN, {"type": CLOSE, **payload}) == (State.CLOSED, None)


@pytest.mark.parametrize(
    ("payload", "rule"),
    [
        ({"code": "1000"}, "payload-type"),
        ({"code": 1000.0}, "payload-type"),
        ({"reason": b"x"}, "payload-type"),
        ({"reason": 7}, "payload-type"),
        ({"reason": "\udfff"}, "payload-encoding"),
        ({"reason": "x" * (MAX_REASON_BYTES + 1)}, "close-reason"),
        ({"reason": "ü" * 62}, "close-reason"),
        ({"code": 1006, "reason": "x" * 200}, "close-code"),
    ],
)
def test_a_close_that_cannot_be_framed_is_a_breach(payload: dict[str, object], rule: str) -> None:
    assert broken(State.OPEN, {"type": CLOSE, **payload}) == rule


@pytest.mark.parametrize(
    "payload", [{"code": 1006}, {"code": 1}, {"reason": "x" * 500}, {"reason": [1]}, {"code": None}]
)
def test_what_a_rejection_carries_never_reaches_the_wire(payload: dict[str, object]) -> None:
    assert judge(State.CONNECTING, {"type": CLOSE, **payload}) == (State.REJECTED, None)


def test_a_rejection_with_a_code_that_is_no_number_is_a_breach() -> None:
    assert broken(State.CONNECTING, {"type": CLOSE, "code": "1000"}) == "payload-type"


@pytest.mark.parametrize(
    "payload", [{"subprotocol": None}, {"subprotocol": ""}, {"subprotocol": "chat"}, {"headers": None}, {"headers": []}]
)
def test_an_accept_may_choose_what_was_offered_or_nothing(payload: dict[str, object]) -> None:
    assert judge(State.CONNECTING, {"type": ACCEPT, **payload}, ("chat", "json")) == (State.OPEN, None)


@pytest.mark.parametrize(
    ("payload", "rule"),
    [
        ({"subprotocol": "soap"}, "subprotocol"),
        ({"subprotocol": "Chat"}, "subprotocol"),
        ({"subprotocol": b"chat"}, "payload-type"),
        ({"subprotocol": 1}, "payload-type"),
    ],
)
def test_an_accept_with_another_subprotocol_is_a_breach(payload: dict[str, object], rule: str) -> None:
    assert broken(State.CONNECTING, {"type": ACCEPT, **payload}, ("chat", "json")) == rule


def test_the_breach_of_a_subprotocol_says_what_was_offered() -> None:
    _, breach = judge(State.CONNECTING, {"type": ACCEPT, "subprotocol": "x"}, ("chat", "json"))
    assert breach is not None
    assert breach.detail.endswith("the client offered: chat, json")
    _, breach = judge(State.CONNECTING, {"type": ACCEPT, "subprotocol": "x"})
    assert breach is not None
    assert breach.detail.endswith("the client offered: none")


CARRIERS = [(ACCEPT, {}), (DENIAL_START, {"status": 401})]


@pytest.mark.parametrize(("name", "rest"), CARRIERS)
@pytest.mark.parametrize("headers", [[(b"a", b"b")], [[b"a", b"b"]], ((bytearray(b"a"), b"b"),)])
def test_headers_are_pairs_of_bytes(name: str, rest: dict[str, object], headers: object) -> None:
    assert broken(State.CONNECTING, {"type": name, **rest, "headers": headers}) is None


@pytest.mark.parametrize(("name", "rest"), CARRIERS)
@pytest.mark.parametrize(
    "headers", [5, [1], [("a", "b")], [(b"a", "b")], [(b"a",)], [(b"a", b"b", b"c")], {"a": "b"}, {b"ab": 1}, "ab"]
)
def test_other_headers_are_a_breach(name: str, rest: dict[str, object], headers: object) -> None:
    assert broken(State.CONNECTING, {"type": name, **rest, "headers": headers}) == "header"


@pytest.mark.parametrize("status", [100, 200, 403, 599])
def test_a_denial_has_a_status(status: int) -> None:
    assert judge(State.CONNECTING, {"type": DENIAL_START, "status": status}) == (State.DENYING, None)


@pytest.mark.parametrize("status", [None, "403", 99, 600, 0, 403.0])
def test_a_denial_without_a_proper_status_is_a_breach(status: object) -> None:
    assert broken(State.CONNECTING, {"type": DENIAL_START, "status": status}) == "payload-type"


@pytest.mark.parametrize("body", [b"", b"x", bytearray(b"x"), memoryview(b"x")])
def test_the_body_of_a_denial_is_bytes(body: object) -> None:
    assert judge(State.DENYING, {"type": DENIAL_BODY, "body": body}) == (State.DENIED, None)


@pytest.mark.parametrize("body", ["x", None, [1]])
def test_another_body_is_a_breach(body: object) -> None:
    assert broken(State.DENYING, {"type": DENIAL_BODY, "body": body}) == "payload-type"
