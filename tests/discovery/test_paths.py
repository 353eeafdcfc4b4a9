"""Routes that the user names, and routes that the user picks."""

from __future__ import annotations

import subprocess
import sys

import pytest
from starlette.applications import Starlette
from starlette.routing import Host, Mount, Router, WebSocketRoute

from wsreplay.discovery import discover, opaque, select
from wsreplay.errors import RouteError
from wsreplay.model import Endpoint, Parameter, Route


async def bare(scope, receive, send):
    await send({"type": "websocket.accept"})


async def room(websocket, name):
    await websocket.accept()


async def number(websocket, n):
    await websocket.accept()


def app() -> Starlette:
    return Starlette(
        routes=[
            WebSocketRoute("/n/{n:int}", number),
            WebSocketRoute("/chat/{name}", room),
            WebSocketRoute("/files/{name:path}", room),
            Mount("/raw", bare),
            Host("raw.example.org", Router(routes=[Mount("/deep", bare)])),
        ]
    )


def test_a_bare_app_is_tested_where_the_user_says(accepts):
    (endpoint,) = discover(bare, ("/live?token=1&x=?",))
    assert endpoint.route == Route("/live", "asgi", handler=f"{__name__}:bare", query="token=1&x=?")
    assert endpoint.handler is bare
    assert accepts(bare, endpoint)


async def pages(scope, receive, send):
    await send({"type": "http.response.start"})


def test_a_bare_app_that_never_speaks_of_websockets_is_refused_with_a_proposal():
    with pytest.raises(RouteError) as caught:
        discover(pages)
    assert caught.value.message == (
        f"No WebSocket route was found in {__name__}.pages.\nWithout a route table: / ({__name__}.pages)."
    )
    assert "--path /ws" in caught.value.hint
    assert opaque(pages) == (f"/ ({__name__}.pages)",)


def test_a_path_is_given_the_handler_of_the_route_that_serves_it():
    paths = ("/chat/lobby", "/n/5", "/n/x", "/files/a/b%20c", "/raw/x", "/chat/lobby")
    found = {endpoint.route.path: endpoint for endpoint in discover(app(), paths)}
    assert list(found) == ["/chat/lobby", "/n/5", "/n/x", "/files/a/b c", "/raw/x"]
    assert [endpoint.handler for endpoint in found.values()] == [room, number, None, room, bare]
    assert [endpoint.route.framework for endpoint in found.values()] == ["starlette"] * 2 + [
        "asgi",
        "starlette",
        "asgi",
    ]
    assert all(endpoint.route.parameters == () for endpoint in found.values())


def test_a_template_stands_for_its_route():
    (endpoint,) = discover(app(), ("/chat/{name}?token=1",))
    assert endpoint.route.parameters == (Parameter("name"),)
    assert endpoint.route.query == "token=1"
    assert endpoint.handler is room


def test_a_template_on_a_bare_app_has_parameters():
    (endpoint,) = discover(bare, ("/chat/{name}/{n:int}",))
    assert endpoint.route.path == "/chat/{name}/{n}"
    assert endpoint.route.parameters == (Parameter("name"), Parameter("n", "int"))


def test_a_path_below_a_mount_without_a_table_has_its_host():
    (endpoint,) = discover(app(), ("/deep/er",))
    assert endpoint.route.host == "raw.example.org"


def test_of_nested_mounts_the_nearest_has_the_handler():
    async def nearer(scope, receive, send):
        pass

    routes = [Mount("/raw/near", nearer), Mount("/raw", bare)]
    for app in (Starlette(routes=routes), Starlette(routes=routes[::-1])):
        (endpoint,) = discover(app, ("/raw/near/ws",))
        assert endpoint.handler is nearer


@pytest.mark.parametrize("path", ["ws", "ws://localhost/ws", "?x=1", ""])
def test_a_path_that_does_not_begin_with_a_slash_is_refused(path):
    with pytest.raises(RouteError, match="begins with '/'"):
        discover(bare, (path,))


def test_globs_pick_routes_by_their_path():
    endpoints = tuple(Endpoint(Route(path)) for path in ("/chat/{room}", "/chat/{room}/x", "/admin", "/a[1]"))

    def picked(include=(), exclude=()):
        return [endpoint.route.path for endpoint in select(endpoints, include, exclude)]

    assert picked() == ["/chat/{room}", "/chat/{room}/x", "/admin", "/a[1]"]
    assert picked(include=("/chat/*",)) == ["/chat/{room}", "/chat/{room}/x"]
    assert picked(include=("/admin", "/a[1]")) == ["/admin", "/a[1]"]
    assert picked(exclude=("*/x", "/a*")) == ["/chat/{room}"]
    assert picked(include=("/chat/*",), exclude=("*/x",)) == ["/chat/{room}"]


def test_picking_nothing_is_an_error_that_lists_the_routes():
    endpoints = (Endpoint(Route("/chat")), Endpoint(Route("/admin")))
    with pytest.raises(RouteError) as caught:
        select(endpoints, ("/chut",), ("/x",))
    assert "Of 2 WebSocket route(s) none is left after --include /chut --exclude /x" in caught.value.message
    assert caught.value.hint == "The routes are: /chat, /admin"
    assert select((), ("/x",), ()) == ()


def test_no_framework_is_imported_that_the_app_does_not_use():
    code = """
import sys
from wsreplay.discovery import discover
async def app(scope, receive, send): ...
discover(app, ("/ws",))
known = {"starlette", "fastapi", "litestar", "channels", "django", "quart", "blacksheep", "falcon", "socketio"}
print(sorted(known & {name.split(".")[0] for name in sys.modules}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
