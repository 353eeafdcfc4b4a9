"""Starlette, and what is built on it: routes in a list, Mount and Host with further apps inside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wsreplay.discovery import fastapi, graphql
from wsreplay.discovery.handlers import is_a
from wsreplay.discovery.tables import Inner, Leaf, Place, Table, TableEntry
from wsreplay.model import Endpoint, Parameter

_CONVERTERS = {
    "StringConvertor": "str",
    "PathConvertor": "path",
    "IntegerConvertor": "int",
    "FloatConvertor": "float",
    "UUIDConvertor": "uuid",
}
_HOLE = re.compile(r"\{(\w+)(?::\w+)?\}")
_SAMPLES = {"int": "1", "float": "1", "uuid": "00000000-0000-4000-8000-000000000000"}


def read(app: object, place: Place) -> Table | None:
    """The table of a Starlette or FastAPI app, a router, or a single route."""
    if is_a(app, "starlette", "BaseRoute"):
        routes: list[object] = [app]
    elif is_a(app, "starlette", "Starlette", "Router"):
        routes = list(app.routes)  # type: ignore[attr-defined]
    else:
        return None
    each = [route for listed in routes for route in fastapi.expanded(listed)]
    entries = [entry for route in each for entry in _entries(route, place)]
    default = _default(app)
    if default is not None:
        entries.append(Inner(default, place))
    return Table("fastapi" if is_a(app, "fastapi", "FastAPI", "APIRouter") else "starlette", tuple(entries), len(each))


def _entries(route: object, place: Place) -> Iterator[TableEntry]:
    if is_a(route, "starlette", "WebSocketRoute"):
        yield _socket(route, place)
    elif is_a(route, "starlette", "Mount"):
        path, parameters = _template(route.path, route)  # type: ignore[attr-defined]
        # `app` is `_base_app` inside the mount's own middleware.
        app = getattr(route, "_base_app", None) or route.app  # type: ignore[attr-defined]
        yield Inner(app, place.below(path, parameters))
    elif is_a(route, "starlette", "Host"):
        yield Inner(route.app, Place(place.path, place.parameters, _host(route)))  # type: ignore[attr-defined]
    elif not is_a(route, "starlette", "Route") and not is_a(route, "fastapi", "_FrontendRouteGroup"):
        # A kind of route that somebody made up.
        yield Leaf(route, place)


def _socket(route: object, place: Place) -> Endpoint:
    endpoint = route.endpoint  # type: ignore[attr-defined]
    path, parameters = _template(route.path, route)  # type: ignore[attr-defined]
    framework = "starlette"
    if fastapi.is_socket(route):
        framework, parameters = "fastapi", fastapi.typed(route, parameters)
    return place.endpoint(
        framework,
        path,
        parameters,
        handler=endpoint,
        subprotocols=graphql.subprotocols(endpoint),
        dependencies=fastapi.dependencies(route),
    )


def _default(app: object) -> object | None:
    """The app that a router falls back to, when it is not its own 404."""
    router = getattr(app, "router", app)
    default = getattr(router, "default", None)
    return None if getattr(default, "__self__", None) is router else default


def _template(path: str, route: object) -> tuple[str, tuple[Parameter, ...]]:
    convertors = route.param_convertors  # type: ignore[attr-defined]
    names = [hole[1] for hole in _HOLE.finditer(path)]
    return _HOLE.sub(r"{\1}", path), tuple(_parameter(name, convertors[name]) for name in names)


def _parameter(name: str, convertor: object) -> Parameter:
    known = _CONVERTERS.get(type(convertor).__name__) if type(convertor).__module__.startswith("starlette.") else None
    if known is not None:
        return Parameter(name, known)
    return Parameter(name, "regex", str(getattr(convertor, "regex", "[^/]+")))


def _host(route: object) -> str:
    """A Host header that the pattern accepts."""
    host, parameters = _template(route.host, route)  # type: ignore[attr-defined]
    for parameter in parameters:
        host = host.replace("{" + parameter.name + "}", _SAMPLES.get(parameter.converter, parameter.name))
    return host.replace("_", "-")
