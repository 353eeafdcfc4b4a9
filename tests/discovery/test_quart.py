"""Quart apps: the URL map, blueprints, converters and hosts."""

from __future__ import annotations

import functools

import pytest
from quart import Blueprint, Quart, websocket
from quart.views import View

from wsreplay.discovery import discover
from wsreplay.model import Parameter


def make() -> Quart:
    app = Quart(__name__)

    @app.route("/")
    async def home():
        return ""

    @app.websocket("/ws")
    async def ws():
        await websocket.accept()

    return app


def test_an_app_and_its_blueprints(accepts):
    app = make()
    blueprint = Blueprint("rooms", __name__, url_prefix="/rooms")

    @blueprint.websocket("/<room>/<int:number>")
    async def room(room: str, number: int):
        await websocket.accept()

    app.register_blueprint(blueprint)
    found = {endpoint.route.path: endpoint for endpoint in discover(app)}
    assert set(found) == {"/ws", "/rooms/{room}/{number}"}
    assert found["/ws"].route.framework == "quart"
    assert found["/rooms/{room}/{number}"].handler is room
    assert found["/rooms/{room}/{number}"].route.parameters == (Parameter("room"), Parameter("number", "int"))
    assert all(accepts(app, endpoint) for endpoint in found.values())


@pytest.mark.parametrize(
    ("hole", "parameter", "value"),
    [
        ("<string:v>", Parameter("v"), "x"),
        ("<string(length=2):v>", Parameter("v", "regex", "[^/]{2}"), "ab"),
        ("<float:v>", Parameter("v", "float"), "1.5"),
        ("<uuid:v>", Parameter("v", "uuid"), "7f0e6f4e-1111-4222-8333-0123456789ab"),
        ("<path:v>", Parameter("v", "path"), "a/b"),
        ("<int(fixed_digits=3):v>", Parameter("v", "regex", r"\d{3}"), "007"),
        ("<any(red, blue):v>", Parameter("v", "enum", "blue|red"), "blue"),
    ],
)
def test_every_converter_is_a_parameter(accepts, hole, parameter, value):
    app = Quart(__name__)

    @app.websocket(f"/a/{hole}")
    async def ws(v):
        await websocket.accept()

    (endpoint,) = discover(app)
    assert endpoint.route.path == "/a/{v}"
    assert endpoint.route.parameters == (parameter,)
    assert accepts(app, endpoint, v=value)


def test_a_decorated_view_and_a_view_class_are_seen_through():
    app = Quart(__name__)

    def counted(view):
        @functools.wraps(view)
        async def wrapper(*args, **kwargs):
            return await view(*args, **kwargs)

        return wrapper

    async def inner():
        await websocket.accept()

    class Page(View):
        async def dispatch_request(self):
            await websocket.accept()

    app.add_websocket("/decorated", view_func=counted(inner))
    app.add_websocket("/class", view_func=Page.as_view("page"))
    found = {endpoint.route.path: endpoint.handler for endpoint in discover(app)}
    assert found == {"/decorated": inner, "/class": Page}


def test_the_server_name_is_the_host(accepts):
    app = make()
    app.config["SERVER_NAME"] = "example.org"
    (endpoint,) = discover(app)
    assert endpoint.route.host == "example.org"
    assert accepts(app, endpoint)


def test_a_subdomain_goes_before_the_server_name():
    app = Quart(__name__, **{"subdomain_matching": True} if hasattr(Quart, "subdomain_matching") else {})
    app.config["SERVER_NAME"] = "example.org"
    app.subdomain_matching = True

    @app.websocket("/ws", subdomain="<tenant>")
    async def ws(tenant):
        await websocket.accept()

    (endpoint,) = discover(app)
    assert endpoint.route.host == "tenant.example.org"


def test_a_host_of_the_rule_is_its_host(accepts):
    app = Quart(__name__, host_matching=True, static_host="example.org")

    @app.websocket("/ws", host="api.example.org")
    async def ws():
        await websocket.accept()

    (endpoint,) = discover(app)
    assert endpoint.route.host == "api.example.org"
    assert accepts(app, endpoint)
