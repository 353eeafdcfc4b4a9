"""BlackSheep, Falcon, socket.io and the GraphQL servers."""

from __future__ import annotations

import asyncio

import ariadne
import ariadne.asgi
import blacksheep
import engineio
import falcon.asgi
import pytest
import socketio
import strawberry
import strawberry.asgi
import strawberry.channels
import strawberry.fastapi
import strawberry.litestar
import strawberry.quart.views
from ariadne.asgi.handlers import GraphQLTransportWSHandler
from channels.routing import URLRouter
from django.urls import path
from fastapi import FastAPI
from litestar import Litestar
from quart import Quart
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute

from wsreplay.discovery import discover, opaque
from wsreplay.errors import RouteError
from wsreplay.model import Parameter

BOTH = ("graphql-transport-ws", "graphql-ws")


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "hello"


SCHEMA = strawberry.Schema(Query)
ARIADNE_SCHEMA = ariadne.make_executable_schema("type Query { hello: String }")


def blacksheep_app() -> blacksheep.Application:
    app = blacksheep.Application(router=blacksheep.Router())

    @app.router.get("/")
    async def home():
        return ""

    @app.router.ws("/ws/{room}/{int:number}/<uuid:key>/:tail")
    async def talk(websocket: blacksheep.WebSocket, room: str):
        await websocket.accept()

    @app.router.ws("typed/{number}")
    async def typed(websocket: blacksheep.WebSocket, number: int):
        await websocket.accept()

    @app.router.ws("/files/*")
    async def files(websocket: blacksheep.WebSocket):
        await websocket.accept()

    return app


def test_a_blacksheep_app_is_read_before_it_has_started(paths):
    endpoints = discover(blacksheep_app())
    assert paths(endpoints) == ["/ws/{room}/{number}/{key}/{tail}", "/typed/{number}", "/files/{tail}"]
    kinds = [[parameter.converter for parameter in endpoint.route.parameters] for endpoint in endpoints]
    assert kinds == [["str", "int", "uuid", "str"], ["int"], ["path"]]
    assert [endpoint.handler.__name__ for endpoint in endpoints] == ["talk", "typed", "files"]


def test_a_blacksheep_app_is_read_after_it_has_started_too(accepts, paths):
    app = blacksheep_app()
    before = paths(discover(app))
    asyncio.run(app.start())
    endpoints = discover(app)
    assert sorted(paths(endpoints)) == sorted(before)
    assert all(accepts(app, endpoint) for endpoint in endpoints)


def test_apps_mounted_in_blacksheep_are_entered(paths):
    async def hello(websocket):
        await websocket.accept()

    app = blacksheep_app()
    app.mount("/inner", Starlette(routes=[WebSocketRoute("/ws", hello)]))
    assert paths(discover(app))[-1] == "/inner/ws"


def test_the_resources_of_falcon_that_have_a_websocket_responder(accepts, paths):
    class Room:
        async def on_get(self, request, response, **values):
            pass

        async def on_websocket(self, request, socket, **values):
            await socket.accept()

        async def on_websocket_named(self, request, socket, **values):
            await socket.accept()

    class Page:
        async def on_get(self, request, response):
            pass

    app = falcon.asgi.App()
    app.add_route("/page", Page())
    app.add_route("/rooms/{room}/{number:int}", Room())
    app.add_route('/rooms/{room}/at/{when:dt("%Y")}/{key:uuid}', Room(), suffix="named")
    endpoints = discover(app)
    assert paths(endpoints) == ["/rooms/{room}/{number}", "/rooms/{room}/at/{when}/{key}"]
    assert endpoints[0].route.parameters == (Parameter("room"), Parameter("number", "int"))
    assert [parameter.converter for parameter in endpoints[1].route.parameters] == ["str", "datetime", "uuid"]
    assert endpoints[0].handler.__func__ is Room.on_websocket
    assert accepts(app, endpoints[0])
    assert accepts(app, endpoints[1], when="2024")


def test_socketio_is_a_route_with_its_listeners_and_its_inner_app_is_entered(paths):
    async def hello(websocket):
        await websocket.accept()

    server = socketio.AsyncServer(async_mode="asgi")
    app = socketio.ASGIApp(server, Starlette(routes=[WebSocketRoute("/ws", hello)]))
    assert [endpoint.listeners for endpoint in discover(app)] == [(), ()]

    @server.event
    async def join(sid, data):
        pass

    class Desk(socketio.AsyncNamespace):
        async def on_order(self, sid, data):
            pass

    server.register_namespace(Desk("/desk"))
    served, inner = discover(app)
    assert paths([served, inner]) == ["/socket.io/", "/ws"]
    assert (served.route.framework, served.route.query) == ("socketio", "EIO=4&transport=websocket")
    assert served.handler is join
    assert [(one.namespace, one.name) for one in served.listeners] == [("/", "join"), ("/desk", "order")]
    assert opaque(app) == ()
    (named,) = discover(app, ("/socket.io/?EIO=4&transport=websocket&token=a",))
    assert named.route.query == "EIO=4&transport=websocket&token=a"
    assert named.listeners == served.listeners


