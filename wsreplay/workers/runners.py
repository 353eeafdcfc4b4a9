"""Runners for scenarios of many routes, each with the settings of its own route."""

from __future__ import annotations

from contextlib import ExitStack

from wsreplay.config import Settings
from wsreplay.workers.bench import Bench
from wsreplay.workers.runner import Runner


class Runners:
    """One runner after the other: routes with the same settings share one, and with it the state of the app. A context
    manager.
    """

    def __init__(self, bench: Bench, randomness: int = 0) -> None:
        self._bench = bench
        self._randomness = randomness
        self._stack = ExitStack()
        self._settings: Settings | None = None
        self._runner: Runner | None = None

    def __enter__(self) -> Runners:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def settings(self, route: str) -> Settings:
        """The settings of the route called `route`."""
        return self._bench.settings.for_route(route)

    def of(self, route: str) -> Runner:
        """A runner for the route; the one before may be over."""
        settings = self.settings(route)
        if self._runner is None or settings != self._settings:
            self._stack.close()
            self._runner = self._stack.enter_context(Runner(self._bench, route, self._randomness))
            self._settings = settings
        return self._runner
