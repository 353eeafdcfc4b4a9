"""Hypothesis tests over the scenarios of a route."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from wsreplay import generation
from wsreplay.errors import ConfigError
from wsreplay.identity import identified
from wsreplay.model import Scenario
from wsreplay.testing.target import LiveTarget
from wsreplay.workers.drawing import drawing_options

T = TypeVar("T", bound=Callable[..., Any])

_WANTED = ("scenario", "transcript", "result")


def scenarios(
    app: Callable[..., Any] | LiveTarget | None, path: str, *, reset: Callable[[], object] | None = None, **options: Any
) -> Callable[[T], T]:
    """Make a function a Hypothesis test over scenarios of the route `path`.

    The function asks for what it wants by the names of its parameters: `transcript` (what happened), `scenario` (what
    the clients did), `result` (both, with the findings; see Result). Other parameters are fixtures, as usual. The app
    is started anew for each example (set `deadline=None`: that takes time), unless it is given as a LiveTarget that is
    running. None stands for the configured target.
    `reset` and `options` are those of LiveTarget: `max_messages`, `close_codes`, and so on.

    Everything that goes for Hypothesis tests holds: `@settings`, `@seed`, `@example(scenario=...)`, `async def` with
    the plugins that run it. Raises ConfigError for a function that asks for nothing of ours; RouteError, when it runs,
    for a route that the app does not have.
    """

    @functools.cache
    def target() -> LiveTarget:
        if isinstance(app, LiveTarget):
            return app
        if app is None:
            return LiveTarget.configured(reset=reset, **options)
        return LiveTarget(app, reset=reset, **options)

    def decorate(test: T) -> T:
        signature = inspect.signature(test)
        wanted = [name for name in _WANTED if name in signature.parameters]
        if not wanted:
            raise ConfigError(
                f"the test {test.__qualname__!r} asks for nothing that @scenarios gives",
                "Give it a parameter named transcript, scenario or result.",
            )

        def seen(scenario: Scenario, arguments: dict[str, Any]) -> dict[str, Any]:
            if wanted == ["scenario"]:
                return {**arguments, "scenario": scenario}
            result = target().run(scenario)
            values = {"scenario": scenario, "transcript": result.transcript, "result": result}
            return {**arguments, **{name: values[name] for name in wanted}}

        body = _body(test, seen)
        ours = inspect.Parameter("scenario", inspect.Parameter.KEYWORD_ONLY)
        others = [parameter for name, parameter in signature.parameters.items() if name not in _WANTED]
        body.__signature__ = signature.replace(parameters=[*others, ours])  # type: ignore[attr-defined]
        strategy = st.deferred(lambda: scenarios_of(target(), path))
        return given(scenario=strategy)(body)  # type: ignore[return-value]

    return decorate


def _body(test: Callable[..., Any], seen: Callable[[Scenario, dict[str, Any]], dict[str, Any]]) -> Callable[..., Any]:
    """The function that Hypothesis calls with a scenario; asynchronous where the test is."""
    if inspect.iscoroutinefunction(test):

        @functools.wraps(test)
        async def asynchronous(*args: Any, scenario: Scenario, **arguments: Any) -> None:
            await test(*args, **seen(scenario, arguments))

        return asynchronous

    @functools.wraps(test)
    def synchronous(*args: Any, scenario: Scenario, **arguments: Any) -> None:
        test(*args, **seen(scenario, arguments))

    return synchronous


def scenarios_of(target: LiveTarget, path: str, samples: Iterable[Scenario] = ()) -> SearchStrategy[Scenario]:
    """The strategy behind `@scenarios`, for a `@given` of your own. About one scenario in five is a mutation of one of
    the `samples`, where there are any. Raises RouteError for a route that the target does not have.
    """
    settings = target.settings.for_route(path)
    strategy = generation.shrinkable_scenarios(target.endpoint(path), drawing_options(settings), tuple(samples))
    return strategy.map(lambda drawn: identified(drawn, settings.identity)) if settings.identity else strategy
