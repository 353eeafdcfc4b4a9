"""Litestar: `app.routes` is flat, with controllers, routers and prefixes already resolved."""

from __future__ import annotations

import types

from wsreplay.discovery import graphql
from wsreplay.discovery.handlers import is_a, unwrapped
from wsreplay.discovery.parameters import narrowed, template
from wsreplay.discovery.tables import Inner, Place, Table, TableEntry
from wsreplay.model import Parameter


def read(app: object, place: Place) -> Table | None:
    """The table of a Litestar app; apps mounted by `asgi` are inner apps."""
    if not is_a(app, "litestar", "Litestar"):
        return None
    entries: list[TableEntry] = []
    routes = list(app.routes)  # type: ignore[attr-defined]
    for route in routes:
        path, parameters = _template(route)
        if is_a(route, "litestar", "WebSocketRoute"):
            written = _written(route.route_handler.fn)
            entries.append(
                place.endpoint(
                    "litestar",
                    path,
                    narrowed(parameters, [written]),
                    handler=written,
                    subprotocols=graphql.subprotocols(written),
                    dependencies=_dependencies(route.route_handler),
                    schema=graphql.schema(written),
                )
            )
        elif is_a(route, "litestar", "ASGIRoute"):
            entries.append(Inner(route.route_handler.fn, place.below(path, parameters)))
    return Table("litestar", tuple(entries), len(routes))


def _dependencies(handler: object) -> list[object]:
    """What Litestar calls before the handler: the providers of its own and of the layers around it."""
    try:
        provided = handler.resolve_dependencies()  # type: ignore[attr-defined]
        return [_written(getattr(one, "dependency", None)) for one in provided.values()]
    except Exception:  # noqa: BLE001  # pragma: no cover - an app that was made has them; it is only read for hints
        return []


def _template(route: object) -> tuple[str, tuple[Parameter, ...]]:
    return template(route.path)  # type: ignore[attr-defined]


def _written(called: object) -> object:
    """What the user wrote, from what Litestar calls.

    A listener is a callable object around the user's function, bound to its controller if it has one; a synchronous
    function is in an object that runs it in a thread; a class-based listener is known by its bound `on_receive`.
    """
    while True:
        called = unwrapped(called)
        if is_a(called, "litestar", "ListenerHandler"):
            called = called._fn  # type: ignore[attr-defined]
        elif is_a(called, "litestar", "AsyncCallable"):
            called = called.func  # type: ignore[attr-defined]
        elif isinstance(called, types.MethodType) and not isinstance(called.__func__, types.FunctionType):
            inner = _written(called.__func__)
            return types.MethodType(inner, called.__self__) if isinstance(inner, types.FunctionType) else inner
        elif isinstance(called, types.MethodType) and is_a(called.__self__, "litestar", "WebsocketListener"):
            return type(called.__self__)
        else:
            return called
