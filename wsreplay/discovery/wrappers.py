"""What is inside an app that has no table: the app that a middleware, a closure, a partial or a dispatcher wraps.

Only looks: no wrapper is called.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Iterator, Mapping

from wsreplay.discovery.handlers import is_a

_NAMES = ("app", "inner", "application", "_app", "asgi_app", "other_asgi_app", "wrapped", "_wrapped")
_HTTP_ONLY = {
    "starlette": ("StaticFiles", "WSGIMiddleware", "Response"),
    "django": ("ASGIHandler",),
    "litestar": ("StaticFiles",),
    "a2wsgi": ("WSGIMiddleware",),
    "asgiref": ("WsgiToAsgi",),
}


def http_only(app: object) -> bool:
    """Whether it is known of this kind of app that it never speaks WebSocket."""
    return any(is_a(app, package, *names) for package, names in _HTTP_ONLY.items())


def could_serve(thing: object) -> bool:
    """Whether `thing` can be called as an ASGI app: with scope, receive and send."""
    if not callable(thing) or isinstance(thing, type | types.BuiltinFunctionType):
        return False
    try:
        inspect.signature(thing).bind(None, None, None)
    except (TypeError, ValueError):
        return False
    return True


def wrapped_app(app: object) -> object | None:
    """The one app that this wrapper passes on to, by the habits of middleware; None when it wraps none."""
    if isinstance(app, functools.partial):
        return next((thing for thing in (*app.args, *app.keywords.values()) if could_serve(thing)), app.func)
    if isinstance(app, types.MethodType):
        return wrapped_app(app.__self__)
    if isinstance(app, types.FunctionType):
        held = (app.__dict__.get("__wrapped__"), *cells(app))
        return next((thing for thing in held if could_serve(thing) and not _helps(thing, app)), None)
    return next((thing for name in _NAMES if could_serve(thing := _attribute(app, name))), None)


def _helps(thing: object, app: types.FunctionType) -> bool:
    """Whether a function that takes three arguments is a helper of an app that accepts clients itself, no app: what it
    calls the first of them is not what the app calls its scope.
    """
    if not isinstance(thing, types.FunctionType) or "websocket.accept" not in app.__code__.co_consts:
        return False
    return thing.__code__.co_varnames[:1] != app.__code__.co_varnames[:1]


def inner_apps(app: object) -> Iterator[tuple[object, str]]:
    """Everything that this app may pass on to, the likeliest first, each with the path in front of it.

    Beyond the habits of middleware these are the other things a hand-written dispatcher can reach: its attributes, its
    collections of apps (a mapping with paths for keys is a mapping of mounts) and the globals that its code names.
    """
    likely = wrapped_app(app)
    if likely is not None:
        yield likely, ""
    things: list[tuple[object, str]] = []
    if isinstance(app, types.MethodType):
        yield app.__self__, ""
        things += _reachable(app.__func__)
    elif isinstance(app, types.FunctionType):
        things += _reachable(app)
    elif not isinstance(app, functools.partial):
        held = [_attribute(app, name) for name in _NAMES] + list(getattr(app, "__dict__", {}).values())
        things += [pair for thing in held for pair in _spread(thing)]
        things += _reachable(inspect.getattr_static(type(app), "__call__", None))
    yield from (pair for pair in things if could_serve(pair[0]))


def _attribute(app: object, name: str) -> object | None:
    try:
        return getattr(app, name, None)
    except Exception:  # noqa: BLE001 - a property of the user's class can raise anything
        return None


def cells(function: types.FunctionType) -> list[object]:
    """What the function's closure holds."""
    contents = []
    for cell in function.__closure__ or ():
        try:
            contents.append(cell.cell_contents)
        except ValueError:  # the cell is still empty
            continue
    return contents


def _reachable(function: object) -> list[tuple[object, str]]:
    """What a function's closure holds and what of its module its code names."""
    if not isinstance(function, types.FunctionType):
        return []
    named = [function.__globals__.get(name) for name in function.__code__.co_names]
    return [pair for thing in (*cells(function), *named) for pair in _spread(thing)]


def _spread(thing: object) -> Iterator[tuple[object, str]]:
    if isinstance(thing, Mapping):
        for key, value in thing.items():
            yield value, key.rstrip("/") if isinstance(key, str) and key.startswith("/") else ""
    elif isinstance(thing, list | tuple):
        yield from ((value, "") for value in thing)
    else:
        yield thing, ""
