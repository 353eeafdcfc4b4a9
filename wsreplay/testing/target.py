"""An app in the test's own process, which scenarios are run against."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from wsreplay.config import BY_NAME, Settings, read
from wsreplay.config.options import PREFIX
from wsreplay.corpus import Store
from wsreplay.discovery import discover, select
from wsreplay.errors import ConfigError, RouteError
from wsreplay.generation.repair import with_headers
from wsreplay.identity import identified
from wsreplay.loading import Loaded, load
from wsreplay.model import Endpoint, Entry, Route, Scenario
from wsreplay.simulation import Simulation
from wsreplay.sources import Sources
from wsreplay.testing.result import Result
from wsreplay.testing.script import Script, scenario
from wsreplay.testing.surroundings import on_asyncio
from wsreplay.workers.bench import Bench, limits_of, target_of
from wsreplay.workers.runner import Runner

_NOT_HERE = frozenset({"target", "factory", "app_dir", "paths", "hooks", "quiet", "verbose", "update", "workers"})
OPTIONS = frozenset(name for name in BY_NAME if not name.startswith("report_")) - _NOT_HERE
"""The settings that a test may choose, by the names that they have in the configuration file."""


class LiveTarget:
    """An ASGI app that a test runs scenarios against, in its own process. A context manager: the app's lifespan starts
    and stops with it, and its state lives on from scenario to scenario. Outside of `with`, each scenario has a lifespan
    of its own.

    `factory` says that `app` makes a fresh app for each scenario. `reset` is called before each scenario. `paths` are
    the WebSocket paths of an app without a route table. `options` are settings by their names in the configuration
    file: `message_timeout=2.0`, `exclude_checks=("hang",)`, `corpus="tests/corpus"`. Raises ConfigError for an unknown
    one.

    It works where an event loop runs already, as in a test of pytest-asyncio or anyio: `run` returns when the scenario
    is over, and the test's own tasks wait meanwhile. Outside the main thread there is no watchdog: what blocks the loop
    there is not interrupted.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        *,
        factory: bool = False,
        reset: Callable[[], object] | None = None,
        paths: tuple[str, ...] = (),
        **options: Any,
    ) -> None:
        settings = _chosen(options)
        settings = replace(settings, factory=factory, paths=tuple(paths), app_dir=Path.cwd())
        self._prepare(settings, Loaded(app, factory, None, ""), reset)

    def _prepare(self, settings: Settings, loaded: Loaded, reset: Callable[[], object] | None) -> None:
        self.settings = settings
        self._loaded = loaded
        self._reset = reset
        self._sources = Sources(Path(settings.app_dir), loaded.module_file, loaded.module)
        self._endpoints: tuple[Endpoint, ...] | None = None
        self._runner: Runner | None = None
        self._random: object = None

    @classmethod
    def configured(
        cls, start: Path | None = None, *, reset: Callable[[], object] | None = None, **flags: object
    ) -> LiveTarget:
        """The target that `[tool.wsreplay]` names, seen from the directory `start` (the working directory without it).

        Hooks are imported first. `flags` come before the file, by the names of settings. Raises ConfigError where no
        target is named, TargetError for one that cannot be imported.
        """
        settings = read(flags, os.environ, start or Path.cwd())
        if not settings.target:
            raise ConfigError(
                "no target is configured: expected a key 'app' in [tool.wsreplay] of pyproject.toml",
                'Name it there, as for uvicorn: app = "myapp.main:app".',
            )
        made = cls.__new__(cls)
        made._prepare(settings, load(target_of(settings)), reset)
        return made

    # --- its life ----------------------------------------------------------------------------------------------------

    def __enter__(self) -> LiveTarget:
        if self._runner is not None:
            raise ConfigError("the target is started already", "Enter a LiveTarget once; run scenarios inside.")
        # The runner makes the app's random numbers repeatable; those of the test are its own.
        self._random = random.getstate()
        runner = Runner(self._bench())
        self._runner = runner
        try:
            with on_asyncio():
                runner.__enter__()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        runner, self._runner = self._runner, None
        try:
            assert runner is not None, "it was entered"
            with on_asyncio():
                runner.__exit__(*error)
        finally:
            random.setstate(cast(Any, self._random))

    def _bench(self) -> _Bench:
        nobody = cast(Any, None)
        return _Bench(self.settings, self._loaded, (), self._sources, nobody, nobody)

    # --- what there is -----------------------------------------------------------------------------------------------

    @property
    def app(self) -> Any:
        """The app itself, for `app.dependency_overrides` and its like; of a factory, the factory."""
        return self._loaded.app

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The WebSocket routes with their handlers. Raises RouteError when there is none."""
        if self._endpoints is None:
            settings = self.settings
            found = discover(self._loaded.make(), tuple(settings.paths))
            self._endpoints = select(found, tuple(settings.include), tuple(settings.exclude))
        return self._endpoints

    @property
    def routes(self) -> tuple[Route, ...]:
        """The WebSocket routes."""
        return tuple(endpoint.route for endpoint in self.endpoints)

    def endpoint(self, path: str) -> Endpoint:
        """The route that is called `path`; raises RouteError, with those that there are, when there is none."""
        for endpoint in self.endpoints:
            if endpoint.route.path == path:
                return endpoint
        known = ", ".join(route.path for route in self.routes)
        raise RouteError(f"the target has no WebSocket route {path!r}", f"The routes are: {known}.")

    # --- what is done with it ----------------------------------------------------------------------------------------

    def scenario(self, route: str, /, **parameters: object) -> Script:
        """Begin a scenario, as `wsreplay.testing.scenario` does."""
        return scenario(route, **parameters)

    def run(self, what: Script | Scenario) -> Result:
        """Run a scenario and return what happened. The clients of a script give the configured headers and credentials.

        Raises ScenarioError for a scenario that contradicts itself or lacks a credential, ConfigError when a check or
        the reset misbehaves.
        """
        if self._runner is None:
            with self:
                return self.run(what)
        names: tuple[str, ...] = ()
        if isinstance(what, Script):
            names = what.names
            built = what.build()
            settings = self.settings.for_route(built.route)
            headers = tuple(settings.headers)
            what = replace(built, clients=tuple(with_headers(client, headers) for client in built.clients))
            what = identified(what, settings.identity) if settings.identity else what
        if self._reset is not None:
            self._reset()
        self._runner.adopt(self.settings.for_route(what.route))
        with on_asyncio():
            outcome = self._runner.run(what)
        return Result(what, outcome.transcript, outcome.findings, names)

    def replay(self, entry: str | os.PathLike[str] | Entry) -> Result:
        """Run an entry of the corpus again: a path, an id or the beginning of one, or the entry itself.

        Raises CorpusError when there is no such entry, EntryError for one that cannot be read, RouteError when the
        target no longer has its route.
        """
        if not isinstance(entry, Entry):
            entry = Store.load(Store(Path(self.settings.corpus)).one(os.fspath(entry)))
        if not self.settings.paths:
            self.endpoint(entry.scenario.route)
        return self.run(entry.scenario)


def run(app: Callable[..., Any], what: Script | Scenario, **options: Any) -> Result:
    """Run one scenario against an app and return what happened; `options` are those of LiveTarget."""
    return LiveTarget(app, **options).run(what)


def replay(app: Callable[..., Any], entry: str | os.PathLike[str] | Entry, **options: Any) -> Result:
    """Run one entry of the corpus against an app; `options` are those of LiveTarget (`corpus`, above all)."""
    return LiveTarget(app, **options).replay(entry)


def configured_target(
    start: Path | None = None, *, reset: Callable[[], object] | None = None, **flags: object
) -> LiveTarget:
    """The target that `[tool.wsreplay]` names: `LiveTarget.configured` by a name that can be imported."""
    return LiveTarget.configured(start, reset=reset, **flags)


class _Bench(Bench):
    """A bench in the test's own process: nobody reads a record of what is in flight, and the process is not ours to
    end, so the watchdog goes on interrupting what swallows its interruptions.
    """

    def in_flight(self, scenario: Scenario) -> None:
        """Keep no record."""

    def simulation(self, path: str | None = None) -> Simulation:  # noqa: ARG002 - one for all routes
        """A simulation of the target, not yet started."""
        limits = limits_of(self.settings)
        settings = self.settings
        return Simulation(
            self.loaded.app,
            self.sources,
            limits,
            factory=self.loaded.factory,
            secrets=settings.secrets,
            hidden=settings.hidden,
        )


def _chosen(options: Mapping[str, Any]) -> Settings:
    """The settings that a test chooses. No file has a say, and no variable of ours."""
    unknown = sorted(set(options) - OPTIONS)
    if unknown:
        raise ConfigError(f"LiveTarget has no option {unknown[0]!r}", f"Options are: {', '.join(sorted(OPTIONS))}.")
    given: dict[str, Any] = {"corpus": "corpus", **options}
    for name, value in given.items():
        if BY_NAME[name].kind.path:
            given[name] = os.path.abspath(value)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return read(given, environ, Path(os.sep))
