"""Falcon: a tree of path segments; a resource that speaks WebSocket has an `on_websocket` responder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wsreplay.discovery.handlers import is_a
from wsreplay.discovery.tables import Place, Table
from wsreplay.model import Parameter

_HOLE = re.compile(r"\{(?P<name>\w+)(?::(?P<converter>\w+)(?:\([^)]*\))?)?\}")
_CONVERTERS = {"dt": "datetime"}


def read(app: object, place: Place) -> Table | None:
    """The table of a Falcon app with Falcon's own router."""
    if not is_a(app, "falcon", "App"):
        return None
    nodes = [node for root in app._router._roots for node in _nodes(root)]  # type: ignore[attr-defined]
    sockets = [(node.uri_template, responder) for node in nodes if (responder := _responder(node))]  # type: ignore[attr-defined]
    entries = [place.endpoint("falcon", *_template(path), handler=responder) for path, responder in sockets]
    return Table("falcon", tuple(entries), sum(1 for node in nodes if getattr(node, "resource", None)))


def _nodes(node: object) -> Iterator[object]:
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def _responder(node: object) -> object | None:
    """Every node has a WEBSOCKET responder; where the resource has none it is Falcon's 405."""
    responder = (getattr(node, "method_map", None) or {}).get("WEBSOCKET")
    return responder if getattr(responder, "__name__", "").startswith("on_websocket") else None


def _template(path: str) -> tuple[str, tuple[Parameter, ...]]:
    found = [(hole["name"], hole["converter"] or "str") for hole in _HOLE.finditer(path)]
    parameters = tuple(Parameter(name, _CONVERTERS.get(converter, converter)) for name, converter in found)
    return _HOLE.sub(r"{\g<name>}", path), parameters
