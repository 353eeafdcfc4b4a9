"""Starlette apps, as their own documentation builds them."""

from __future__ import annotations

import functools

import pytest
from starlette.applications import Starlette
from starlette.convertors import CONVERTOR_TYPES, Convertor
from starlette.endpoints import WebSocketEndpoint
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Host, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from wsreplay.discovery import discover, opaque
from wsreplay.errors import RouteError
from wsreplay.model import Parameter


async def hello(websocket: WebSocket) -> None:
    await websocket.accept()


async def greet(websocket: WebSocket, word: str) -> None:
    await websocket.accept()


class Echo(WebSocketEndpoint):
    encoding = "text"


class Raw:
    async def __call__(self, scope, receive, send):
        await send({"type": "websocket.accept"})


class Pages:
    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start"})


def home(request):
    return PlainTextResponse("hello")


def test_a_function_is_the_handler_of_its_route(accepts):
    app = Starlette(routes=[Route("/", home), WebSocketRoute("/ws", hello)])
    (endpoint,) = discover(app)
    assert endpoint.handler is hello
    assert endpoint.route.path == "/ws"
    assert endpoint.route.framework == "starlette"
    assert endpoint.route.handler == f"{__name__}:hello"
    assert accepts(app, endpoint)


def test_classes_partials_and_instances_give_their_class_or_function(accepts):
    app = Starlette(
        routes=[
            WebSocketRoute("/class", Echo),
            WebSocketRoute("/partial", functools.partial(greet, word="hi")),
            WebSocketRoute("/instance", Raw()),
        ]
    )
    endpoints = discover(app)
    assert [endpoint.handler for endpoint in endpoints] == [Echo, greet, Raw]
    assert all(accepts(app, endpoint) for endpoint in endpoints)


def test_every_converter_is_a_parameter(accepts):
    app = Starlette(routes=[WebSocketRoute("/{a}/{b:int}/{c:float}/{d:uuid}/{e:path}", hello)])
    (endpoint,) = discover(app)
    assert endpoint.route.path == "/{a}/{b}/{c}/{d}/{e}"
    kinds = [(parameter.name, parameter.converter) for parameter in endpoint.route.parameters]
    assert kinds == [("a", "str"), ("b", "int"), ("c", "float"), ("d", "uuid"), ("e", "path")]
    assert accepts(app, endpoint)


def test_a_converter_of_the_users_own_is_a_regex(accepts, monkeypatch):
    class Hex(Convertor[int]):
        regex = "[0-9a-f]+"

        def convert(self, value: str) -> int:
            return int(value, 16)

        def to_string(self, value: int) -> str:
            return f"{value:x}"

    monkeypatch.setitem(CONVERTOR_TYPES, "hex", Hex())
    app = Starlette(routes=[WebSocketRoute("/colour/{rgb:hex}", hello)])
    (endpoint,) = discover(app)
    assert endpoint.route.parameters == (Parameter("rgb", "regex", "[0-9a-f]+"),)
    assert accepts(app, endpoint, rgb="c0ffee")


def test_mounts_and_routers_are_entered_however_deep(accepts, paths):
    inner = Router(routes=[WebSocketRoute("/live", hello)])
    app = Starlette(
        routes=[
            Mount("/api", routes=[Mount("/{tenant}", app=inner), WebSocketRoute("/ws", hello)]),
            Mount("/v2", app=Starlette(routes=[WebSocketRoute("/", hello)])),
            Mount("", routes=[WebSocketRoute("/root", hello)]),
        ]
    )
    endpoints = discover(app)
    assert paths(endpoints) == ["/api/{tenant}/live", "/api/ws", "/v2/", "/root"]
    assert endpoints[0].route.parameters == (Parameter("tenant"),)
    assert all(accepts(app, endpoint) for endpoint in endpoints)


def test_a_parameter_name_that_a_mount_has_already_is_numbered(accepts):
    app = Starlette(routes=[Mount("/{id:int}", routes=[WebSocketRoute("/of/{id}", hello)])])
    (endpoint,) = discover(app)
    assert endpoint.route.path == "/{id}/of/{id_2}"
    assert endpoint.route.parameters == (Parameter("id", "int"), Parameter("id_2"))
    assert accepts(app, endpoint)


def test_the_same_router_mounted_twice_gives_two_routes(paths):
    router = Router(routes=[WebSocketRoute("/ws", hello)])
    app = Starlette(routes=[Mount("/a", app=router), Mount("/b", app=router)])
    assert paths(discover(app)) == ["/a/ws", "/b/ws"]


def test_an_app_mounted_in_itself_is_read_once(paths):
    router = Router(routes=[WebSocketRoute("/ws", hello)])
    router.routes.append(Mount("/again", app=router))
    assert paths(discover(router)) == ["/ws"]


