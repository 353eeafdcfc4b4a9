"""What a function finds in a worker: the target, loaded, its routes, and a way to talk to the parent."""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from wsreplay.config import Settings
from wsreplay.discovery import discover, select
from wsreplay.errors import ScenarioError
from wsreplay.loading import App, Loaded, given, load
from wsreplay.model import Endpoint, Frame, Limits, Route, Scenario, Target
from wsreplay.simulation import Simulation
from wsreplay.sources import Sources
from wsreplay.workers.channel import Channel, Flight
from wsreplay.workers.flight import packed

MOST = (500, 64, 4 << 20)
"""Threads, processes and kilobytes that a worker may have gained and yet go on."""

LOOK = 8
"""Scenarios between two looks at them."""

STUCK = 86
"""Exit code of a worker whose app code could not be interrupted."""

NO_MEMORY = 87
"""Exit code of a worker to which its app has left no memory."""

DAMAGED = 88
"""Exit code of a worker in which app code stands in the way of ours: it has replaced what we call."""


def target_of(settings: Settings) -> Target:
    """The target that the settings name."""
    return Target(
        name=settings.target,
        factory=settings.factory,
        app_dir=str(settings.app_dir),
        paths=tuple(settings.paths),
        hooks=tuple(settings.hooks),
    )


@dataclass
class Bench:
    """A worker's bench. `endpoints` are the target's selected routes, in the order of discovery. `tally` says how many
    scenarios, messages and connections a search has tried, for the record. `simulated` is the simulation that was made
    last, `belongings` what the process had at its beginning.
    """

    settings: Settings
    loaded: Loaded
    endpoints: tuple[Endpoint, ...]
    sources: Sources
    channel: Channel
    flight: Flight = field(default_factory=Flight)
    tally: tuple[int, int, int] = (0, 0, 0)
    simulated: Simulation | None = None
    belongings: tuple[int, int, int] = (0, 0, 0)

    @classmethod
    def prepare(cls, settings: Settings, channel: Channel, app: App | None = None) -> Bench:
        """Load the target, unless the `app` is given, and find its routes; raises TargetError and RouteError."""
        target = target_of(settings)
        loaded = load(target) if app is None else given(app, target)
        endpoints = select(discover(loaded.make(), target.paths), tuple(settings.include), tuple(settings.exclude))
        sources = Sources(Path(settings.app_dir), loaded.module_file, loaded.module)
        return cls(settings, loaded, endpoints, sources, channel)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes without their live handlers."""
        return tuple(endpoint.route for endpoint in self.endpoints)

    def endpoint(self, path: str) -> Endpoint:
        """The endpoint of the route that is called `path`."""
        for endpoint in self.endpoints:
            if endpoint.route.path == path:
                return endpoint
        raise ScenarioError(f"the target has no route {path!r}", "List its routes with `wsreplay routes`.")

    def simulation(self, path: str | None = None) -> Simulation:
        """A simulation of the target, not yet started, with the limits of the route called `path`."""
        settings = self.settings.for_route(path) if path is not None else self.settings
        self.simulated = Simulation(
            self.loaded.app,
            self.sources,
            limits_of(settings),
            factory=self.loaded.factory,
            secrets=settings.secrets,
            on_stuck=self._give_up,
            on_tick=self.flight.beat,
            hidden=self.settings.hidden,
        )
        return self.simulated

    def in_flight(self, scenario: Scenario) -> None:
        """Write down what is about to run, so that it is known should it kill the process."""
        self.flight.record(packed(scenario, self.tally))

    def worn(self, number: int) -> bool:
        """Whether app code has left so much behind that a fresh process should go on. `number` counts the questions:
        what takes longer to find out is looked at now and then.
        """
        if self.simulated is not None and self.simulated.restless:
            return True
        if number % LOOK:
            return False
        return any(now - before > most for now, before, most in zip(belongings(), self.belongings, MOST, strict=True))

    def part(self) -> None:
        """Let a process that app code forks from this one run app code only: it is to tell nothing, and to end."""
        self.channel.close()
        self.flight.close()
        if self.simulated is not None:
            self.simulated.end_process()

    def _give_up(self, frames: tuple[Frame, ...]) -> None:
        self.flight.note(pickle.dumps(frames))
        os._exit(STUCK)


def belongings() -> tuple[int, int, int]:
    """The threads of this process, its living children (where the system tells), and the kilobytes that it has used."""
    try:
        children = len(Path(f"/proc/self/task/{os.getpid()}/children").read_bytes().split())
    except OSError:
        children = 0
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return threading.active_count(), children, memory >> 10 if sys.platform == "darwin" else memory


def limits_of(settings: Settings) -> Limits:
    """The simulation's limits that the settings ask for."""
    return Limits(
        message=settings.message_timeout,
        connection=settings.connection_timeout,
        block=settings.block_limit,
        slow=settings.slow_limit,
        scenario=settings.scenario_limit,
        clock=settings.clock,
    )


def quiet_signals() -> None:
    """Ctrl-C is the parent's business: it says what becomes of us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


Function = Callable[..., object]
