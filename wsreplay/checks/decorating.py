"""`@check`: a user's function becomes a check by being decorated."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar, overload

from wsreplay.checks.registry import Registry, Result, UserCheck
from wsreplay.errors import ConfigError
from wsreplay.model import Scenario, Severity, Transcript

F = TypeVar("F", bound=Callable[..., Result | Iterable[Result]])


class Decorator(Protocol):
    """The type of `check`: used bare, or called with options."""

    @overload
    def __call__(self, function: F) -> F: ...

    @overload
    def __call__(self, *, name: str = "", severity: Severity = "failure") -> Callable[[F], F]: ...


def decorator(registry: Registry) -> Decorator:
    """`@check` for one registry."""

    def check(function: F | None = None, *, name: str = "", severity: Severity = "failure") -> F | Callable[[F], F]:
        """Register a function of the transcript, `f(transcript)` or `f(scenario, transcript)`, as a check.

        Its name is the function's unless `name` says otherwise. It returns a sentence, a Finding, None, or an iterable
        of these, or raises AssertionError; the decorated function stays as it is. Raises ConfigError for a name that is
        taken, an unknown severity, and a function that takes other arguments.
        """

        def registered(function: F) -> F:
            title = name or getattr(function, "__name__", repr(function))
            registry.register(title, _adapted(function, title), severity)
            return function

        return registered if function is None else registered(function)

    return check  # type: ignore[return-value]


def _adapted(function: Callable[..., Result | Iterable[Result]], title: str) -> UserCheck:
    count = _needed(function)
    if inspect.iscoroutinefunction(function) or count is None:
        raise ConfigError(
            f"@check: {title!r} is to be a plain function of the transcript, or of the scenario and the transcript",
            "Write def no_gossip(transcript): ... or def no_gossip(scenario, transcript): ...",
        )
    if count > 1:
        return function

    def of_transcript(_scenario: Scenario, transcript: Transcript) -> Result | Iterable[Result]:
        return function(transcript)

    # By its name a module that is imported again replaces its own checks.
    of_transcript.__module__, of_transcript.__qualname__ = function.__module__, function.__qualname__
    return of_transcript


def _needed(function: Callable[..., object]) -> int | None:
    """How many positional arguments a function needs, 1 or 2; None when it takes others."""
    for count in (1, 2):
        try:
            inspect.signature(function).bind(*[None] * count)
        except TypeError:
            continue
        return count
    return None
