"""What users do between scenarios, so that an app forgets what the last one left in it.

The registry is filled while hook modules are imported, and read before each scenario.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from wsreplay.errors import ConfigError

Reset: TypeAlias = Callable[[], object]
R = TypeVar("R", bound=Reset)

_registered: dict[tuple[str, str], Reset] = {}


def reset(function: R) -> R:
    """Call `function`, without arguments, before every scenario: in a search, in a replay, and in tests.

    A decorator. A module that is imported a second time replaces its functions. Raises ConfigError for a coroutine
    function, and for something that cannot be called without arguments.
    """
    if inspect.iscoroutinefunction(function) or not _callable(function):
        raise ConfigError(
            f"@reset needs a plain function without arguments, got {function!r}",
            "It runs between scenarios, where no event loop runs: clear the app's state, or replace it.",
        )
    _registered[_name(function)] = function
    return function


def reset_all() -> None:
    """Call what was registered, in order. Raises ConfigError when one of them raises."""
    for (module, name), function in tuple(_registered.items()):
        try:
            function()
        except Exception as error:
            raise ConfigError(
                f"the reset function {module}.{name} raised {type(error).__name__}: {error}",
                "It runs before every scenario and must not fail.",
            ) from error


def anything() -> bool:
    """Whether any function is registered."""
    return bool(_registered)


def unregister(function: Reset) -> None:
    """Take a registered function out again; one that was not registered is no error."""
    _registered.pop(_name(function), None)


def _name(function: Reset) -> tuple[str, str]:
    return getattr(function, "__module__", ""), getattr(function, "__qualname__", repr(function))


def _callable(function: object) -> bool:
    try:
        return callable(function) and inspect.signature(function).bind() is not None
    except TypeError:
        return False
