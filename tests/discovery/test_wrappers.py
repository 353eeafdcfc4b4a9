"""Apps inside middleware, closures, partials and hand-written dispatchers."""

from __future__ import annotations

import functools

import pytest
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import WebSocketRoute

from wsreplay.discovery import discover, opaque
from wsreplay.discovery.wrappers import wrapped_app
from wsreplay.errors import RouteError


async def hello(websocket):
    await websocket.accept()


def inner_app() -> Starlette:
    return Starlette(routes=[WebSocketRoute("/ws", hello)])


class Named:
    """Middleware that keeps its app under a name of its own choice."""

    def __init__(self, name, app):
        setattr(self, name, app)

    async def __call__(self, scope, receive, send):
        (app,) = vars(self).values()
        await app(scope, receive, send)


@pytest.mark.parametrize(
    "name", ["app", "inner", "application", "_app", "asgi_app", "other_asgi_app", "wrapped", "a_name_nobody_knows"]
)
def test_middleware_by_class(accepts, name):
    app = Named(name, inner_app())
    (endpoint,) = discover(app)
    assert endpoint.handler is hello
    assert accepts(app, endpoint)


def test_middleware_around_middleware(paths):
    app = CORSMiddleware(SessionMiddleware(Named("inner", inner_app()), secret_key="of no use"))
    assert paths(discover(app)) == ["/ws"]


def test_middleware_with_slots(accepts):
    class Slotted:
        __slots__ = ("app",)

        async def __call__(self, scope, receive, send):
            await self.app(scope, receive, send)

    app = Slotted()
    app.app = inner_app()
    (endpoint,) = discover(app)
    assert accepts(app, endpoint)


def around(app):
    async def middleware(scope, receive, send):
        await app(scope, receive, send)

    return middleware


def test_middleware_by_closure(accepts):
    app = around(around(inner_app()))
    (endpoint,) = discover(app)
    assert accepts(app, endpoint)


def test_an_empty_cell_does_no_harm():
    def make():
        async def middleware(scope, receive, send):
            await later(scope, receive, send)

        found = opaque(middleware)
        later = inner_app()
        return found, middleware

    found, middleware = make()
    assert found[0].startswith("/ (")
    assert len(discover(middleware)) == 1


async def passing_on(app, scope, receive, send):
    await app(scope, receive, send)


def test_middleware_by_partial(accepts):
    for app in (functools.partial(passing_on, inner_app()), functools.partial(around(inner_app()))):
        (endpoint,) = discover(app)
        assert accepts(app, endpoint)


def test_a_decorated_function_with_its_own_wrapped(accepts):
    class Site:
        def __init__(self):
            self.routes_app = inner_app()

        async def serve(self, scope, receive, send):
            await self.routes_app(scope, receive, send)

    app = Site().serve
    (endpoint,) = discover(app)
    assert accepts(app, endpoint)


GLOBAL_APP = inner_app()


async def by_global(scope, receive, send):
    if scope["type"] == "websocket":
        await GLOBAL_APP(scope, receive, send)


class ByGlobal:
    async def __call__(self, scope, receive, send):
        await GLOBAL_APP(scope, receive, send)

    async def method(self, scope, receive, send):
        await GLOBAL_APP(scope, receive, send)


@pytest.mark.parametrize("app", [by_global, ByGlobal(), ByGlobal().method], ids=["function", "object", "method"])
def test_an_app_that_passes_on_to_a_global(accepts, app):
    (endpoint,) = discover(app)
    assert accepts(app, endpoint)


class Dispatcher:
    """By prefix, as hypercorn's DispatcherMiddleware does."""

    def __init__(self, mounts):
        self.mounts = mounts

    async def __call__(self, scope, receive, send):
        for prefix, app in self.mounts.items():
            if scope["path"].startswith(prefix):
                return await app({**scope, "root_path": prefix.rstrip("/")}, receive, send)
        return None


def test_a_dispatcher_with_paths_for_keys_is_a_mapping_of_mounts(accepts, paths):
    app = Dispatcher({"/a": inner_app(), "/b/": inner_app()})
    endpoints = discover(app)
    assert paths(endpoints) == ["/a/ws", "/b/ws"]
    assert all(accepts(app, endpoint) for endpoint in endpoints)


def test_a_dispatcher_with_other_keys_or_a_list_serves_all_at_its_own_place(paths):
    second = Starlette(routes=[WebSocketRoute("/second", hello)])
    assert paths(discover(Dispatcher({"websocket": inner_app(), 1: second, 2: "no app"}))) == ["/ws", "/second"]
    assert paths(discover(Dispatcher([inner_app(), second]))) == ["/ws", "/second"]


def test_what_a_dispatcher_mounts_without_a_table_is_named():
    async def bare(scope, receive, send):
        pass

    name = f"{__name__}.{bare.__qualname__}"
    assert opaque(Dispatcher({"/a": inner_app(), "/b": bare})) == (f"/b ({name})",)
    assert opaque(Dispatcher({"/b": bare})) == (f"/b ({name})",)
    assert opaque(Dispatcher([inner_app(), bare])) == ()


def test_a_property_that_raises_does_no_harm(paths):
    class Rude:
        def __init__(self):
            self.served = inner_app()

        @property
        def app(self):
            raise RuntimeError("not now")

        async def __call__(self, scope, receive, send):
            await self.served(scope, receive, send)

    assert paths(discover(Rude())) == ["/ws"]


def test_wrappers_in_a_circle_end():
    first = Named("app", None)
    second = Named("app", first)
    first.app = second
    with pytest.raises(RouteError, match="No WebSocket route was found"):
        discover(first)


def test_a_tower_of_wrappers_ends():
    app = inner_app()
    for _ in range(500):
        app = Named("app", app)
    with pytest.raises(RouteError, match="No WebSocket route was found"):
        discover(app)


def test_wrappers_that_multiply_are_cut_off():
    class Hydra:
        @property
        def app(self):
            return Hydra()

        @property
        def inner(self):
            return Hydra()

        async def __call__(self, scope, receive, send):
            pass

    with pytest.raises(RouteError, match="No WebSocket route was found"):
        discover(Hydra())


def test_the_innermost_app_is_the_handler_of_a_path_that_is_named():
    async def bare(scope, receive, send):
        await send({"type": "websocket.accept"})

    @functools.wraps(bare)
    async def decorated(scope, receive, send):
        await bare(scope, receive, send)

    for app in (bare, around(bare), Named("app", bare), functools.partial(passing_on, bare), decorated):
        (endpoint,) = discover(app, ("/ws",))
        assert endpoint.handler is bare


def with_a_helper():
    def handler(bank, role, operation):
        return bank, role, operation

    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            handler(scope, receive, send)

    return app


def test_a_helper_of_three_arguments_is_no_app_within(paths):
    app = with_a_helper()
    assert wrapped_app(app) is None
    assert paths(discover(app)) == ["/"]