@pytest.mark.parametrize(
    ("own", "proposal"),
    [("socket.io", "/live/socket.io/"), ("/live/socket.io", "/live/socket.io/"), ("", "/live/"), (None, "/live/")],
)
def test_its_path_has_the_mount_in_front(own, proposal):
    inner = socketio.ASGIApp(socketio.AsyncServer(async_mode="asgi"), socketio_path=own)
    (endpoint,) = discover(Starlette(routes=[Mount("/live", inner)]))
    assert endpoint.route.path == proposal


def test_engineio_is_a_leaf_with_a_proposal():
    inner = engineio.ASGIApp(engineio.AsyncServer(async_mode="asgi"), engineio_path="live/engine.io")
    with pytest.raises(RouteError) as caught:
        discover(Starlette(routes=[Mount("/live", inner)]))
    assert caught.value.hint == "Name the path to test: --path '/live/engine.io/?EIO=4&transport=websocket'"
    assert "Without a route table: /live (engineio.async_drivers.asgi.ASGIApp)" in caught.value.message


def test_a_mounted_graphql_app_is_a_route_with_its_subprotocols(accepts):
    app = Starlette(
        routes=[
            Mount("/strawberry", strawberry.asgi.GraphQL(SCHEMA)),
            Mount("/one", strawberry.asgi.GraphQL(SCHEMA, subscription_protocols=["graphql-ws"])),
            Mount("/ariadne", ariadne.asgi.GraphQL(ARIADNE_SCHEMA)),
            Mount("/new", ariadne.asgi.GraphQL(ARIADNE_SCHEMA, websocket_handler=GraphQLTransportWSHandler())),
            WebSocketRoute("/exact", ariadne.asgi.GraphQL(ARIADNE_SCHEMA)),
        ]
    )
    endpoints = discover(app)
    found = {endpoint.route.path: (endpoint.route.framework, endpoint.route.subprotocols) for endpoint in endpoints}
    assert found == {
        "/strawberry/": ("strawberry", BOTH),
        "/one/": ("strawberry", ("graphql-ws",)),
        "/ariadne/": ("ariadne", ("graphql-ws",)),
        "/new/": ("ariadne", ("graphql-transport-ws",)),
        "/exact": ("starlette", ("graphql-ws",)),
    }
    assert all(accepts(app, endpoint) for endpoint in endpoints)
    assert [endpoint.schema for endpoint in endpoints] == [SCHEMA._schema] * 2 + [ARIADNE_SCHEMA] * 3
    assert opaque(app) == ()


def test_a_graphql_app_by_itself_is_the_root(accepts):
    app = strawberry.asgi.GraphQL(SCHEMA)
    (endpoint,) = discover(app)
    assert endpoint.route.path == "/"
    assert endpoint.handler is strawberry.asgi.GraphQL
    assert accepts(app, endpoint)


def test_strawberrys_router_for_fastapi(accepts):
    app = FastAPI()
    app.include_router(strawberry.fastapi.GraphQLRouter(SCHEMA, subscription_protocols=["graphql-ws"]), prefix="/g")
    (endpoint,) = discover(app)
    assert endpoint.route.path == "/g"
    assert endpoint.schema is SCHEMA._schema
    assert endpoint.route.subprotocols == ("graphql-ws",)
    assert accepts(app, endpoint)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_strawberrys_controller_for_litestar(accepts):
    app = Litestar([strawberry.litestar.make_graphql_controller(SCHEMA, path="/g")])
    (endpoint,) = discover(app)
    assert endpoint.route.path == "/g"
    assert endpoint.schema is SCHEMA._schema
    assert endpoint.route.subprotocols == BOTH
    assert accepts(app, endpoint)


def test_strawberrys_view_for_quart():
    app = Quart(__name__)
    view = strawberry.quart.views.GraphQLView.as_view("graphql", schema=SCHEMA)
    app.add_websocket("/g", view_func=view)
    (endpoint,) = discover(app)
    assert endpoint.schema is SCHEMA._schema
    assert endpoint.route.subprotocols == BOTH


def test_strawberrys_router_for_channels():
    app = strawberry.channels.GraphQLProtocolTypeRouter(SCHEMA, subscription_protocols=["graphql-transport-ws"])
    (endpoint,) = discover(app)
    assert endpoint.route.path == "/graphql"
    assert endpoint.schema is SCHEMA._schema
    assert endpoint.route.subprotocols == ("graphql-transport-ws",)


def test_a_graphql_consumer_that_says_nothing_speaks_both():
    app = URLRouter([path("g", strawberry.channels.GraphQLWSConsumer.as_asgi(schema=SCHEMA))])
    (endpoint,) = discover(app)
    assert endpoint.schema is SCHEMA._schema
    assert endpoint.route.subprotocols == BOTH
