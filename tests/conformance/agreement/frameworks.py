"""The same questions, asked through frameworks."""

from __future__ import annotations

from typing import Annotated, Any

import litestar
import quart
from fastapi import FastAPI, Query
from fastapi import WebSocket as FastAPIWebSocket
from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.exceptions import HTTPException
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    async for message in socket.iter_text():
        await socket.send_text(message)


async def _echo_json(socket: WebSocket) -> None:
    await socket.accept()
    while True:
        await socket.send_json({"got": await socket.receive_json()})


async def _crash(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(str(1 / int(await socket.receive_text())))


async def _denied(socket: WebSocket) -> None:
    raise HTTPException(status_code=401, detail="who are you")


async def _send_to_the_gone(socket: WebSocket) -> None:
    await socket.accept()
    try:
        await socket.receive_text()
    except WebSocketDisconnect:
        await socket.send_text("still there?")


class _Endpoint(WebSocketEndpoint):
    encoding = "json"

    async def on_receive(self, websocket: WebSocket, data: Any) -> None:
        await websocket.send_json(data)


starlette = Starlette(
    routes=[
        WebSocketRoute("/starlette-echo", _echo),
        WebSocketRoute("/starlette-json", _echo_json),
        WebSocketRoute("/starlette-json-of-bytes", _echo_json),
        WebSocketRoute("/starlette-crash", _crash),
        WebSocketRoute("/starlette-denied", _denied),
        WebSocketRoute("/starlette-gone", _send_to_the_gone),
        WebSocketRoute("/starlette-endpoint", _Endpoint),
    ]
)

fastapi = FastAPI()


@fastapi.websocket("/fastapi-query")
@fastapi.websocket("/fastapi-query-missing")
async def _query(socket: FastAPIWebSocket, count: Annotated[int, Query()]) -> None:
    await socket.accept()
    await socket.send_json(count)
    await socket.receive_text()


@litestar.websocket("/litestar-crash")
async def _litestar_crash(socket: litestar.WebSocket[Any, Any, Any]) -> None:
    await socket.accept()
    await socket.send_text(str(1 / int(await socket.receive_text())))


@litestar.websocket_listener("/litestar-listener")
async def _listener(data: str) -> str:
    return data.upper()


litestar_app = litestar.Litestar([_litestar_crash, _listener], openapi_config=None)

quart_app = quart.Quart("agreement")


@quart_app.websocket("/quart-echo")
async def _quart_echo() -> None:
    while True:
        await quart.websocket.send(await quart.websocket.receive())


@quart_app.websocket("/quart-crash")
async def _quart_crash() -> None:
    await quart.websocket.send(str(1 / int(await quart.websocket.receive())))
