"""BlackSheep: routes wait in a list until the app has started, then stand in a table by method."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wsreplay.discovery.handlers import is_a
from wsreplay.discovery.parameters import narrowed
from wsreplay.discovery.tables import Inner, Place, Table, TableEntry
from wsreplay.model import Parameter

_METHOD = "GET_WS"
_HOLE = re.compile(r"[{<](?:(?P<converter>\w+):)?(?P<name>\w+)[}>]|(?<=/):(?P<colon>\w+)|\*")
_CONVERTERS = {"string": "str"}


def read(app: object, place: Place) -> Table | None:
    """The table of a BlackSheep app, whether it has started or not, and the apps mounted in it."""
    if not is_a(app, "blacksheep", "Application"):
        return None
    entries: list[TableEntry] = []
    routes = list(_routes(app.router))  # type: ignore[attr-defined]
    for method, route in routes:
        if method == _METHOD:
            path, parameters = _template(_text(route.pattern))  # type: ignore[attr-defined]
            handler = route.handler  # type: ignore[attr-defined]
            typed = narrowed(parameters, [handler])
            entries.append(place.endpoint("blacksheep", path, typed, handler=handler))
    registry = getattr(app, "mount_registry", None)
    for mounted in getattr(registry, "mounted_apps", ()):
        path, parameters = _template(_text(mounted.pattern).removesuffix("/*"))
        entries.append(Inner(mounted.handler, place.below(path, parameters)))
    return Table("blacksheep", tuple(entries), len(routes))


def _routes(router: object) -> Iterator[tuple[str, object]]:
    for method, routes in router.routes.items():  # type: ignore[attr-defined]
        yield from ((_text(method), route) for route in routes)
    for waiting in router.registered_routes:  # type: ignore[attr-defined]
        # A pair of method and route; before 2.1 one object with both.
        yield waiting if isinstance(waiting, tuple) else (_text(waiting.method), waiting)


def _text(raw: bytes | str) -> str:
    return raw.decode() if isinstance(raw, bytes) else raw


def _template(pattern: str) -> tuple[str, tuple[Parameter, ...]]:
    parameters: list[Parameter] = []

    def hole(found: re.Match[str]) -> str:
        name = found["name"] or found["colon"]
        converter = found["converter"] or ("str" if name else "path")
        # BlackSheep's own name for what a star stands for.
        name = name or "tail"
        parameters.append(Parameter(name, _CONVERTERS.get(converter, converter)))
        return "{" + name + "}"

    path = _HOLE.sub(hole, pattern)
    return path if path.startswith("/") else f"/{path}", tuple(parameters)
