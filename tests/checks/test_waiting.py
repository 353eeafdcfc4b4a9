"""hang, shutdown_hang, blocked_loop, slow_reply, leaked_task."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from wsreplay.model import Close, Drop, Limits, Send, Wait


def text(data: str, client: int = 0) -> Send:
    return Send(client, "text", data)


def starlette(handler: Any) -> Starlette:
    return Starlette(routes=[WebSocketRoute("/", handler)])


def names(found: Any) -> list[tuple[str, str, str]]:
    return [(one.check, one.severity, one.cause) for one in found]


def test_a_handler_that_goes_silent_over_a_message_for_ever_hangs(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        while await ws.receive_text() != "wait":
            await ws.send_text("ok")
        await asyncio.Event().wait()

    (finding,) = findings(starlette(handler), text("hello"), text("wait"))
    assert names([finding]) == [("hang", "failure", "message")]
    assert finding.step == 2
    assert finding.location is not None
    assert finding.location.function.endswith("handler")
    assert findings(starlette(handler), text("hello"), text("hello")) == ()


def test_a_handler_that_is_only_slow_does_not_hang(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            message = await ws.receive_text()
            await asyncio.sleep(25)
            await ws.send_text(message)

    assert findings(starlette(handler), text("a"), text("b"), Drop(0)) == ()


def test_a_handler_that_replies_to_nothing_does_not_hang(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.receive_text()

    assert findings(starlette(handler), text("a"), Wait(100), text("b")) == ()


def test_a_server_that_pushes_and_never_reads_does_not_hang(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.send_text("tick")
            await asyncio.sleep(60)

    assert findings(starlette(handler), text("a"), Wait(300), Drop(0)) == ()


def test_a_handler_that_only_waits_and_never_took_a_message_does_not_hang(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        await asyncio.Event().wait()

    assert findings(starlette(handler), text("a")) == ()


def test_a_handler_that_goes_on_sending_after_a_silence_does_not_hang(findings: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await asyncio.sleep(15)
        await send({"type": "websocket.send", "text": "done"})
        await asyncio.Event().wait()

    assert findings(app, text("a"), Wait(20)) == ()


def test_a_handler_that_reads_on_after_a_silence_does_not_hang(findings: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await asyncio.sleep(15)
        await receive()
        await send({"type": "websocket.send", "text": "done"})
        await asyncio.Event().wait()

    assert findings(app, text("a"), text("b"), Wait(20)) == ()


def test_a_handshake_that_is_never_answered_hangs(findings: Any) -> None:
    def app(ends: bool) -> Any:
        async def serve(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "websocket":
                return
            await receive()
            if ends:
                await receive()
            else:
                await asyncio.Event().wait()

        return serve

    assert names(findings(app(ends=False))) == [("hang", "failure", "connect")]
    assert findings(app(ends=True)) == ()


def test_a_handler_that_was_told_and_does_not_end_hangs_at_shutdown(findings: Any) -> None:
    def app(seconds: float) -> Starlette:
        async def handler(ws: WebSocket) -> None:
            await ws.accept()
            try:
                while True:
                    await ws.receive_text()
            except WebSocketDisconnect:
                await asyncio.sleep(seconds)

        return starlette(handler)

    (finding,) = findings(app(10_000), text("a"), Close(0), Wait(1))
    assert names([finding]) == [("shutdown_hang", "failure", "disconnect")]
    assert finding.step == 2
    assert findings(app(20), text("a"), Close(0), Wait(1)) == ()


def test_a_send_that_fails_tells_the_handler_whose_own_it_is(findings: Any) -> None:
    def app(of_a_task: bool) -> Starlette:
        async def push(ws: WebSocket) -> None:
            while True:
                with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                    await ws.send_text("tick")
                await asyncio.sleep(1)

        async def handler(ws: WebSocket) -> None:
            await ws.accept()
            await ws.receive_text()
            await (asyncio.ensure_future(push(ws)) if of_a_task else push(ws))

        return starlette(handler)

    (finding,) = findings(app(of_a_task=False), text("a"), Close(0), Wait(1))
    assert names([finding]) == [("shutdown_hang", "failure", "disconnect")]
    assert names(findings(app(of_a_task=True), text("a"), Close(0), Wait(1))) == []


def test_code_that_holds_the_loop_is_reported_and_its_interruption_is_not(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        while await ws.receive_text() != "spin":
            await ws.send_text("ok")
        while True:
            pass

    (finding,) = findings(starlette(handler), text("hello"), text("spin"), limits=Limits(block=0.1))
    assert names([finding]) == [("blocked_loop", "failure", "blocked")]
    assert finding.location is not None
    assert finding.location.function.endswith("handler")
    assert findings(starlette(handler), text("hello"), limits=Limits(block=0.1)) == ()


@pytest.mark.parametrize("ending", ["return", "wait", "error"])
def test_what_a_handler_does_after_an_interruption_it_swallowed_is_not_judged(findings: Any, ending: str) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        try:
            time.sleep(60)
        except BaseException:
            if ending == "error":
                await ws.close(1011)
            elif ending == "wait":
                await ws.receive_text()
                await asyncio.Event().wait()

    found = findings(starlette(handler), text("a"), limits=Limits(block=0.1))
    assert names(found) == [("blocked_loop", "failure", "blocked")]


def test_tasks_that_a_message_leaves_behind_are_a_warning(findings: Any) -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        tasks = []
        try:
            while True:
                tasks.append(asyncio.create_task(forever()))
                if await ws.receive_text() == "tidy":
                    for task in tasks:
                        task.cancel()
        except WebSocketDisconnect:
            pass

    started: list[Any] = []

    async def per_message(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.receive_text()
            started.append(asyncio.create_task(forever()))

    (finding,) = findings(starlette(per_message), text("a"), text("b"))
    assert finding.cause.endswith("forever")
    assert (finding.check, finding.severity) == ("leaked_task", "warning")
    assert findings(starlette(per_message)) == ()
    # A task that an idle client leaves behind too serves the connection, not the message.
    assert findings(starlette(handler), text("a"), clients=2) == ()


def test_an_answer_without_end_is_a_hang_where_it_is_sent(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        if await ws.receive_text() == "all":
            while True:
                await ws.send_text("more")
        await ws.receive_text()

    (finding,) = findings(starlette(handler), text("all"))
    assert names([finding]) == [("hang", "failure", "reply")]
    assert finding.location is not None
    assert finding.location.source == 'await ws.send_text("more")'
    assert "has no end" in finding.detail
    assert findings(starlette(handler), text("some")) == ()
