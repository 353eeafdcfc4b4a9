"""Apps without a route table, of which the code says which paths they look for."""

from __future__ import annotations

import re
from typing import ClassVar

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute

from wsreplay.discovery import discover, opaque
from wsreplay.errors import RouteError
from wsreplay.model import Parameter

LIVE = "/live"
PATTERN = re.compile(r"^/rooms/(?P<room>\w+)/$")


async def accept(send):
    await send({"type": "websocket.accept"})


def found(app, **more):
    return [endpoint.route.path for endpoint in discover(app, **more)]


async def compares(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    if scope["type"] == "http" and scope["path"] == "/health":
        await send({"type": "http.response.start"})
    elif scope["path"] in ("/a", "/b") or (path := scope.get("path", "/")) == LIVE or path.rstrip("/") != "c":
        await accept(send)


def test_what_the_path_is_compared_with_is_a_route_and_what_is_for_http_is_none(accepts):
    assert found(compares) == ["/a", "/b", "/live", "/c"]
    assert all(accepts(compares, endpoint) for endpoint in discover(compares))
    assert opaque(compares) == ()


async def only_websockets(scope, receive, send):
    if scope["type"] != "websocket":
        if scope["path"] == "/index.html":
            await send({"type": "http.response.start"})
    elif scope["path"] == "/ws":
        await accept(send)
    if scope["type"] not in ("http", "lifespan") and scope["path"] == "/more":
        await accept(send)
    if scope["type"] == "websocket":
        await accept(send)
    elif scope["path"] == "/other.html":
        await send({"type": "http.response.start"})
    if 1 < len(scope["path"]) < 9 or (scope["path"] == "/or" and scope["type"]):
        await accept(send)


def test_the_rest_of_a_condition_on_the_kind_is_for_the_other_kinds():
    assert found(only_websockets) == ["/ws", "/more", "/or"]


async def begins(scope, receive, send):
    path, kind = scope["path"], scope["type"]
    if path.startswith(("/ingest/", "/ws", "/live")) or path.endswith("/feed") or kind.upper():
        await accept(send)


def test_a_beginning_and_an_end_leave_the_rest_open():
    one, two, three, four = discover(begins)
    assert (one.route.path, one.route.parameters) == ("/ingest/{arg1}", (Parameter("arg1"),))
    assert (two.route.path, two.route.parameters) == ("/ws{arg1}", (Parameter("arg1", "regex", "(?:|/[^/]+)"),))
    assert three.route.path == "/live{arg1}"
    assert four.route.path == "/{arg1}/feed"


class Table:
    """Names by path, in attributes of the object and its class."""

    kinds: ClassVar = {"/kind": None}

    def __init__(self):
        self.names = {"/chat": "chat", "/echo": "echo"}

    async def __call__(self, scope, receive, send):
        self.path = scope["path"]
        name = self.names.get(self.path) or self.kinds[self.path] or {"/dict": 1, **self.kinds}[self.path]
        await getattr(self, name)(send)

    async def chat(self, send):
        await accept(send)

    @staticmethod
    async def echo(send):
        await accept(send)


def test_the_keys_of_a_table_are_routes(accepts):
    app = Table()
    assert found(app) == ["/chat", "/echo", "/kind", "/dict"]
    assert accepts(app, discover(app)[0])


class Handlers:
    def __init__(self):
        self.handlers = {"/chat": self.chat}

    async def __call__(self, scope, receive, send):
        await self.handlers[scope["path"]](scope, receive, send)

    async def chat(self, scope, receive, send):
        await accept(send)


def test_an_app_in_a_mapping_by_path_is_at_that_path(accepts):
    app = Handlers()
    assert found(app) == ["/chat"]
    assert accepts(app, discover(app)[0])


async def matches(scope, receive, send):
    if (
        PATTERN.match(scope["path"])
        or re.fullmatch(r"/n/(\d+)", scope["path"])
        or re.search(scope["re"], scope["path"])
    ):
        await accept(send)


def test_a_regular_expression_is_a_template():
    assert found(matches) == ["/rooms/{room}/", "/n/{arg1}"]


async def cases(scope, receive, send):
    match scope["path"]:
        case "/one" | "/two":
            await accept(send)
        case _:
            pass
    match scope["path"].strip("/").split("/"):
        case ["rooms", _, "live"]:
            await accept(send)
        case {}:
            pass


def test_patterns_of_a_match_are_routes():
    assert found(cases) == ["/one", "/two", "/rooms/{arg1}/live"]


def pieces(kind):
    async def counted(scope, receive, send):
        parts = scope["path"].split("/")
        if len(parts) == 4 and parts[1] == "rooms" and parts[-1] != "x" and len(scope) > 3 and parts[scope["n"]] == "y":
            await accept(send)

    async def unpacked(scope, receive, send):
        _, _room, _user = scope["path"].split("/")
        await accept(send)

    async def cut(scope, receive, send):
        _head, *tail = scope["path"].split("/")[1:]
        if tail[1:] and tail[0] == scope["x"]:
            await accept(send)

    return {"counted": counted, "unpacked": unpacked, "cut": cut}[kind]


@pytest.mark.parametrize(
    ("kind", "path"),
    [("counted", "/rooms/{arg1}/{arg2}"), ("unpacked", "/{arg1}/{arg2}"), ("cut", "/{arg1}/{arg2}")],
)
def test_a_path_that_is_split_has_as_many_pieces(kind, path):
    assert found(pieces(kind)) == [path]


async def anything(scope, receive, send):
    await accept(send)


def test_an_app_that_looks_at_no_path_is_one_route(accepts):
    assert found(anything) == ["/"]
    assert accepts(anything, discover(anything)[0])


def test_a_mounted_app_is_found_below_its_mount(accepts):
    async def own(scope, receive, send):
        if scope["path"] in ("/raw/full", "/rest"):
            await accept(send)

    async def hello(websocket):
        await websocket.accept()

    app = Starlette(routes=[WebSocketRoute("/ws", hello), Mount("/raw", own), Mount("/any", anything)])
    assert found(app) == ["/ws", "/raw/full", "/raw/rest", "/any/"]
    assert accepts(app, discover(app)[-1])
    assert opaque(app) == ()


def delayed():
    async def outer(scope, receive, send):
        await later(scope, send)

    nothing = [outer]
    if not nothing:
        later = anything
    return outer


def test_a_name_that_stands_for_nothing_yet_is_no_hindrance():
    with pytest.raises(RouteError):
        discover(delayed())


def home(request):
    return None


def test_a_path_that_the_user_names_is_tested_alone():
    assert found(compares, paths=("/x",)) == ["/x"]
    app = Starlette(routes=[Route("/", home), Mount("/raw", anything)])
    assert found(app, paths=("/raw/x",)) == ["/raw/x"]


def test_code_without_source_is_not_read():
    space = {}
    exec("async def app(scope, receive, send):\n    await send({'type': 'websocket.accept'})\n", space)
    with pytest.raises(RouteError, match="Without a route table"):
        discover(space["app"])
    space["app"].__code__ = space["app"].__code__.replace(co_filename=__file__, co_firstlineno=100_000)
    with pytest.raises(RouteError, match="Without a route table"):
        discover(space["app"])
