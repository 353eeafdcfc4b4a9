"""The walk over an app: every table in it, however deep it is mounted or wrapped.

Knows no framework: what an app is, the framework's own file says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from wsreplay.discovery import blacksheep, channels, falcon, graphql, litestar, quart, socketio, starlette
from wsreplay.discovery.handlers import handler_of, title
from wsreplay.discovery.tables import Inner, Leaf, Place, Table
from wsreplay.discovery.wrappers import could_serve, http_only, inner_apps, wrapped_app
from wsreplay.model import Endpoint

_READERS: tuple[Callable[[object, Place], Table | None], ...] = (
    starlette.read,
    litestar.read,
    channels.read,
    quart.read,
    blacksheep.read,
    falcon.read,
    graphql.read,
    socketio.read,
)
_MAX_DEPTH = 40
_MAX_APPS = 2000


@dataclass(slots=True)
class Survey:
    """What the walk saw: endpoints in the order in which the target tries them, apps without a table, and a sentence
    for each place that was looked at.
    """

    endpoints: list[Endpoint] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)


def survey(app: object) -> Survey:
    """Look at the app and everything in it. Reads attributes only: nothing of the target is called."""
    walk = _Walk(Survey())
    if not walk.visit(app, Place(), ()):
        walk.leaf(app, Place())
    return walk.seen


@dataclass(slots=True)
class _Walk:
    seen: Survey
    # The app is kept beside the answer, so that its id is not given to another object.
    done: dict[tuple[int, Place], tuple[object, bool]] = field(default_factory=dict)

    def visit(self, app: object, place: Place, above: tuple[int, ...]) -> bool:
        """Whether the app, or one inside it, could be understood. `above` are the apps around it."""
        key = (id(app), place)
        if key in self.done:
            return self.done[key][1]
        if id(app) in above or len(above) >= _MAX_DEPTH or len(self.done) >= _MAX_APPS:
            return False
        self.done[key] = (app, False)
        understood = self._look(app, place, (*above, id(app)))
        self.done[key] = (app, understood)
        return understood

    def _look(self, app: object, place: Place, above: tuple[int, ...]) -> bool:
        where = place.path or "/"
        for reader in _READERS:
            try:
                table = reader(app, place)
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                self.seen.looked.append(f"{where}: {title(app)}, whose route table has an unknown form ({error})")
                return False
            if table is not None:
                routes = f"{table.size} route{'' if table.size == 1 else 's'}"
                self.seen.looked.append(f"{where}: {title(app)} ({table.framework}, {routes})")
                self._enter(table, above)
                return True
        if http_only(app):
            self.seen.looked.append(f"{where}: {title(app)} (HTTP only)")
            return True
        understood = False
        for inner, prefix in inner_apps(app):
            # No stop at the first: a dispatcher has several.
            read = self.visit(inner, place.below(prefix), above)
            if prefix and not read:
                self.leaf(inner, place.below(prefix), suggestion=place.below(prefix).path)
            understood |= read or bool(prefix)
        return understood

    def _enter(self, table: Table, above: tuple[int, ...]) -> None:
        for entry in table.entries:
            if isinstance(entry, Endpoint):
                self._add(entry)
            elif isinstance(entry, Leaf):
                self.seen.leaves.append(entry)
            elif not self.visit(entry.app, entry.place, above):
                self._without_table(entry)

    def _without_table(self, inner: Inner) -> None:
        if inner.otherwise is not None:
            self._add(inner.otherwise)
        else:
            self.leaf(inner.app, inner.place)

    def _add(self, endpoint: Endpoint) -> None:
        route = endpoint.route
        same = (route.path, route.host, route.parameters)
        if all((known.route.path, known.route.host, known.route.parameters) != same for known in self.seen.endpoints):
            self.seen.endpoints.append(endpoint)

    def leaf(self, app: object, place: Place, suggestion: str = "") -> None:
        """Note an app without a table, with the innermost app that its wrappers lead to."""
        core, inner = app, wrapped_app(app)
        for _ in range(_MAX_DEPTH):
            if inner is None or not could_serve(inner):
                break
            core, inner = inner, wrapped_app(inner)
        self.seen.leaves.append(Leaf(core, place, suggestion, handler_of(core)))
