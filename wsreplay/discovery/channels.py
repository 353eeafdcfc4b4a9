"""Django Channels: a router by protocol, then routers by Django's `path()` and `re_path()`, with middleware between."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wsreplay.discovery import graphql, regexes
from wsreplay.discovery.handlers import is_a
from wsreplay.discovery.tables import Inner, Place, Table, TableEntry
from wsreplay.discovery.wrappers import wrapped_app
from wsreplay.model import Parameter

_CONVERTERS = {"IntConverter": "int", "StringConverter": "str", "UUIDConverter": "uuid", "PathConverter": "path"}
_HOLE = re.compile(r"<(?:[^>:]+:)?(\w+)>")
_LIMIT = 50


def read(app: object, place: Place) -> Table | None:
    """The table of a ProtocolTypeRouter (its `websocket` side), a URLRouter or a single consumer."""
    if is_a(app, "channels", "ProtocolTypeRouter"):
        mapping = app.application_mapping  # type: ignore[attr-defined]
        served = (Inner(mapping["websocket"], place),) if "websocket" in mapping else ()
        return Table("channels", served, len(mapping))
    if is_a(app, "channels", "URLRouter"):
        return Table("channels", tuple(_entries(app, place, place)), len(app.routes))  # type: ignore[attr-defined]
    if hasattr(app, "consumer_class"):
        return Table("channels", tuple(_served(app, place.below("/"), place)), 1)
    return None


def _entries(router: object, here: Place, outside: Place) -> Iterator[TableEntry]:
    for route in router.routes:  # type: ignore[attr-defined]
        path, parameters = _template(route.pattern)
        # Channels strips slashes from what is left of the path, at every level.
        joint = "" if here.path.endswith("/") else "/"
        yield from _served(route.callback, here.exactly(joint + path, parameters), outside)


def _served(callback: object, here: Place, outside: Place) -> Iterator[TableEntry]:
    """What a URLRouter calls, with or without middleware around it."""
    inner: object | None = callback
    for _ in range(_LIMIT):
        if is_a(inner, "channels", "URLRouter"):
            yield from _entries(inner, here, outside)
            return
        consumer = getattr(inner, "consumer_class", None)
        if consumer is not None:
            options = getattr(inner, "consumer_initkwargs", None)
            spoken = graphql.subprotocols(consumer, options)
            schema = graphql.schema(consumer, options)
            yield here.endpoint("channels", "", handler=consumer, subprotocols=spoken, schema=schema)
            return
        if inner is None:
            break
        inner = wrapped_app(inner)
    # An app of another framework gets the whole path again, so it stands where the outermost router stands.
    yield Inner(callback, outside, here.endpoint("channels", "", handler=callback))


def _template(pattern: object) -> tuple[str, tuple[Parameter, ...]]:
    # A RoutePattern has a `_regex` as well, made from its route.
    if not hasattr(pattern, "_route"):
        return regexes.template(str(pattern._regex))  # type: ignore[attr-defined]
    route = str(pattern._route)
    converters = pattern.converters  # type: ignore[attr-defined]
    return _HOLE.sub(r"{\1}", route), tuple(_parameter(name, converters[name]) for name in _HOLE.findall(route))


def _parameter(name: str, converter: object) -> Parameter:
    known = _CONVERTERS.get(type(converter).__name__) if type(converter).__module__.startswith("django.") else None
    if known is not None:
        return Parameter(name, known)
    return Parameter(name, "regex", str(getattr(converter, "regex", "[^/]+")))
