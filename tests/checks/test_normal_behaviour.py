"""What is never a finding: correct apps of every framework, each under many varied scenarios.

A false positive costs more trust than a missed bug. Each app here does something that a naive tool would report.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings as django_settings
from django.urls import re_path
from fastapi import Depends, FastAPI, Query, WebSocketException
from fastapi import WebSocket as FastSocket
from hypothesis import HealthCheck, Phase, given, settings
from litestar import Litestar, websocket_listener
from litestar import WebSocket as LitestarSocket
from litestar import websocket as litestar_route
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import websocket_stream
from quart import Quart
from quart import websocket as quart_socket
from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.exceptions import HTTPException
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from wsreplay.checks import Options, judge
from wsreplay.generation import Options as Generation
from wsreplay.generation import scenarios
from wsreplay.model import Endpoint, Limits, Route, Scenario
from wsreplay.simulation import Simulation
from wsreplay.sources import Sources

Make = Callable[[], Any]
APPS: dict[str, Make] = {}


# Of these a warning is due, because the framework itself trips over some input: Starlette over bytes that are no UTF-8
# and JSON that is too deep, Quart over empty bytes.
FAINT = {"starlette_json_endpoint", "quart_echo"}


def normal(make: Make) -> Make:
    """Add an app to the list of those that are never reported."""
    APPS[make.__name__] = make
    return make


def starlette(handler: Any) -> Starlette:
    return Starlette(routes=[WebSocketRoute("/", handler)])


def sequence(handler: Callable[..., Any]) -> Any:
    """A bare ASGI app for WebSockets that declines everything else by raising, as several frameworks do."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            raise ValueError(f"No application configured for scope type {scope['type']!r}")
        await receive()
        await handler(receive, send)

    return app


# --- Starlette -------------------------------------------------------------------------------------------------------


async def answer(ws: WebSocket, message: Any) -> None:
    await (ws.send_text(message["text"]) if "text" in message else ws.send_bytes(message["bytes"]))


async def messages(ws: WebSocket) -> Any:
    while True:
        message = await ws.receive()
        ws._raise_on_disconnect(message)
        yield message


@normal
def starlette_echo_that_lets_the_disconnect_out() -> Any:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        async for message in messages(ws):
            await answer(ws, message)

    return starlette(handler)


@normal
def starlette_echo_that_catches_the_disconnect() -> Any:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        with contextlib.suppress(WebSocketDisconnect):
            async for message in messages(ws):
                await answer(ws, message)

    return starlette(handler)


@normal
def starlette_closing_in_the_end_whoever_left() -> Any:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        try:
            async for _ in messages(ws):
                pass
        finally:
            await ws.close()

    return starlette(handler)


@normal
def starlette_json_endpoint() -> Any:
    class Handler(WebSocketEndpoint):
        encoding = "json"

    return starlette(Handler)


@normal
def starlette_text_endpoint_in_middleware() -> Any:
    class Handler(WebSocketEndpoint):
        encoding = "text"

        async def on_receive(self, websocket: WebSocket, data: Any) -> None:
            await websocket.send_text(data)

    class Middleware:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.app(scope, receive, send)

    return Middleware(starlette(Handler))


@normal
def starlette_bytes_endpoint() -> Any:
    class Handler(WebSocketEndpoint):
        encoding = "bytes"

    return starlette(Handler)


@normal
def starlette_pushing_without_reading() -> Any:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.send_text("tick")
            await asyncio.sleep(5)

    return starlette(handler)


@normal
def starlette_sleeping_over_every_message() -> Any:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        async for message in messages(ws):
            await asyncio.sleep(15)
            await answer(ws, message)

    return starlette(handler)


@normal
def starlette_waiting_for_company() -> Any:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        # Never reads, never sends: it waits for a partner, or for the connection's end.
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 25)
        await ws.close()

    return starlette(handler)


@normal
def starlette_replying_to_nothing() -> Any:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        async for _ in messages(ws):
            pass

    return starlette(handler)


@normal
def starlette_rejecting_before_accept() -> Any:
    async def handler(ws: WebSocket) -> None:
        await ws.close(1008, "no")

    return starlette(handler)


