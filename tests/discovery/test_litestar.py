"""Litestar apps: every way to write a WebSocket handler."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Literal

import litestar
import pytest
from litestar import Controller, Litestar, Router, WebSocket, asgi, get, websocket, websocket_listener
from litestar.handlers import WebsocketListener
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from wsreplay.discovery import discover, opaque
from wsreplay.model import Parameter

try:
    from litestar import websocket_stream
except ImportError:  # before 2.14
    websocket_stream = None

pytestmark = pytest.mark.filterwarnings("ignore:.*declared using deprecated inferred style")


@get("/")
async def home() -> str:
    return ""


@websocket("/ws/{room:str}/{number:int}")
async def plain(socket: WebSocket, room: Literal["red", "blue"], number: int) -> None:
    await socket.accept()


@websocket_listener("/listen")
async def listen(data: str) -> str:
    return data


@websocket_listener("/blocking")
def blocking(data: str) -> str:
    return data


class ByClass(WebsocketListener):
    path = "/class"

    async def on_receive(self, data: str) -> str:
        return data


class Chat(Controller):
    path = "/chat"

    @websocket("/{room:str}")
    async def talk(self, socket: WebSocket, room: str) -> None:
        await socket.accept()

    @websocket_listener("/listen")
    async def hear(self, data: str) -> str:
        return data

    @websocket_listener("/blocking")
    def hear_blocking(self, data: str) -> str:
        return data


def named(endpoints):
    return {endpoint.route.path: endpoint for endpoint in endpoints}


def test_functions_listeners_and_classes_are_found_with_what_the_user_wrote(accepts):
    app = Litestar([home, plain, listen, blocking, ByClass])
    found = named(discover(app))
    assert sorted(found) == ["/blocking", "/class", "/listen", "/ws/{room}/{number}"]
    assert found["/listen"].handler.__qualname__ == "listen"
    assert found["/listen"].handler.__module__ == __name__
    assert found["/blocking"].handler.__qualname__ == "blocking"
    assert found["/class"].handler is ByClass
    assert found["/class"].route.handler == f"{__name__}:ByClass"
    assert found["/ws/{room}/{number}"].handler.__qualname__ == "plain"
    assert found["/ws/{room}/{number}"].route.framework == "litestar"
    assert all(accepts(app, endpoint) for endpoint in found.values())


def test_parameters_have_their_type_from_the_path_and_the_annotation():
    (endpoint,) = discover(Litestar([plain]))
    assert endpoint.route.parameters == (Parameter("room", "enum", "red|blue"), Parameter("number", "int"))


@pytest.mark.parametrize(
    "kind", ["int", "float", "uuid", "date", "datetime", "time", "timedelta", "decimal", "path", "str"]
)
def test_every_path_type_is_a_converter(accepts, kind):
    @websocket("/a/{value:" + kind + "}")
    async def typed(socket: WebSocket) -> None:
        await socket.accept()

    app = Litestar([typed])
    (endpoint,) = discover(app)
    assert endpoint.route.path == "/a/{value}"
    assert endpoint.route.parameters == (Parameter("value", kind),)
    assert accepts(app, endpoint)


def test_controllers_and_routers_have_their_prefixes(accepts):
    app = Litestar([Router("/v1", route_handlers=[Chat, Router("/deep", route_handlers=[ByClass])])])
    found = named(discover(app))
    assert sorted(found) == ["/v1/chat/blocking", "/v1/chat/listen", "/v1/chat/{room}", "/v1/deep/class"]
    assert found["/v1/chat/{room}"].handler.__qualname__ == "Chat.talk"
    assert found["/v1/chat/listen"].handler.__qualname__ == "Chat.hear"
    assert found["/v1/chat/blocking"].handler.__qualname__ == "Chat.hear_blocking"
    # Litestar 2.25 itself closes on a listener in a controller in a router: its listener asks the router for plugins.
    assert all(accepts(app, endpoint) for path, endpoint in found.items() if "/chat/" not in path or "{" in path)


def test_the_listeners_of_a_controller_are_served_where_they_are_found(accepts):
    app = Litestar([Chat])
    assert all(accepts(app, endpoint) for endpoint in discover(app))


@pytest.mark.skipif(websocket_stream is None, reason=f"litestar {litestar.__version__} has no websocket_stream")
def test_streams_are_found_with_their_generator(accepts):
    class Streams(Controller):
        @websocket_stream("/own")
        async def own(self) -> AsyncGenerator[str, None]:
            yield "tick"

    @websocket_stream("/stream")
    async def stream() -> AsyncGenerator[str, None]:
        yield "tick"

    app = Litestar([stream, Streams])
    found = named(discover(app))
    assert found["/stream"].handler.__qualname__.endswith("stream")
    assert found["/own"].handler.__qualname__.endswith("Streams.own")
    assert all(accepts(app, endpoint) for endpoint in found.values())


def test_a_mounted_asgi_app_is_entered_and_a_bare_one_is_read(accepts):
    async def hello(websocket) -> None:
        await websocket.accept()

    @asgi("/bare", copy_scope=True)
    async def bare(scope: litestar.types.Scope, receive: litestar.types.Receive, send: litestar.types.Send) -> None:
        await send({"type": "websocket.accept"})

    inner = asgi("/mounted", is_mount=True, copy_scope=True)(Starlette(routes=[WebSocketRoute("/ws", hello)]))
    app = Litestar([inner, bare, plain])
    found = named(discover(app))
    assert sorted(found) == ["/bare/", "/mounted/ws", "/ws/{room}/{number}"]
    assert accepts(app, found["/bare/"])
    assert opaque(app) == ()
