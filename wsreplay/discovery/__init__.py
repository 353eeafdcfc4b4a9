"""From an app to its WebSocket routes, one file a framework.

No framework is imported here: an app is told by the names of its classes, so that only what the target uses is ever
loaded. Nothing of the target is called, and no path is made up: concrete paths are made by generation. An app that has
no table is read for the paths that it looks for.
"""

from __future__ import annotations

import fnmatch
from dataclasses import replace
from urllib.parse import unquote

from wsreplay.discovery import bare
from wsreplay.discovery.handlers import title
from wsreplay.discovery.parameters import fits, template
from wsreplay.discovery.tables import Leaf, Place
from wsreplay.discovery.walking import Survey, survey
from wsreplay.errors import RouteError
from wsreplay.model import Endpoint, Route

__all__ = ["discover", "opaque", "select"]

_ELSEWHERE = "Name the path to test: --path /ws (a query string may follow: --path '/ws?token=1')."


def discover(app: object, paths: tuple[str, ...] = ()) -> tuple[Endpoint, ...]:
    """The WebSocket endpoints of an ASGI app, in the order in which the app tries them.

    An app without a table has those that its own code looks for (`bare`).

    With `paths` exactly these are tested, each as `/path` or `/path?query`, percent-encoded or not. A path that one of
    the app's routes serves is given that route's handler and framework; one that equals a route's template stands for
    the route. Without a match its framework is `asgi`, and `{name}` or `{name:converter}` in it is a parameter.

    Raises RouteError when there is nothing to test, or a path cannot be one.
    """
    seen = survey(app)
    if paths:
        return tuple(_named(text, seen) for text in dict.fromkeys(paths))
    found = [*seen.endpoints, *(endpoint for leaf in seen.leaves for endpoint in bare.endpoints(leaf))]
    if not found:
        raise _nothing(app, seen)
    return tuple(found)


def opaque(app: object) -> tuple[str, ...]:
    """The places of the app that could not be looked into, each as `/mount (module.Class)`, sorted as found."""
    return tuple(_line(leaf) for leaf in survey(app).leaves if not bare.endpoints(leaf))


def select(endpoints: tuple[Endpoint, ...], include: tuple[str, ...], exclude: tuple[str, ...]) -> tuple[Endpoint, ...]:
    """The endpoints whose route path matches a glob of `include` (none: all do) and none of `exclude`.

    `*` matches slashes too. Raises RouteError when endpoints were given and none is left.
    """
    kept = tuple(
        endpoint
        for endpoint in endpoints
        if (not include or _matches(endpoint.route.path, include)) and not _matches(endpoint.route.path, exclude)
    )
    if endpoints and not kept:
        asked = [f"--include {glob}" for glob in include] + [f"--exclude {glob}" for glob in exclude]
        raise RouteError(
            f"Of {len(endpoints)} WebSocket route(s) none is left after {' '.join(asked)}.",
            "The routes are: " + ", ".join(dict.fromkeys(endpoint.route.path for endpoint in endpoints)),
        )
    return kept


def _matches(path: str, globs: tuple[str, ...]) -> bool:
    return any(path == glob or fnmatch.fnmatchcase(path, glob) for glob in globs)


def _named(text: str, seen: Survey) -> Endpoint:
    raw, _, query = text.partition("?")
    path = unquote(raw)
    if not path.startswith("/"):
        raise RouteError(
            f"A WebSocket path begins with '/': got {text!r}.",
            "Give the path alone, without scheme and host: --path /ws",
        )
    for endpoint in seen.endpoints:
        if endpoint.route.path == path:
            return replace(endpoint, route=replace(endpoint.route, query=query))
    for endpoint in seen.endpoints:
        if fits(endpoint.route, path):
            return replace(endpoint, route=replace(endpoint.route, path=path, parameters=(), query=query))
    if len(seen.endpoints) == 1 and seen.endpoints[0].route.framework == "channels" and not seen.leaves:
        # A single consumer serves whatever path it is asked for.
        (only,) = seen.endpoints
        if only.route.path == "/":
            return replace(only, route=replace(only.route, path=path, query=query))
    plain, parameters = template(path)
    leaf = _leaf(path, seen.leaves)
    found = Place().endpoint("asgi", plain, parameters, handler=leaf.handler if leaf else None)
    route: Route = replace(found.route, query=query, host=leaf.place.host if leaf else None)
    return replace(found, route=route)


def _leaf(path: str, leaves: list[Leaf]) -> Leaf | None:
    """The app without a table that is mounted nearest above the path."""
    around = [leaf for leaf in leaves if path == leaf.place.path or path.startswith(leaf.place.path + "/")]
    return max(around, key=lambda leaf: len(leaf.place.path), default=None)


def _line(leaf: Leaf) -> str:
    return f"{leaf.place.path or '/'} ({title(leaf.app)})"


def _nothing(app: object, seen: Survey) -> RouteError:
    message = f"No WebSocket route was found in {title(app)}."
    if seen.looked:
        message += "\nLooked at " + "; ".join(seen.looked) + "."
    if seen.leaves:
        message += "\nWithout a route table: " + ", ".join(_line(leaf) for leaf in seen.leaves) + "."
    suggestions = [f"--path '{leaf.suggestion}'" for leaf in seen.leaves if leaf.suggestion]
    return RouteError(message, f"Name the path to test: {' '.join(suggestions)}" if suggestions else _ELSEWHERE)
