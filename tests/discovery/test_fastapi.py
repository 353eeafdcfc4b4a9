"""FastAPI apps: routers included in routers, sub-apps, and path parameters typed by annotation."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from typing import Annotated, Literal, NewType

import pytest
from fastapi import APIRouter, Depends, FastAPI, Path, WebSocket
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute

from wsreplay.discovery import discover
from wsreplay.discovery.parameters import narrowed
from wsreplay.model import Parameter


class Colour(enum.Enum):
    RED = "red"
    DARK_RED = "dark.red"
    ODD = "a/b"


class Nothing(enum.Enum):
    pass


RoomId = NewType("RoomId", int)


async def hello(websocket: WebSocket) -> None:
    await websocket.accept()


async def item(websocket: WebSocket, number: int) -> None:
    await websocket.accept()


def test_an_app_without_routers(accepts):
    app = FastAPI()
    app.add_api_websocket_route("/ws", hello)
    (endpoint,) = discover(app)
    assert endpoint.route.path == "/ws"
    assert endpoint.route.framework == "fastapi"
    assert endpoint.handler is hello
    assert accepts(app, endpoint)


def nested_app() -> FastAPI:
    inner = APIRouter(prefix="/inner")
    inner.add_api_websocket_route("/{number}", item)
    outer = APIRouter(prefix="/outer")
    outer.add_api_websocket_route("/ws", hello)
    outer.add_api_route("/http", lambda: None)
    outer.include_router(inner, prefix="/deep")
    app = FastAPI()
    app.get("/")(lambda: None)
    app.include_router(outer, prefix="/v1")
    app.include_router(outer, prefix="/v2")
    return app


def test_nested_routers_have_all_their_prefixes(accepts, paths):
    app = nested_app()
    endpoints = discover(app)
    assert paths(endpoints) == [
        "/v1/outer/ws",
        "/v1/outer/deep/inner/{number}",
        "/v2/outer/ws",
        "/v2/outer/deep/inner/{number}",
    ]
    assert [endpoint.handler for endpoint in endpoints] == [hello, item, hello, item]
    assert endpoints[1].route.parameters == (Parameter("number", "int"),)
    assert all(accepts(app, endpoint) for endpoint in endpoints)


def test_routers_and_apps_that_are_mounted_are_entered(accepts, paths):
    sub = FastAPI()
    sub.include_router(nested_app().router, prefix="/sub")
    sub.add_api_websocket_route("/own", hello)
    app = FastAPI()
    app.mount("/mounted", sub)
    endpoints = discover(app)
    assert paths(endpoints)[-1] == "/mounted/own"
    assert all(path.startswith("/mounted/") for path in paths(endpoints))
    assert all(accepts(app, endpoint) for endpoint in endpoints)


def test_a_router_may_hold_starlette_routes(accepts, paths):
    router = APIRouter(
        routes=[
            Route("/page", lambda request: PlainTextResponse("")),
            WebSocketRoute("/plain", hello),
        ]
    )
    app = FastAPI()
    app.include_router(router, prefix="/p")
    (endpoint,) = discover(app)
    assert endpoint.route.path == "/p/plain"
    assert endpoint.route.framework == "starlette"
    assert accepts(app, endpoint)


def test_whatever_an_included_router_mounts_is_found_where_the_app_serves_it(accepts):
    inside = Router(routes=[WebSocketRoute("/ws", hello)])
    router = APIRouter(routes=[Mount("/m", app=inside), Host("api.example.org", app=inside)])
    app = FastAPI()
    app.include_router(router, prefix="/p")
    # Before 0.137 a mount in an included router was dropped: then there is nothing to find.
    served = [route for route in app.routes if not hasattr(route, "path")]
    found = discover(app) if served else ()
    assert all(accepts(app, endpoint) for endpoint in found)
    assert {endpoint.route.path for endpoint in found} <= {"/p/m/ws", "/ws", "/p/ws"}
    assert len(found) == 2 * bool(served)


def test_a_router_by_itself_is_an_app(paths):
    router = APIRouter(prefix="/r")
    router.add_api_websocket_route("/ws", hello)
    assert paths(discover(router)) == ["/r/ws"]


def limited(annotation, default=...):
    """The parameter that discovery makes of one path parameter with this annotation."""

    async def endpoint(websocket: WebSocket, value=default) -> None:
        await websocket.accept()

    endpoint.__annotations__ = {"websocket": WebSocket, "value": annotation}
    if default is ...:
        endpoint.__defaults__ = None
    app = FastAPI()
    app.add_api_websocket_route("/{value}", endpoint)
    (found,) = discover(app)
    (parameter,) = found.route.parameters
    return app, found, parameter


@pytest.mark.parametrize(
    ("annotation", "converter"),
    [
        (str, "str"),
        (int, "int"),
        (float, "float"),
        (uuid.UUID, "uuid"),
        (datetime.date, "date"),
        (datetime.datetime, "datetime"),
        (datetime.time, "time"),
        (datetime.timedelta, "timedelta"),
        (decimal.Decimal, "decimal"),
        (RoomId, "int"),
        (Annotated[int, Path(ge=1)], "int"),
        (Annotated[Annotated[int, Path()], "doc"], "int"),
    ],
)
def test_an_annotation_narrows_a_parameter_that_takes_any_text(accepts, annotation, converter):
    app, endpoint, parameter = limited(annotation)
    assert parameter == Parameter("value", converter)
    assert accepts(app, endpoint)


@pytest.mark.parametrize(
    ("annotation", "pattern"),
    [(Colour, r"red|dark\.red"), (Literal["on", "off"], "on|off"), (bool, "true|false")],
)
def test_an_enum_a_literal_and_a_bool_are_alternatives(accepts, annotation, pattern):
    app, endpoint, parameter = limited(annotation)
    assert parameter == Parameter("value", "enum", pattern)
    assert accepts(app, endpoint)


@pytest.mark.parametrize("default", [..., Path(pattern="^[a-z]+-[0-9]+$")])
def test_a_declared_pattern_is_kept(accepts, default):
    annotation = Annotated[str, Path(pattern="^[a-z]+-[0-9]+$")] if default is ... else str
    app, endpoint, parameter = limited(annotation, default)
    assert parameter == Parameter("value", "regex", "[a-z]+-[0-9]+")
    assert accepts(app, endpoint, value="ab-12")


def test_a_pattern_that_says_only_a_part_is_left_alone():
    assert limited(Annotated[str, Path(pattern="[a-z]")])[2] == Parameter("value")


@pytest.mark.parametrize("annotation", [Nothing, list[int]])
def test_an_annotation_that_says_nothing_useful_is_left_alone(annotation):
    async def endpoint(websocket, value):
        await websocket.accept()

    endpoint.__annotations__ = {"value": annotation}
    app = Router(routes=[WebSocketRoute("/{value}", endpoint)])
    (found,) = discover(app)
    assert found.route.parameters == (Parameter("value"),)


def test_a_dependency_narrows_too(accepts):
    def room(number: int) -> int:
        return number

    def wrapped(room: Annotated[int, Depends(room)]) -> int:
        return room

    async def endpoint(websocket: WebSocket, room: Annotated[int, Depends(wrapped)]) -> None:
        await websocket.accept()

    endpoint.__annotations__ = {"websocket": WebSocket, "room": Annotated[int, Depends(wrapped)]}
    wrapped.__annotations__ = {"room": Annotated[int, Depends(room)]}
    app = FastAPI()
    app.add_api_websocket_route("/{number}", endpoint)
    (found,) = discover(app)
    assert found.route.parameters == (Parameter("number", "int"),)
    assert accepts(app, found)


def test_a_converter_in_the_path_outweighs_the_annotation():
    async def endpoint(websocket: WebSocket, number: float) -> None:
        await websocket.accept()

    endpoint.__annotations__ = {"websocket": WebSocket, "number": float}
    app = FastAPI()
    app.add_api_websocket_route("/{number:int}", endpoint)
    (found,) = discover(app)
    assert found.route.parameters == (Parameter("number", "int"),)


def test_the_annotations_of_a_plain_starlette_route_are_the_users_business():
    async def endpoint(websocket, value):
        await websocket.accept()

    endpoint.__annotations__ = {"value": int}
    app = FastAPI()
    app.router.routes.append(WebSocketRoute("/{value}", endpoint))
    (found,) = discover(app)
    assert found.route.parameters == (Parameter("value"),)


def test_an_optional_annotation_is_its_one_type():
    def endpoint(a, b, c, d):
        pass

    endpoint.__annotations__ = {"a": int | None, "b": "float | None", "c": int | str, "d": None}
    parameters = narrowed(tuple(map(Parameter, "abcd")), [None, endpoint])
    assert [parameter.converter for parameter in parameters] == ["int", "float", "str", "str"]


def test_annotations_that_cannot_be_evaluated_are_left_alone():
    namespace: dict[str, object] = {"WebSocket": WebSocket}
    exec("async def endpoint(websocket: WebSocket, value: int): await websocket.accept()", namespace)
    endpoint = namespace["endpoint"]
    app = FastAPI()
    app.add_api_websocket_route("/{value}", endpoint)
    endpoint.__annotations__["value"] = "NoSuchName"
    (found,) = discover(app)
    assert found.route.parameters == (Parameter("value"),)
