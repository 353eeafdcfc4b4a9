"""handler_crash: exceptions that leave the app, and the departures that are no crash."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from wsreplay.model import Close, Drop, Pause, Send


def text(data: str, client: int = 0) -> Send:
    return Send(client, "text", data)


def starlette(handler: Any) -> Starlette:
    return Starlette(routes=[WebSocketRoute("/", handler)])


def summary(found: Any) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (one.check, one.severity, one.exception, one.location.function.rpartition(".")[2] if one.location else None)
        for one in found
    ]


def test_an_exception_that_leaves_the_handler_is_a_crash(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.send_text(str((await ws.receive_json())["price"]))

    (finding,) = findings(starlette(handler), text('{"price": 1}'), text("{}"), text("{}"))
    assert summary([finding]) == [("handler_crash", "failure", "KeyError", "handler")]
    assert (finding.cause, finding.message, finding.step, finding.client) == ("raised", "'price'", 2, 0)
    assert finding.close_code == 1011
    assert finding.frames[0].source.startswith("await ws.send_text")


def test_the_same_handler_with_the_key_is_no_crash(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.send_text(str((await ws.receive_json())["price"]))

    assert findings(starlette(handler), text('{"price": 1}'), Close(0, 1001)) == ()
    assert findings(starlette(handler), text('{"price": 1}'), Drop(0)) == ()


def test_a_crash_before_accept_shows_no_close_code(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        raise ValueError("no database")

    (finding,) = findings(starlette(handler))
    assert summary([finding]) == [("handler_crash", "failure", "ValueError", "handler")]
    assert finding.close_code is None
    assert "HTTP 500" in finding.detail


def test_a_crash_in_the_cleanup_is_a_crash_though_the_client_has_gone(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        try:
            await ws.receive_text()
        finally:
            [].pop()

    (finding,) = findings(starlette(handler), Close(0))
    assert summary([finding]) == [("handler_crash", "failure", "IndexError", "handler")]
    assert "after the client had gone" in finding.detail


def test_a_text_frame_where_bytes_are_read_is_a_crash_and_the_right_kind_is_not(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.send_bytes(await ws.receive_bytes())

    assert summary(findings(starlette(handler), text("x"))) == [("handler_crash", "failure", "KeyError", "handler")]
    assert findings(starlette(handler), Send(0, "bytes", b"x")) == ()


def test_the_disconnect_exception_is_a_crash_while_the_client_is_there(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        raise WebSocketDisconnect(1000)

    (finding,) = findings(starlette(handler))
    assert summary([finding]) == [("handler_crash", "failure", "WebSocketDisconnect", "handler")]
    assert "still connected" in finding.detail


def test_the_disconnect_that_follows_ones_own_close_is_normal(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        await ws.close()
        raise WebSocketDisconnect((await ws.receive())["code"])

    assert findings(starlette(handler)) == ()


def chat(forgetful: bool) -> Starlette:
    members: list[WebSocket] = []

    async def room(ws: WebSocket) -> None:
        await ws.accept()
        members.append(ws)
        try:
            while True:
                message = await ws.receive_text()
                for member in members:
                    await member.send_text(message)
        finally:
            if not forgetful:
                members.remove(ws)

    return starlette(room)


def test_an_innocent_clients_handler_killed_by_a_broadcast_is_a_crash(findings: Any) -> None:
    (finding,) = findings(chat(forgetful=True), text("a"), Drop(1), text("b"), clients=2)
    assert summary([finding]) == [("handler_crash", "failure", "WebSocketDisconnect", "room")]
    assert finding.detail == "The handler of client 0, which was still connected, died because client 1 had gone."


def test_a_room_that_forgets_who_left_is_no_crash(findings: Any) -> None:
    assert findings(chat(forgetful=False), text("a"), Drop(1), text("b"), Close(0), clients=2) == ()


def test_the_same_holds_for_the_error_of_the_bare_send(findings: Any) -> None:
    sends: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        sends.append(send)
        while (await receive())["type"] != "websocket.disconnect":
            for one in sends:
                await one({"type": "websocket.send", "text": "x"})

    (finding,) = findings(app, text("a"), Drop(0), text("b", 1), clients=2)
    assert summary([finding]) == [("handler_crash", "failure", "ClientDisconnected", "app")]
    assert (finding.client, finding.step) == (1, 4)


def test_a_farewell_to_somebody_who_has_gone_too_is_normal(findings: Any) -> None:
    sends: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        sends.append(send)
        await receive()
        for one in sends:
            await one({"type": "websocket.send", "text": "somebody left"})

    assert findings(app, Drop(0), Close(1), clients=2) == ()


def test_a_cancelled_error_is_a_crash_only_while_the_client_is_there(findings: Any) -> None:
    def app(first: str) -> Starlette:
        async def handler(ws: WebSocket) -> None:
            await ws.accept()
            if first == "read":
                with contextlib.suppress(WebSocketDisconnect):
                    await ws.receive_text()
            elif first == "close":
                await ws.close()
            raise asyncio.CancelledError

        return starlette(handler)

    assert summary(findings(app("nothing"))) == [("handler_crash", "failure", "CancelledError", "handler")]
    assert findings(app("read")) == ()
    assert findings(app("close")) == ()


def test_an_error_in_a_group_is_found_and_a_departure_in_a_group_is_not(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()

        async def read() -> None:
            while True:
                int(await ws.receive_text())

        async with asyncio.TaskGroup() as group:
            group.create_task(read())

    assert summary(findings(starlette(handler), text("x"))) == [("handler_crash", "failure", "ValueError", "read")]
    assert findings(starlette(handler), text("1"), Drop(0)) == ()


@pytest.mark.parametrize("typed", [True, False])
def test_a_handler_that_reads_on_after_the_disconnect_is_a_crash(findings: Any, typed: bool) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            if typed:
                with contextlib.suppress(WebSocketDisconnect):
                    await ws.receive_text()
            else:
                await ws.receive()

    (finding,) = findings(starlette(handler))
    assert (finding.check, finding.severity) == ("handler_crash", "failure")
    assert 'Cannot call "receive"' in finding.message


def test_a_message_after_ones_own_close_is_a_crash(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        await ws.close()
        await ws.send_text("one more thing")

    (finding,) = findings(starlette(handler))
    assert (finding.check, finding.severity, finding.close_code) == ("handler_crash", "failure", 1000)
    assert "after the app had closed" in finding.detail


def test_accepting_after_a_refusal_is_a_crash(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        if "token" not in ws.query_params:
            await ws.close(1008)
        await ws.accept()

    (finding,) = findings(starlette(handler))
    assert (finding.check, finding.severity, finding.close_code) == ("handler_crash", "failure", None)


def test_using_a_connection_before_accept_is_a_crash(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.receive_text()

    assert [(one.check, one.severity) for one in findings(starlette(handler))] == [("handler_crash", "failure")]


def test_a_refusal_that_leaves_by_raising_is_a_warning(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.close()
        raise RuntimeError("refused")

    assert summary(findings(starlette(handler))) == [("handler_crash", "warning", "RuntimeError", "handler")]


def test_closing_again_what_a_failed_send_has_closed_is_a_warning(findings: Any) -> None:
    def app(tidy: bool) -> Starlette:
        async def handler(ws: WebSocket) -> None:
            await ws.accept()
            try:
                while True:
                    message = await ws.receive_text()
                    await asyncio.sleep(1)
                    await ws.send_text(message)
            except WebSocketDisconnect:
                if tidy:
                    return
            await ws.close()

        return starlette(handler)

    slow_reader = (Pause(0), text("x"), Drop(0))
    assert [one.severity for one in findings(app(tidy=False), *slow_reader)] == ["warning"]
    assert findings(app(tidy=True), *slow_reader) == ()
    assert findings(app(tidy=False), text("x"), Drop(0)) == ()


def test_an_endless_recursion_has_one_identity_however_deep_it_got(findings: Any) -> None:
    def even(n: int) -> bool:
        return odd(n - 1)

    def odd(n: int) -> bool:
        return even(n - 1)

    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        even(int(await ws.receive_text()))

    def nested(n: int) -> None:
        even(0) if n == 0 else nested(n - 1)

    async def deeper(ws: WebSocket) -> None:
        await ws.accept()
        await ws.receive_text()
        even(0)

    (one,) = findings(starlette(handler), text("1"))
    (two,) = findings(starlette(deeper), text("1"))
    assert one.exception == "RecursionError"
    assert one.fingerprint == two.fingerprint
    assert one.location is not None
    assert one.location.function.endswith("even")


def test_two_bugs_of_one_route_have_two_identities_and_one_bug_has_one(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()

        def quantity(order: Any) -> Any:
            return order["quantity"]

        def price(order: Any) -> Any:
            return order["price"]

        while True:
            order = await ws.receive_json()
            quantity(order), price(order)

    def found(message: str) -> Any:
        (one,) = findings(starlette(handler), text(message))
        return one

    assert len({found(message).fingerprint for message in ("[]", "null", "1", "NaN")}) == 1
    assert len({found(message).fingerprint for message in ("[]", "{}", '{"quantity": 1}')}) == 3


def test_an_exit_of_the_interpreter_is_a_crash_of_the_process(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        raise SystemExit(3) if await ws.receive_text() == "stop" else ValueError

    (finding,) = findings(starlette(handler), text("stop"))
    assert summary([finding]) == [("process_crash", "failure", "SystemExit", "handler")]
    assert finding.detail.endswith("and the server ends the connection: the server's process ends.")
