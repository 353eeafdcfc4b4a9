"""Django Channels projects: routers by protocol and by URL, with middleware in between."""

from __future__ import annotations

import django
import pytest
from django.conf import settings

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
        SECRET_KEY="of no use",
    )
    django.setup()

from channels.auth import AuthMiddlewareStack
from channels.consumer import AsyncConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer, WebsocketConsumer
from channels.middleware import BaseMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path, re_path
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from wsreplay.discovery import discover, opaque
from wsreplay.errors import RouteError
from wsreplay.model import Parameter


class Chat(AsyncJsonWebsocketConsumer):
    pass


class Notes(WebsocketConsumer):
    pass


class Logged(BaseMiddleware):
    pass


def test_the_stack_of_the_tutorial(accepts):
    app = ProtocolTypeRouter(
        {
            "http": get_asgi_application(),
            "websocket": AllowedHostsOriginValidator(
                AuthMiddlewareStack(URLRouter([re_path(r"^ws/chat/(?P<room_name>\w+)/$", Chat.as_asgi())]))
            ),
        }
    )
    (endpoint,) = discover(app)
    assert endpoint.route.path == "/ws/chat/{room_name}/"
    assert endpoint.route.parameters == (Parameter("room_name", "regex", r"\w+"),)
    assert endpoint.route.framework == "channels"
    assert endpoint.route.handler == f"{__name__}:Chat"
    assert endpoint.handler is Chat


def test_path_and_re_path_routes_are_served_where_they_are_found(accepts):
    app = URLRouter(
        [
            path("json/<int:n>/", Chat.as_asgi()),
            path("<word>/<uuid:u>", Chat.as_asgi()),
            path("slug/<slug:s>", Chat.as_asgi()),
            path("files/<path:p>", Chat.as_asgi()),
            re_path(r"plain/?$", Chat.as_asgi()),
            re_path(r"^year/([0-9]{4})/$", Chat.as_asgi()),
            re_path(r"^any/(?P<rest>.+)$", Chat.as_asgi()),
        ]
    )
    found = {endpoint.route.path: endpoint for endpoint in discover(app)}
    assert {
        template: [(p.name, p.converter) for p in endpoint.route.parameters] for template, endpoint in found.items()
    } == {
        "/json/{n}/": [("n", "int")],
        "/{word}/{u}": [("word", "str"), ("u", "uuid")],
        "/slug/{s}": [("s", "regex")],
        "/files/{p}": [("p", "path")],
        "/plain": [],
        "/year/{arg1}/": [("arg1", "regex")],
        "/any/{rest}": [("rest", "path")],
    }
    assert all(accepts(app, endpoint, s="a-b", arg1="2024") for endpoint in found.values())


def test_nested_routers_with_middleware_between(accepts, paths):
    inner = URLRouter([path("room/<int:n>/", Chat.as_asgi()), path("", Notes.as_asgi())])
    app = URLRouter(
        [re_path(r"^chat/", Logged(inner)), re_path(r"^live", inner), path("solo/", Logged(Notes.as_asgi()))]
    )
    endpoints = discover(app)
    assert paths(endpoints) == ["/chat/room/{n}/", "/chat/", "/live/room/{n}/", "/live/", "/solo/"]
    assert [endpoint.handler for endpoint in endpoints] == [Chat, Notes, Chat, Notes, Notes]
    assert endpoints[0].route.parameters == (Parameter("n", "int"),)
    assert all(accepts(app, endpoint) for endpoint in endpoints if endpoint.handler is Chat)


def test_an_app_of_another_framework_stands_at_the_root_because_it_gets_the_whole_path(accepts, paths):
    async def hello(websocket):
        await websocket.accept()

    async def bare(scope, receive, send):
        await send({"type": "websocket.accept"})

    other = Starlette(routes=[WebSocketRoute("/api/ws", hello)])
    app = URLRouter([path("bare/", bare), re_path(r"^", other)])
    endpoints = discover(app)
    assert paths(endpoints) == ["/bare/", "/api/ws"]
    assert endpoints[0].handler is bare
    assert all(accepts(app, endpoint) for endpoint in endpoints)
    assert opaque(app) == ()


def test_a_consumer_by_itself_is_an_app():
    (endpoint,) = discover(Chat.as_asgi())
    assert endpoint.handler is Chat
    assert endpoint.route.path == "/"


def test_a_converter_of_the_users_own_is_a_regex(accepts):
    from django.urls import converters, register_converter

    class Year:
        regex = "[0-9]{4}"

        def to_python(self, value):
            return int(value)

        def to_url(self, value):
            return str(value)

    if "wsreplay_year" not in converters.get_converters():
        register_converter(Year, "wsreplay_year")
    app = URLRouter([path("<wsreplay_year:y>/", Chat.as_asgi())])
    (endpoint,) = discover(app)
    assert endpoint.route.parameters == (Parameter("y", "regex", "[0-9]{4}"),)
    assert accepts(app, endpoint, y="2024")


def test_a_project_without_websockets_says_so():
    with pytest.raises(RouteError, match="ProtocolTypeRouter \\(channels, 1 route\\)"):
        discover(
            ProtocolTypeRouter(
                {
                    "http": get_asgi_application(),
                }
            )
        )
    with pytest.raises(RouteError, match="ASGIHandler \\(HTTP only\\)"):
        discover(get_asgi_application())


def test_the_consumers_of_other_protocols_are_not_routes():
    class Worker(AsyncConsumer):
        pass

    app = ProtocolTypeRouter({"channel": Worker.as_asgi(), "websocket": URLRouter([path("ws", Chat.as_asgi())])})
    assert [endpoint.handler for endpoint in discover(app)] == [Chat]


def test_middleware_in_a_circle_is_an_endpoint_by_itself():
    first = Logged(None)
    first.inner = Logged(first)
    (endpoint,) = discover(URLRouter([path("ws", first)]))
    assert endpoint.route.path == "/ws"
    assert endpoint.handler is Logged


def test_a_consumer_by_itself_is_tested_at_the_path_that_is_named():
    (endpoint,) = discover(Chat.as_asgi(), ("/room?tea=1",))
    assert (endpoint.route.path, endpoint.route.query, endpoint.handler) == ("/room", "tea=1", Chat)
    (endpoint,) = discover(URLRouter([path("ws", Chat.as_asgi())]), ("/room",))
    assert endpoint.handler is None