def test_host_routes_carry_a_host_header_that_leads_to_them(accepts):
    app = Starlette(
        routes=[
            Host("api.example.org", app=Router(routes=[WebSocketRoute("/ws", hello)])),
            Host("{tenant_name}.{number:int}.example.org", app=Router(routes=[WebSocketRoute("/ws", hello)])),
        ]
    )
    first, second = discover(app)
    assert first.route.host == "api.example.org"
    assert second.route.host == "tenant-name.1.example.org"
    assert accepts(app, first)
    assert accepts(app, second)


def test_middleware_added_to_the_app_or_to_a_mount_hides_nothing(accepts, paths):
    app = Starlette(
        routes=[Mount("/m", routes=[WebSocketRoute("/ws", hello)], middleware=[Middleware(CORSMiddleware)])],
    )
    app.add_middleware(CORSMiddleware, allow_origins=["*"])
    (endpoint,) = discover(app)
    assert endpoint.route.path == "/m/ws"
    assert accepts(app, endpoint)


def test_middleware_of_a_mount_that_cannot_be_seen_through_hides_nothing(accepts):
    class Veil:
        def __init__(self, app):
            self.unveil = lambda: app

        async def __call__(self, scope, receive, send):
            await self.unveil()(scope, receive, send)

    app = Starlette(routes=[Mount("/m", routes=[WebSocketRoute("/ws", hello)], middleware=[Middleware(Veil)])])
    (endpoint,) = discover(app)
    assert accepts(app, endpoint)


def test_an_app_that_a_router_falls_back_to_is_entered(accepts, paths):
    router = Router(routes=[], default=Starlette(routes=[WebSocketRoute("/late", hello)]))
    (endpoint,) = discover(router)
    assert endpoint.route.path == "/late"
    assert accepts(router, endpoint)


def test_a_single_route_is_an_app_too(paths):
    assert paths(discover(WebSocketRoute("/only", hello))) == ["/only"]


def test_a_route_declared_twice_is_listed_once(paths):
    app = Starlette(routes=[WebSocketRoute("/ws", hello), WebSocketRoute("/ws", greet)])
    (endpoint,) = discover(app)
    assert endpoint.handler is hello


def test_static_files_are_not_a_mystery(tmp_path):
    app = Starlette(routes=[Mount("/static", StaticFiles(directory=tmp_path)), WebSocketRoute("/ws", hello)])
    assert opaque(app) == ()


def test_a_mount_without_a_table_and_a_made_up_route_are_named(paths):
    class Odd(BaseRoute):
        pass

    app = Starlette(routes=[WebSocketRoute("/ws", hello), Mount("/raw", Pages()), Odd()])
    assert paths(discover(app)) == ["/ws"]
    raw, odd = opaque(app)
    assert raw == f"/raw ({__name__}.Pages)"
    assert odd.startswith("/ (")
    assert odd.endswith("Odd)")


def test_an_app_without_websocket_routes_says_what_was_looked_at(tmp_path):
    app = Starlette(
        routes=[Route("/", home), Mount("/static", StaticFiles(directory=tmp_path)), Mount("/raw", Pages())]
    )
    with pytest.raises(RouteError) as caught:
        discover(app)
    assert caught.value.exit_code == 2
    assert "/: starlette.applications.Starlette (starlette, 3 routes)" in caught.value.message
    assert "/static: starlette.staticfiles.StaticFiles (HTTP only)" in caught.value.message
    assert f"Without a route table: /raw ({__name__}.Pages)" in caught.value.message
    assert "--path" in caught.value.hint


def test_a_table_of_unknown_form_is_said_and_does_no_harm():
    app = Starlette(routes=[WebSocketRoute("/ws", hello)])
    del app.routes[0].param_convertors
    with pytest.raises(RouteError, match="route table has an unknown form"):
        discover(app)


def test_a_function_that_claims_to_wrap_itself_does_no_harm():
    async def odd(websocket):
        await websocket.accept()

    odd.__wrapped__ = odd
    (endpoint,) = discover(Router(routes=[WebSocketRoute("/ws", odd)]))
    assert endpoint.handler is odd


def test_a_bound_method_stays_bound_under_its_decorators():
    def counted(function):
        @functools.wraps(function)
        async def wrapper(*args):
            await function(*args)

        return wrapper

    class Rooms:
        @counted
        async def talk(self, websocket):
            await websocket.accept()

    rooms = Rooms()
    (endpoint,) = discover(Router(routes=[WebSocketRoute("/ws", rooms.talk)]))
    assert endpoint.handler.__self__ is rooms
    assert endpoint.handler.__func__ is Rooms.talk.__wrapped__
