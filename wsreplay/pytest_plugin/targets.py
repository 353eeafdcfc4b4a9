"""The way from an item to the app: which process runs it, and what of pytest's own process it inherits.

An app that is named is loaded by a process of its own, as on the command line, unless something here would be missing
there: the app comes from a fixture, a conftest.py has imported it (and may have changed it), or has registered checks,
strategies or resets. Then every item forks that process from pytest's, once its fixtures are set up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from wsreplay.config import Settings
from wsreplay.errors import ConfigError, WsreplayError
from wsreplay.workers import Function, Inheritance, Launcher

FIXTURE = "app"
"""The fixture that gives the app where nobody names one."""


class Targets:
    """Gives launchers for the target of a run."""

    def __init__(self, settings: Settings, searches: bool) -> None:
        self._settings = settings
        self._searches = searches
        self._imported = False
        self._launcher: Launcher | None = None
        self._failure: WsreplayError | None = None

    @property
    def from_fixture(self) -> bool:
        """Whether the app comes from the fixture `app`."""
        return not self._settings.target

    @property
    def forks(self) -> bool:
        """Whether each item forks from this process, with its fixtures set up."""
        return self.from_fixture or self._imported or _registered()

    def look(self) -> None:
        """See what conftest.py files have imported, before test modules are."""
        self._imported = self._settings.target.partition(":")[0] in sys.modules

    @contextmanager
    def launcher(self, app: object = None) -> Iterator[Launcher]:
        """A launcher for the target, or for the `app` that the fixture has given. Raises what loading it raises."""
        if self.from_fixture and app is None:
            raise ConfigError(
                "no target: expected module:attribute, as for uvicorn, or a fixture called 'app'",
                "Name it as `app` in [tool.wsreplay] of pyproject.toml, or with --wsreplay-app; or define the fixture "
                "in a conftest.py that is in a directory above the corpus.",
            )
        if self.forks:
            if app is not None and not callable(app):
                raise _refused(app)
            with Launcher(self._settings, inherit=Inheritance(app)) as launcher:
                yield launcher
        else:
            yield self._shared()

    def _shared(self) -> Launcher:
        """The launcher that all items of a named target share."""
        if self._failure is not None:
            raise WsreplayError(f"{self._failure.message.splitlines()[0]} (see the first item that says so)")
        if self._launcher is None:
            launcher = Launcher(self._settings, functions=self._functions())
            try:
                launcher.__enter__()
            except WsreplayError as error:
                self._failure = error
                raise
            self._launcher = launcher
        return self._launcher

    def _functions(self) -> tuple[Function, ...]:
        """What workers will run: imported once, and not in each of them."""
        if self._searches:
            from wsreplay.fuzzing import FUNCTIONS

            return FUNCTIONS
        from wsreplay.replaying import replay_in_worker

        return (replay_in_worker,)

    def close(self) -> None:
        """End the processes."""
        if self._launcher is not None:
            self._launcher.__exit__(None, None, None)
            self._launcher = None


def _refused(app: object) -> ConfigError:
    return ConfigError(
        f"the fixture 'app' gave an object of type {type(app).__name__}, which is no ASGI app",
        "Return the app itself: a callable with (scope, receive, send).",
    )


def _registered() -> bool:
    """Whether checks, strategies or resets were registered in this process; what was never imported has none."""
    checks = sys.modules.get("wsreplay.checks")
    others = (sys.modules.get(name) for name in ("wsreplay.generation.registry", "wsreplay.simulation.resets"))
    return (checks is not None and len(checks.available()) > len(checks.BUILT_IN)) or any(
        module is not None and module.anything() for module in others
    )
