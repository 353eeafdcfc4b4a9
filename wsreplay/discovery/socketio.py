"""python-socketio and python-engineio: an app whose one path is known, around another app.

A Socket.IO server is a route of its own, with the functions that listen to its events. An Engine.IO server leaves
everything to one function, so that nobody can say what it speaks: it is a leaf.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace

from wsreplay.discovery.handlers import is_a
from wsreplay.discovery.tables import Inner, Leaf, Place, Table, TableEntry
from wsreplay.model import Endpoint, Listener

_QUERY = "EIO=4&transport=websocket"


def read(app: object, place: Place) -> Table | None:
    """The server of a socketio.ASGIApp, at the path that a client would open, and its inner app."""
    if not is_a(app, "engineio", "ASGIApp"):
        return None
    path = getattr(app, "engineio_path", None) or "/"
    # It compares the whole path of the connection, mount prefix included.
    own = path.removeprefix(place.path) if path.startswith(place.path + "/") else path
    server = getattr(app, "engineio_server", None)
    entries: list[TableEntry] = []
    if is_a(server, "socketio", "AsyncServer"):
        entries.append(_endpoint(place, own, tuple(_listeners(server))))
    else:
        entries.append(Leaf(app, place, f"{place.path}{own}?{_QUERY}"))
    other = getattr(app, "other_asgi_app", None)
    if other is not None:
        entries.append(Inner(other, place))
    return Table("socketio", tuple(entries), len(entries))


def _endpoint(place: Place, path: str, listeners: tuple[Listener, ...]) -> Endpoint:
    handler = listeners[0].function if listeners else None
    found = place.endpoint("socketio", path, handler=handler)
    return replace(found, route=replace(found.route, query=_QUERY), listeners=listeners)


def _listeners(server: object) -> Iterator[Listener]:
    """The functions that listen, and the methods of namespace classes, in the order in which they were registered."""
    handlers: Mapping[str, Mapping[str, object]] = getattr(server, "handlers", None) or {}
    for namespace, functions in handlers.items():
        for name, function in functions.items():
            yield Listener(namespace, name, function)
    objects: Mapping[str, object] = getattr(server, "namespace_handlers", None) or {}
    for namespace, one in objects.items():
        for name in vars(type(one)):
            if name.startswith("on_") and inspect.isroutine(function := getattr(one, name)):
                yield Listener(namespace, name.removeprefix("on_"), function)