@normal
def starlette_denying_with_http() -> Any:
    async def handler(ws: WebSocket) -> None:
        raise HTTPException(401)

    return starlette(handler)


@normal
def starlette_closing_with_one_code_after_another() -> Any:
    codes = [1000, 1001, 1003, 1007, 1008, 1009, 1012, 1013, 3000, 3999, 4000, 4999]

    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        code = codes[0]
        codes.append(codes.pop(0))
        await ws.receive()
        with contextlib.suppress(WebSocketDisconnect):
            await ws.close(code)

    return starlette(handler)


@normal
def starlette_room_that_forgets_who_left() -> Any:
    members: set[WebSocket] = set()

    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        members.add(ws)
        try:
            async for message in messages(ws):
                for member in list(members):
                    try:
                        await answer(member, message)
                    except (WebSocketDisconnect, RuntimeError):
                        members.discard(member)
        finally:
            members.discard(ws)

    return starlette(handler)


@normal
def starlette_heartbeat_that_ends_with_its_client() -> Any:
    async def beat(ws: WebSocket) -> None:
        while True:
            await asyncio.sleep(10)
            await ws.send_text("beat")

    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        task = asyncio.create_task(beat(ws))
        try:
            async for message in messages(ws):
                await answer(ws, message)
        finally:
            task.cancel()

    return starlette(handler)


@normal
def starlette_reader_and_writer_in_a_task_group() -> Any:
    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        queue: asyncio.Queue[Any] = asyncio.Queue()

        async def read() -> None:
            async for message in messages(ws):
                await queue.put(message)

        async def write() -> None:
            while True:
                await answer(ws, await queue.get())

        async with asyncio.TaskGroup() as group:
            group.create_task(read())
            group.create_task(write())

    return starlette(handler)


# --- FastAPI ---------------------------------------------------------------------------------------------------------


@normal
def fastapi_echo_with_a_sync_dependency() -> Any:
    app = FastAPI()

    def greeting() -> str:
        return "hello "

    @app.websocket("/")
    async def handler(ws: FastSocket, word: Annotated[str, Depends(greeting)]) -> None:
        await ws.accept()
        async for message in messages(ws):
            await ws.send_text(word + str(len(message.get("text") or message.get("bytes") or "")))

    return app


@normal
def fastapi_refusing_by_validation() -> Any:
    app = FastAPI()

    @app.websocket("/")
    async def handler(ws: FastSocket, room: Annotated[int, Query()]) -> None:
        await ws.accept()

    return app


@normal
def fastapi_closing_by_an_exception_of_its_own() -> Any:
    app = FastAPI()

    @app.websocket("/")
    async def handler(ws: FastSocket) -> None:
        await ws.accept()
        async for message in messages(ws):
            if "bytes" in message:
                raise WebSocketException(1003, "text only")
            await answer(ws, message)

    return app


# --- Litestar --------------------------------------------------------------------------------------------------------


@normal
def litestar_echo() -> Any:
    @litestar_route("/")
    async def handler(socket: LitestarSocket) -> None:
        await socket.accept()
        async for data in socket.iter_data("text"):
            await socket.send_text(str(len(data or "")))

    return Litestar([handler])


@normal
def litestar_listener() -> Any:
    @websocket_listener("/")
    async def handler(data: str) -> str:
        return f"got {len(data)}"

    return Litestar([handler])


@normal
def litestar_stream() -> Any:
    @websocket_stream("/", warn_on_data_discard=False)
    async def handler() -> AsyncGenerator[str, None]:
        for number in range(50):
            yield str(number)
            await asyncio.sleep(1)

    return Litestar([handler])


@normal
def litestar_guard() -> Any:
    def guard(connection: Any, handler: Any) -> None:
        raise NotAuthorizedException("who are you?")

    @litestar_route("/", guards=[guard])
    async def handler(socket: LitestarSocket) -> None:
        await socket.accept()

    return Litestar([handler])


