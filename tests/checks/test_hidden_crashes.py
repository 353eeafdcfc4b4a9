"""server_error_close: closes with a server error, and exceptions that frameworks hide."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from litestar import Litestar, websocket_listener
from litestar import WebSocket as LitestarSocket
from litestar import websocket as litestar_route
from litestar.exceptions import NotAuthorizedException, WebSocketException
from quart import Quart
from quart import websocket as quart_socket
from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.exceptions import HTTPException
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from wsreplay.checks import Options
from wsreplay.checks.grading import undecodable
from wsreplay.model import Drop, Frame, Pause, Raised, Resume, Send


def text(data: str, client: int = 0) -> Send:
    return Send(client, "text", data)


def litestar(function: Any) -> Litestar:
    return Litestar([litestar_route("/")(function)])


def starlette(handler: Any) -> Starlette:
    return Starlette(routes=[WebSocketRoute("/", handler)])


async def litestar_desk(socket: LitestarSocket) -> None:
    await socket.accept()
    while True:
        order = await socket.receive_json()
        await socket.send_json(order["price"])


def quart_desk() -> Quart:
    app = Quart("desk")

    @app.websocket("/")
    async def desk() -> None:
        while True:
            await quart_socket.send(json.loads(await quart_socket.receive())["price"])

    return app


def test_an_app_that_closes_with_a_server_error_is_reported(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        await ws.close(1011, "sorry")

    (finding,) = findings(starlette(handler))
    assert (finding.check, finding.severity, finding.cause) == ("server_error_close", "failure", "closed")
    assert (finding.exception, finding.message, finding.close_code) == (None, "sorry", 1011)


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1008, 1009, 1012, 1013, 3000, 4000, 4499, 4999])
def test_a_deliberate_close_is_normal(findings: Any, code: int) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        await ws.close(code)

    assert findings(starlette(handler)) == ()


def test_further_close_codes_can_be_server_errors_and_1011_need_not_be(findings: Any) -> None:
    def app(code: int) -> Starlette:
        async def handler(ws: WebSocket) -> None:
            await ws.accept()
            await ws.close(code)

        return starlette(handler)

    options = Options(error_codes=(4000,))
    assert [one.close_code for one in findings(app(4000), options=options)] == [4000]
    assert findings(app(1011), options=options) == ()


def test_a_refused_handshake_is_no_server_error_whatever_its_code(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.close(1011)

    assert findings(starlette(handler)) == ()


def test_a_close_with_1011_and_the_exception_behind_it_are_one_finding(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        try:
            raise KeyError("price")
        except KeyError:
            await ws.close(1011)
            raise

    assert [(one.check, one.exception) for one in findings(starlette(handler))] == [("handler_crash", "KeyError")]


def test_litestar_hides_a_crash_behind_4500_and_it_is_seen(findings: Any) -> None:
    (finding,) = findings(litestar(litestar_desk), text('{"price": 1}'), text("{}"))
    assert (finding.check, finding.severity, finding.exception) == ("server_error_close", "failure", "KeyError")
    assert (finding.step, finding.close_code, finding.cause) == (2, 4500, "raised")
    assert finding.location is not None
    assert finding.location.function == "litestar_desk"
    assert findings(litestar(litestar_desk), text('{"price": 1}'), Drop(0)) == ()


def test_litestar_refusing_what_it_cannot_decode_is_a_warning(findings: Any) -> None:
    @websocket_listener("/")
    async def listener(data: dict[str, int]) -> dict[str, int]:
        return {"price": data["price"]}

    (finding,) = findings(Litestar([listener]), text("{"))
    assert (finding.check, finding.severity) == ("server_error_close", "warning")
    (finding,) = findings(litestar(litestar_desk), text("{"))
    assert (finding.check, finding.severity) == ("server_error_close", "warning")
    (finding,) = findings(Litestar([listener]), text("{}"))
    assert (finding.check, finding.severity, finding.exception) == ("server_error_close", "failure", "KeyError")
    assert findings(Litestar([listener]), text('{"price": 1}')) == ()


def test_litestar_answering_with_what_it_cannot_encode_is_a_failure(findings: Any) -> None:
    async def handler(socket: LitestarSocket) -> None:
        await socket.accept()
        await socket.send_json(object())

    assert [(one.check, one.severity) for one in findings(litestar(handler))] == [("server_error_close", "failure")]


def test_litestars_refusals_are_normal_before_accept_and_a_warning_after(findings: Any) -> None:
    async def guard(socket: LitestarSocket) -> None:
        raise NotAuthorizedException("who are you?")

    async def late(socket: LitestarSocket) -> None:
        await socket.accept()
        raise NotAuthorizedException("who are you?")

    async def with_its_code(socket: LitestarSocket) -> None:
        await socket.accept()
        raise WebSocketException(detail="no such room", code=4404)

    assert findings(litestar(guard)) == ()
    assert [one.severity for one in findings(litestar(late))] == ["warning"]
    assert findings(litestar(with_its_code)) == ()


def test_litestar_crashing_before_accept_is_seen(findings: Any) -> None:
    async def handler(socket: LitestarSocket) -> None:
        raise KeyError("x")

    (finding,) = findings(litestar(handler))
    assert (finding.check, finding.exception, finding.close_code) == ("server_error_close", "KeyError", None)


def test_litestar_closing_once_more_after_the_handlers_own_close_is_normal(findings: Any) -> None:
    async def handler(socket: LitestarSocket) -> None:
        await socket.accept()
        await socket.close()
        await socket.receive_text()

    assert findings(litestar(handler)) == ()


def test_a_crash_in_litestar_after_the_handlers_own_close_is_one_finding(findings: Any) -> None:
    async def handler(socket: LitestarSocket) -> None:
        await socket.accept()
        await socket.close()
        raise KeyError("x")

    found = findings(litestar(handler))
    assert [(one.check, one.severity, one.exception) for one in found] == [
        ("server_error_close", "failure", "KeyError")
    ]


def test_quart_hides_a_crash_behind_1000_and_it_is_seen(findings: Any) -> None:
    (finding,) = findings(quart_desk(), text("{}"))
    assert (finding.check, finding.severity, finding.exception) == ("server_error_close", "failure", "KeyError")
    assert (finding.close_code, finding.cause) == (1000, "raised")
    assert findings(quart_desk(), text('{"price": "1"}'), Drop(0)) == ()


def test_quart_crashing_before_accept_is_seen(findings: Any) -> None:
    app = Quart("desk")

    @app.websocket("/")
    async def desk() -> None:
        raise KeyError("x")

    assert [(one.check, one.exception) for one in findings(app)] == [("server_error_close", "KeyError")]


def test_a_crash_that_is_told_and_also_leaves_the_app_is_one_finding(findings: Any) -> None:
    app = quart_desk()
    app.config["PROPAGATE_EXCEPTIONS"] = True
    assert [(one.check, one.exception) for one in findings(app, text("{}"))] == [("handler_crash", "KeyError")]


def test_starlettes_endpoint_refusing_input_with_1003_and_raising_is_normal(findings: Any) -> None:
    def app(encoding_: str) -> Starlette:
        class Echo(WebSocketEndpoint):
            encoding = encoding_  # type: ignore[assignment]

            async def on_receive(self, websocket: WebSocket, data: Any) -> None:
                await websocket.send_text(f"{data!r}")

        return starlette(Echo)

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        await app("json")(scope, receive, send)

    assert findings(app("json"), text("{")) == ()
    assert findings(app("text"), Send(0, "bytes", b"x")) == ()
    assert findings(app("bytes"), text("x")) == ()
    assert findings(middleware, text("{")) == ()


def test_a_crash_in_an_endpoints_own_method_is_a_crash(findings: Any) -> None:
    class Desk(WebSocketEndpoint):
        encoding = "json"

        async def on_receive(self, websocket: WebSocket, data: Any) -> None:
            await websocket.send_json(data["price"])

    assert [(one.check, one.exception) for one in findings(starlette(Desk), text("{}"))] == [
        ("handler_crash", "KeyError")
    ]


def test_an_http_error_before_accept_is_a_refusal(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        raise HTTPException(401)

    assert findings(starlette(handler)) == ()


def test_an_exception_that_the_app_logs_itself_is_its_own_affair(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        try:
            int(await ws.receive_text())
        except ValueError:
            logging.getLogger("shop").exception("no number")
            logging.getLogger("strawberry.execution").exception("a client's error")
            await ws.close(1007)

    assert findings(starlette(handler), text("x")) == ()


def test_an_innocent_clients_handler_that_litestar_closes_is_a_failure(findings: Any) -> None:
    members: list[LitestarSocket] = []

    async def room(socket: LitestarSocket) -> None:
        await socket.accept()
        members.append(socket)
        while True:
            message = await socket.receive_text()
            await asyncio.sleep(0)
            for member in members:
                await member.send_text(message)

    (finding,) = findings(litestar(room), text("a"), Drop(1), text("b"), clients=2)
    assert (finding.check, finding.client, finding.close_code) == ("server_error_close", 0, 1000)


def test_the_exception_behind_a_close_with_1011_is_told_and_tells_two_bugs_apart(findings: Any) -> None:
    def quantity(order: Any) -> Any:
        return order["quantity"]

    def price(order: Any) -> Any:
        return order["price"]

    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        try:
            while True:
                order = await ws.receive_json()
                await ws.send_text(str(quantity(order) * price(order)))
        except (KeyError, TypeError):
            await ws.close(1011)

    (one,) = findings(starlette(handler), text("{}"))
    (other,) = findings(starlette(handler), text('{"quantity": 1}'))
    assert (one.check, one.severity, one.cause, one.exception) == (
        "server_error_close",
        "failure",
        "closed",
        "KeyError",
    )
    assert one.location is not None
    assert one.location.function.endswith("quantity")
    assert one.fingerprint != other.fingerprint
    assert findings(starlette(handler), text('{"quantity": 1, "price": 1}'), Drop(0)) == ()


@pytest.mark.parametrize("code", [1000, 1003, 1007, 4000])
def test_an_exception_answered_with_a_deliberate_close_is_normal(findings: Any, code: int) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        try:
            int(await ws.receive_text())
        except ValueError:
            await ws.close(code)

    assert findings(starlette(handler), text("x")) == ()


@pytest.mark.parametrize("message", [Send(0, "bytes", b"\xff"), text("[" * 100_000)])
def test_input_that_breaks_the_frameworks_own_decoding_is_a_warning(findings: Any, message: Send) -> None:
    class Endpoint(WebSocketEndpoint):
        encoding = "json"

    (finding,) = findings(starlette(Endpoint), message)
    assert (finding.check, finding.severity, finding.cause) == ("server_error_close", "warning", "raised")
    assert "could not decode" in finding.detail


def test_middleware_of_ones_own_does_not_make_the_frameworks_decoding_ones_own(findings: Any) -> None:
    class Endpoint(WebSocketEndpoint):
        encoding = "json"

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        await starlette(Endpoint)(scope, receive, send)

    (finding,) = findings(middleware, Send(0, "bytes", b"\xff"))
    assert (finding.check, finding.severity) == ("server_error_close", "warning")


def test_an_endpoint_that_closes_with_1011_over_undecodable_input_is_a_warning(findings: Any) -> None:
    class Endpoint(WebSocketEndpoint):
        encoding = "json"

        async def on_disconnect(self, websocket: WebSocket, close_code: int) -> None:
            await websocket.close(close_code)

    (finding,) = findings(starlette(Endpoint), Send(0, "bytes", b"\xff"))
    assert (finding.check, finding.severity) == ("server_error_close", "warning")
    assert finding.exception == "UnicodeDecodeError"


def test_messages_that_starlettes_endpoint_hands_over_after_a_close_are_normal(findings: Any) -> None:
    class Once(WebSocketEndpoint):
        encoding = "text"

        async def on_receive(self, websocket: WebSocket, data: Any) -> None:
            await websocket.send_text(data)
            await websocket.close()

    assert findings(starlette(Once), Pause(0), text("a"), text("b"), Resume(0)) == ()


def test_a_loop_of_ones_own_that_goes_on_after_its_close_crashes(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        while (await ws.receive())["type"] == "websocket.receive":
            await ws.send_text("once")
            await ws.close()

    found = findings(starlette(handler), Pause(0), text("a"), text("b"), Resume(0))
    assert [one.check for one in found] == ["handler_crash"]


def test_an_address_that_a_framework_cannot_parse_is_a_warning_unless_the_app_parses_it() -> None:
    frames = (Frame("blacksheep/server/websocket.py", 62, "__init__", app=False),)
    assert undecodable(Raised("InvalidURL", "The value cannot be parsed", "blacksheep.url", frames))
    frames = (*frames, Frame("app.py", 3, "handler"))
    assert not undecodable(Raised("InvalidURL", "The value cannot be parsed", "blacksheep.url", frames))
