"""protocol_violation, invalid_payload, traceback_leak, missing_close."""

from __future__ import annotations

import asyncio
import json
import traceback
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from wsreplay.model import Client, Close, Drop, Send


def text(data: str, client: int = 0) -> Send:
    return Send(client, "text", data)


def starlette(handler: Any) -> Starlette:
    return Starlette(routes=[WebSocketRoute("/", handler)])


def bare(*events: dict[str, Any], suppress: bool = False) -> Any:
    """An app that sends `events` and reads until its client has gone."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        for event in events:
            try:
                await send(event)
            except (RuntimeError, TypeError, UnicodeEncodeError):
                if not suppress:
                    raise
        while (await receive())["type"] != "websocket.disconnect":
            pass

    return app


ACCEPT = {"type": "websocket.accept"}
CLOSE = {"type": "websocket.close"}


def names(found: Any) -> list[tuple[str, str, str]]:
    return [(one.check, one.severity, one.cause) for one in found]


@pytest.mark.parametrize(
    ("events", "rule"),
    [
        ([{"type": "websocket.send", "text": "x"}], "accept-first"),
        ([ACCEPT, ACCEPT], "accept-once"),
        ([ACCEPT, CLOSE, {"type": "websocket.send", "text": "x"}], "after-close"),
        ([ACCEPT, {"type": "websocket.close", "code": 1005}], "close-code"),
        ([ACCEPT, {"type": "websocket.close", "reason": "x" * 124}], "close-reason"),
        ([{"type": "websocket.accept", "subprotocol": "chat"}], "subprotocol"),
        ([ACCEPT, {"type": "websocket.send", "text": 5}], "payload-type"),
        ([ACCEPT, {"type": "websocket.send"}], "payload-missing"),
        ([ACCEPT, {"type": "websocket.shout"}], "event-type"),
    ],
)
@pytest.mark.parametrize("suppress", [True, False])
def test_what_the_protocol_does_not_allow_is_one_finding_by_its_rule(
    findings: Any, events: list[dict[str, Any]], rule: str, suppress: bool
) -> None:
    (finding,) = findings(bare(*events, suppress=suppress))
    assert (finding.check, finding.severity, finding.cause) == ("protocol_violation", "failure", rule)
    assert finding.location is not None
    assert finding.location.function.endswith("app")
    assert finding.detail.endswith(".")


def test_one_rule_broken_in_one_place_has_one_identity_caught_or_not(findings: Any) -> None:
    (caught,) = findings(bare(ACCEPT, ACCEPT, suppress=True))
    (left,) = findings(bare(ACCEPT, ACCEPT))
    assert caught.fingerprint == left.fingerprint
    assert (caught.close_code, left.close_code) == (None, 1011)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "websocket.close"},
        {"type": "websocket.close", "reason": "bye"},
        {"type": "websocket.close", "code": 1000, "reason": None},
        {"type": "websocket.close", "code": 4999, "reason": "x" * 123},
        {"type": "websocket.send", "text": "x", "bytes": None},
        {"type": "websocket.send", "text": None, "bytes": bytearray(b"x")},
    ],
)
def test_odd_but_legal_events_are_normal(findings: Any, event: dict[str, Any]) -> None:
    assert findings(bare(ACCEPT, event)) == ()


def test_a_violation_on_anothers_connection_is_one_finding_too(findings: Any) -> None:
    sends: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send(ACCEPT)
        sends.append(send)
        while (await receive())["type"] != "websocket.disconnect":
            await sends[0](CLOSE)

    assert names(findings(app, text("a", 1), text("b", 1), clients=2)) == [
        ("protocol_violation", "failure", "after-close")
    ]


def test_an_http_error_after_accept_is_a_violation(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        raise HTTPException(404)

    assert names(findings(starlette(handler))) == [("protocol_violation", "failure", "accept-once")]


def test_text_that_cannot_be_encoded_is_an_invalid_payload(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        async for data in ws.iter_json():
            await ws.send_json(data)

    (finding,) = findings(starlette(handler), text(r'"\ud800"'))
    assert names([finding]) == [("invalid_payload", "failure", "payload-encoding")]
    assert finding.location is not None
    assert finding.location.source == "await ws.send_json(data)"
    assert findings(starlette(handler), text('"é"')) == ()


def test_input_that_no_client_can_send_proves_nothing(findings: Any) -> None:
    async def echo(ws: WebSocket) -> None:
        await ws.accept()
        async for data in ws.iter_text():
            await ws.send_text(data)

    async def store(ws: WebSocket) -> None:
        await ws.accept()
        tasks = []
        async for data in ws.iter_text():
            tasks.append(asyncio.create_task(encode(data)))
            await asyncio.sleep(0)
            data.encode()

    async def encode(data: str) -> None:
        data.encode()

    assert findings(starlette(echo), text("\ud800")) == ()
    assert findings(starlette(store), text("\ud800")) == ()


def test_nan_in_a_json_reply_is_an_invalid_payload(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        async for data in ws.iter_json():
            await ws.send_json({"double": data * 2})

    (finding,) = findings(starlette(handler), text("1"), text("1e999"))
    assert names([finding]) == [("invalid_payload", "failure", "json-constant")]
    assert (finding.step, finding.message) == (2, '{"double":Infinity}')
    assert findings(starlette(handler), text("1e3")) == ()
    # Repeated only: the client sent it first.
    assert findings(starlette(handler), text("Infinity")) == ()


@pytest.mark.parametrize(
    "reply", ["NaN", '{"film": "Infinity War"}', "[NaN", "{not json", "[" * 200_000 + "NaN", "plain"]
)
def test_text_that_was_never_said_to_be_json_is_just_text(findings: Any, reply: str) -> None:
    assert findings(bare(ACCEPT, {"type": "websocket.send", "text": reply})) == ()


@pytest.mark.parametrize("subprotocol", ["json", "graphql-ws", "graphql-transport-ws", "wamp.2.JSON", "v1+json"])
def test_a_reply_under_a_json_subprotocol_must_be_json(findings: Any, subprotocol: str) -> None:
    def app(reply: str) -> Any:
        return bare({**ACCEPT, "subprotocol": subprotocol}, {"type": "websocket.send", "text": reply})

    offering = (Client("/", subprotocols=(subprotocol,)),)
    assert names(findings(app("pong"), clients=offering)) == [("invalid_payload", "failure", "json-syntax")]
    assert findings(app('{"type": "pong"}'), clients=offering) == ()


def crashing(where: str) -> Starlette:
    async def handler(ws: WebSocket) -> None:
        try:
            raise LookupError("secret")
        except LookupError:
            told = traceback.format_exc()
        if where == "denial":
            await ws.send_denial_response(PlainTextResponse(told, 500))
            return
        await ws.accept()
        if where == "reply":
            await ws.send_text(f"oops: {told}")
        elif where == "json":
            await ws.send_json({"error": json.dumps({"why": told})})
        elif where == "bytes":
            await ws.send_bytes(told.encode())
        await ws.close(1008, told[:120] if where == "close reason" else "oops: LookupError")

    return starlette(handler)


@pytest.mark.parametrize(
    ("where", "cause"),
    [
        ("reply", "reply"),
        ("json", "reply"),
        ("bytes", "reply"),
        ("denial", "denial"),
        ("close reason", "close reason"),
    ],
)
def test_a_traceback_that_a_client_gets_is_a_leak(findings: Any, where: str, cause: str) -> None:
    assert names(findings(crashing(where))) == [("traceback_leak", "failure", cause)]


def test_an_error_without_its_traceback_is_no_leak(findings: Any) -> None:
    assert findings(crashing("nowhere")) == ()


def test_a_traceback_that_a_client_sent_itself_is_no_leak(findings: Any) -> None:
    async def echo(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.send_text(await ws.receive_text())

    told = 'Traceback (most recent call last):\n  File "x.py", line 1, in f\nKeyError: 1'
    assert findings(starlette(echo), text(told)) == ()


def test_words_about_tracebacks_are_no_leak(findings: Any) -> None:
    said = {"type": "websocket.send", "text": "Traceback (most recent call last) is how Python begins"}
    assert findings(bare(ACCEPT, said)) == ()


def test_returning_without_a_close_is_a_warning_while_the_client_is_there(findings: Any) -> None:
    def app(closes: bool) -> Starlette:
        async def handler(ws: WebSocket) -> None:
            await ws.accept()
            async for line in ws.iter_text():
                if line == "quit":
                    break
            if closes:
                await ws.close()

        return starlette(handler)

    (finding,) = findings(app(closes=False), text("quit"))
    assert names([finding]) == [("missing_close", "warning", "returned")]
    assert finding.close_code == 1006
    assert findings(app(closes=True), text("quit")) == ()
    assert findings(app(closes=False), Close(0)) == ()
    assert findings(app(closes=False), Drop(0)) == ()


def test_returning_without_an_answer_to_the_handshake_is_a_warning(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        return

    (finding,) = findings(starlette(handler))
    assert names([finding]) == [("missing_close", "warning", "unanswered")]
    assert finding.close_code is None