@normal
def litestar_closing_and_reading_on() -> Any:
    @litestar_route("/")
    async def handler(socket: LitestarSocket) -> None:
        await socket.accept()
        await socket.receive_data("text")
        await socket.close(4001)
        await socket.receive_data("text")

    return Litestar([handler])


# --- Quart and Channels ----------------------------------------------------------------------------------------------


@normal
def quart_echo() -> Any:
    app = Quart("echo")

    @app.websocket("/")
    async def handler() -> None:
        while True:
            await quart_socket.send(await quart_socket.receive())

    return app


@normal
def quart_refusing() -> Any:
    app = Quart("refusing")

    @app.websocket("/")
    async def handler() -> tuple[str, int]:
        return "no", 403

    return app


def channels(consumer: Any, pattern: str = "") -> Any:
    if not django_settings.configured:
        django_settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="x")
    return ProtocolTypeRouter({"websocket": URLRouter([re_path(pattern, consumer.as_asgi())])})


@normal
def channels_echo() -> Any:
    class Echo(AsyncWebsocketConsumer):
        async def receive(self, text_data: Any = None, bytes_data: Any = None) -> None:
            await self.send(text_data=text_data, bytes_data=bytes_data)

    return channels(Echo)


@normal
def channels_echo_in_threads() -> Any:
    class Echo(WebsocketConsumer):
        def receive(self, text_data: Any = None, bytes_data: Any = None) -> None:
            self.send(text_data=text_data, bytes_data=bytes_data)

    return channels(Echo)


@normal
def channels_closing_at_the_first_message() -> Any:
    class Once(AsyncWebsocketConsumer):
        closed = False

        async def receive(self, text_data: Any = None, bytes_data: Any = None) -> None:
            # Messages that came before the close are still delivered after it.
            if not self.closed:
                self.closed = True
                await self.close(4000)

    return channels(Once)


@normal
def channels_without_a_route() -> Any:
    return channels(AsyncWebsocketConsumer, "elsewhere/$")


# --- bare ASGI -------------------------------------------------------------------------------------------------------


@normal
def bare_echo() -> Any:
    async def handler(receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            await send({**event, "type": "websocket.send"})

    return sequence(handler)


@normal
def bare_pushing_in_a_group() -> Any:
    async def handler(receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

        async def push() -> None:
            while True:
                await asyncio.sleep(1)
                await send({"type": "websocket.send", "text": "tick"})

        async with asyncio.TaskGroup() as group:
            group.create_task(push())

    return sequence(handler)


@normal
def bare_json_service_that_says_what_is_wrong() -> Any:
    async def handler(receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept", "headers": [(b"x-served-by", b"a")]})
        while (event := await receive())["type"] == "websocket.receive":
            try:
                reply: Any = {"got": json.loads(event.get("text", ""))}
            except (ValueError, RecursionError) as error:
                reply = {"error": type(error).__name__}
            with contextlib.suppress(ValueError, RecursionError):
                await send({"type": "websocket.send", "text": json.dumps(reply, allow_nan=False)})

    return sequence(handler)


@normal
def bare_closing_without_a_code() -> Any:
    async def handler(receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await receive()
        with contextlib.suppress(OSError):
            await send({"type": "websocket.close", "reason": None})

    return sequence(handler)


def check(name: str, sequences: int) -> None:
    simulation = Simulation(APPS[name](), Sources(Path(__file__).parent), Limits(message=10, connection=30, block=5))
    route = Endpoint(Route("/"))
    options = Options(warnings=name not in FAINT)

    @settings(
        max_examples=sequences,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios(route, Generation()))
    def is_never_reported(scenario: Scenario) -> None:
        transcript = simulation.run(scenario)
        assert judge(scenario, transcript, options) == (), (scenario, transcript.events)

    simulation.start()
    try:
        is_never_reported()
    finally:
        simulation.stop()


@pytest.mark.parametrize("name", APPS)
def test_normal_behaviour_is_never_reported(name: str) -> None:
    check(name, 100)


@pytest.mark.slow
@pytest.mark.parametrize("name", APPS)
def test_normal_behaviour_is_never_reported_over_two_thousand_sequences(name: str) -> None:
    check(name, 2000)
