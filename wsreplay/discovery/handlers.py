"""From what a framework calls to what the user wrote: a function, a bound method or a class, and its name."""

from __future__ import annotations

import functools
import inspect
import types

_LIMIT = 50


def is_a(thing: object, package: str, *names: str) -> bool:
    """Whether the class of `thing`, or a base of it, has one of the `names` and lives in `package`.

    Frameworks are told by name, so that none is imported which the target does not use itself.
    """
    return any(cls.__name__ in names and cls.__module__.split(".")[0] == package for cls in type(thing).__mro__)


def unwrapped(thing: object) -> object:
    """Without `functools.partial` and whatever else leaves a `__wrapped__`; a bound method stays bound."""
    for _ in range(_LIMIT):
        if isinstance(thing, functools.partial):
            thing = thing.func
        elif isinstance(thing, types.MethodType):
            inner = unwrapped(thing.__func__)
            return types.MethodType(inner, thing.__self__) if inspect.isfunction(inner) else thing
        elif not inspect.isclass(thing) and "__wrapped__" in getattr(thing, "__dict__", ()):
            thing = thing.__dict__["__wrapped__"]
        else:
            break
    return thing


def handler_of(thing: object | None) -> object | None:
    """The user's function, bound method or class behind what a framework calls; of an instance, its class."""
    thing = unwrapped(thing)
    if thing is None or inspect.isfunction(thing) or inspect.ismethod(thing) or inspect.isclass(thing):
        return thing
    return type(thing)


def description(handler: object | None) -> str:
    """The handler as `module:qualname`; empty when there is none."""
    if handler is None:
        return ""
    return f"{getattr(handler, '__module__', '?')}:{getattr(handler, '__qualname__', '?')}"


def title(app: object) -> str:
    """An app as an error message names it: a function by its own name, an instance by its class."""
    app = unwrapped(app)
    named = app if hasattr(app, "__qualname__") else type(app)
    return f"{named.__module__}.{getattr(named, '__qualname__', '?')}"
