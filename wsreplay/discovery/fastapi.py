"""What FastAPI adds to Starlette: routers that are included lazily, and path parameters typed by annotation.

Up to 0.136 `include_router` copies routes; from 0.137 on `app.routes` holds one object per included router, which makes
its prefixed routes when asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from wsreplay.discovery.handlers import is_a
from wsreplay.discovery.parameters import narrowed
from wsreplay.model import Parameter


def expanded(route: object) -> Iterator[object]:
    """The route itself, or the prefixed routes of an included router, and of those included in it."""
    candidates = getattr(route, "effective_candidates", None)
    if candidates is None:
        # A candidate carries its prefixed copy beside the original, save for HTTP routes.
        copied = getattr(route, "starlette_route", None)
        yield getattr(route, "original_route", route) if copied is None else copied
        return
    for candidate in candidates():
        yield from expanded(candidate)


def typed(route: object, parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The path parameters as the endpoint and its dependencies annotate them."""
    return narrowed(parameters, [getattr(route, "endpoint", None), *dependencies(route)])


def dependencies(route: object) -> Iterator[object]:
    """What FastAPI calls before the endpoint, the outer before the inner."""
    return _calls(getattr(route, "dependant", None))


def is_socket(route: object) -> bool:
    """Whether it is FastAPI, not plain Starlette, that serves this WebSocket route."""
    return is_a(route, "fastapi", "APIWebSocketRoute")


def _calls(dependant: object) -> Iterator[object]:
    for inner in getattr(dependant, "dependencies", ()):
        yield getattr(inner, "call", None)
        yield from _calls(inner)
