"""background_task_crash: tasks that die of something, unseen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from wsreplay.model import Close, Drop, Send, Wait


def text(data: str, client: int = 0) -> Send:
    return Send(client, "text", data)


def starlette(handler: Any, **options: Any) -> Starlette:
    return Starlette(routes=[WebSocketRoute("/", handler)], **options)


def names(found: Any) -> list[tuple[str, str, str | None]]:
    return [(one.check, one.severity, one.exception) for one in found]


async def price(order: str) -> int:
    return int(order)


def test_a_task_that_died_unseen_is_a_crash_and_one_that_is_awaited_is_none(findings: Any) -> None:
    def app(awaits: bool) -> Starlette:
        async def handler(ws: WebSocket) -> None:
            await ws.accept()
            tasks = [asyncio.create_task(price(order)) async for order in ws.iter_text()]
            if awaits:
                await asyncio.gather(*tasks, return_exceptions=True)

        return starlette(handler)

    (finding,) = findings(app(awaits=False), text("1"), text("x"))
    assert names([finding]) == [("background_task_crash", "failure", "ValueError")]
    assert (finding.step, finding.location and finding.location.function) == (2, "price")
    assert findings(app(awaits=False), text("1")) == ()
    assert findings(app(awaits=True), text("1"), text("x")) == ()


def test_cancelling_a_dead_task_does_not_hide_its_death(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        task = asyncio.create_task(price("x"))
        with contextlib.suppress(Exception):
            await ws.receive_text()
        task.cancel()

    assert names(findings(starlette(handler), Close(0))) == [("background_task_crash", "failure", "ValueError")]


def test_an_exception_in_a_callback_is_a_crash(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        asyncio.get_running_loop().call_later(1, int, "x")
        await ws.receive_text()

    assert names(findings(starlette(handler), Wait(2), Close(0))) == [
        ("background_task_crash", "warning", "ValueError")
    ]


def pushing(ends_with_client: bool) -> Starlette:
    async def push(ws: WebSocket) -> None:
        while True:
            await asyncio.sleep(1)
            await ws.send_text("tick")

    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        task = asyncio.create_task(push(ws))
        try:
            await ws.receive_text()
        finally:
            if ends_with_client:
                task.cancel()

    return starlette(handler)


def test_a_task_that_dies_because_its_client_has_gone_is_normal(findings: Any) -> None:
    for ends_with_client in (True, False):
        assert findings(pushing(ends_with_client), Wait(3), Drop(0), Wait(3)) == ()
        assert findings(pushing(ends_with_client), Wait(3), Close(0), Wait(3)) == ()


def test_a_clients_task_killed_by_another_clients_departure_is_a_crash(findings: Any) -> None:
    members: list[WebSocket] = []

    async def broadcast() -> None:
        while True:
            await asyncio.sleep(1)
            for member in members:
                await member.send_text("tick")

    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        members.append(ws)
        task = asyncio.create_task(broadcast())
        try:
            await ws.receive_text()
        finally:
            members.remove(ws) if ws.query_params else None
            task.cancel()

    found = findings(starlette(handler), Drop(1), Wait(3), clients=2)
    assert names(found) == [("background_task_crash", "failure", "WebSocketDisconnect")]
    assert found[0].client == 0


def test_the_apps_own_broadcaster_killed_by_one_client_matters_to_the_others_only(findings: Any) -> None:
    members: list[WebSocket] = []

    async def broadcast() -> None:
        while True:
            await asyncio.sleep(1)
            for member in members:
                await member.send_text("tick")

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        task = asyncio.create_task(broadcast())
        yield
        task.cancel()

    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        members.append(ws)
        await ws.receive_text()

    found = findings(starlette(handler, lifespan=lifespan), Drop(1), Wait(3), clients=2)
    assert names(found) == [("background_task_crash", "failure", "WebSocketDisconnect")]
    members.clear()
    assert findings(starlette(handler, lifespan=lifespan), Drop(0), Wait(3)) == ()


def test_one_exception_that_kills_a_task_and_the_handler_is_one_finding(findings: Any) -> None:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        error = ValueError("x")

        async def boom() -> None:
            raise error

        task = asyncio.create_task(boom())
        await asyncio.sleep(0)
        raise error if task.done() else AssertionError

    assert [one.check for one in findings(starlette(handler))] == ["handler_crash"]
