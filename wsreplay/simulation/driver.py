"""The simulation of one app: its life from start to stop, and what frameworks and the loop tell during its runs."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from wsreplay.errors import TargetError
from wsreplay.model import Blocked, Crashed, Frame, Limits, Scenario, Transcript
from wsreplay.redaction import Pairs, pairs_of
from wsreplay.simulation.exceptions import describe
from wsreplay.simulation.flooding import Places
from wsreplay.simulation.lifespan import Lifespan
from wsreplay.simulation.loop import SimulationLoop, Tracing, WatchedTask
from wsreplay.simulation.observers import Observers
from wsreplay.simulation.offspring import CURRENT
from wsreplay.simulation.resets import reset_all
from wsreplay.simulation.scope import Scopes, filled
from wsreplay.simulation.session import Session
from wsreplay.simulation.stack import Stack
from wsreplay.simulation.watchdog import Interrupted, Watchdog
from wsreplay.sources import Sources


class Simulation:
    """One app on one loop. `run` may be called any number of times between `start` and `stop`; the app's state lives on
    from scenario to scenario, unless `factory` says that `app` makes a fresh app for each.

    `secrets` maps placeholders in scenarios to the credentials they stand for; `hidden` are more credentials that must
    not be in a transcript. The watchdog's signal handler calls `on_tick` at each tick, and `on_stuck` when app code can
    no longer be interrupted.
    """

    def __init__(
        self,
        app: Any,
        sources: Sources | None = None,
        limits: Limits = Limits(),  # noqa: B008 - a frozen value
        factory: bool = False,
        secrets: Mapping[str, str] | None = None,
        on_stuck: Callable[[tuple[Frame, ...]], None] | None = None,
        on_tick: Callable[[], None] | None = None,
        hidden: Pairs = (),
    ) -> None:
        self.limits = limits
        self.cut_short = False
        self._app = app
        self._running = app
        self._factory = factory
        self._restless = False
        self._sources = sources or Sources(Path.cwd())
        self._secrets: Mapping[str, str] = dict(secrets or {})
        self._hidden = tuple(dict.fromkeys((*pairs_of(self._secrets), *hidden)))
        self._loop = SimulationLoop(limits.clock)
        self._lifespan: Lifespan | None = None
        self._observers = Observers(self._crash_seen)
        self._session: Session | None = None
        self._scopes = Scopes(self._secrets)
        self._strays: list[WatchedTask[Any]] = []
        self._stack = Stack()
        self._endless: Places = set()
        self._loop.on_task = self._task_born
        self._loop.on_exception = self._loop_exception
        self._watchdog = Watchdog(self._loop, self._sources, limits.block, self._blocked, on_stuck, on_tick)

    # --- the life of an app ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the app (its lifespan); raises TargetError when it refuses."""
        self._watchdog.start()
        self._loop.clocks.know(self._sources)
        try:
            if not self._factory:
                with self._loop.entered():
                    self._begin(self._app)
        except BaseException:
            # Its timer would go off in whatever runs next.
            self._watchdog.stop()
            raise

    def stop(self) -> None:
        """Stop the app and close the loop."""
        try:
            if self._lifespan is not None:
                with self._loop.entered():
                    self._lifespan.stop()
        finally:
            self._watchdog.stop()
            self._observers.remove()
            for task in self._strays:
                task.hush()
            self._loop.shut()

    def _begin(self, app: Any) -> None:
        self._lifespan = Lifespan(app, self._loop, self._sources)
        self._lifespan.start()
        self._scopes.state = self._lifespan.state
        self._observers.install()
        self._loop.know_threads()
        self._running = app
        self._restless = not self._loop.idle

    def _make(self) -> Any:
        try:
            return self._app()
        except Exception as error:
            raised = describe(error, self._sources)
            raise TargetError(f"the target's factory raised {raised.type}: {raised.message}") from error

    # --- one scenario ------------------------------------------------------------------------------------------------

    def know_block(self, place: Frame) -> None:
        """Interrupt app code in this function at the first tick from now on: it is known to block the loop."""
        self._watchdog.know(place)

    def adopt(self, limits: Limits, secrets: Mapping[str, str]) -> None:
        """Run what comes by other limits, with other credentials: `hidden` has them already."""
        self.limits = limits
        self._secrets = secrets
        self._scopes.know(secrets)
        self._watchdog.pace(limits.block)

    def run(self, scenario: Scenario, tracing: Tracing | None = None) -> Transcript:
        """Perform `scenario` and return what happened; `tracing` watches the app meanwhile. Afterwards `cut_short`
        tells whether steps were left out because the real time for one scenario was up.

        Raises ScenarioError for one that contradicts itself or lacks a credential.
        """
        if self._secrets:
            scenario = filled(scenario, self._secrets)
        self._watchdog.check()
        reset_all()
        before = self._loop.enter()
        self._stack.level()
        try:
            if self._factory:
                self._begin(self._make())
            self._loop.patience = monotonic() + self.limits.scenario
            session = self._session = Session(
                scenario, self._running, self._loop, self._sources, self.limits, self._scopes.build, self._endless
            )
            self._loop.tracing = tracing
            try:
                session.run()
            finally:
                self._loop.patience = math.inf
                self.cut_short = session.cut_short
                self._loop.tracing = None
                self._session = None
                if self._factory and self._lifespan is not None:
                    self._lifespan.stop()
                    self._end_tasks()
        finally:
            self._stack.back()
            self._loop.leave(before)
        return session.recorder.transcript(self._hidden)

    @property
    def restless(self) -> bool:
        """Whether something of an earlier scenario's runs on for ever, without a pause."""
        return not self._restless and not self._loop.idle

    def end_process(self) -> None:
        """End this process, which is a fork of the one that runs this, once app code lets go."""
        self._loop.end_process()

    def _end_tasks(self) -> None:
        # Tasks of an app that is over would run, and die, in the scenarios of the next.
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_ready()
        for stray in self._strays:
            stray.hush()
        self._strays.clear()

    # --- what the loop and the frameworks tell us --------------------------------------------------------------------

    def _task_born(self, task: WatchedTask[Any]) -> None:
        if self._session is not None:
            self._session.task_born(task)
        else:
            self._strays.append(task)
            task.add_done_callback(self._stray_died)

    def _stray_died(self, task: WatchedTask[Any]) -> None:
        # A task that the lifespan started may die of what a client does, much later.
        if self._session is not None and task.death is not None:
            self._session.task_born(task)

    def _record(self, event: type[Any], *rest: Any) -> None:
        if self._session is not None:
            self._session.recorder.add(event, CURRENT.get(), *rest)

    def _crash_seen(self, source: Literal["log", "framework"], exception: BaseException, name: str) -> None:
        if not isinstance(exception, Interrupted):
            self._record(Crashed, source, describe(exception, self._sources), name)

    def _loop_exception(self, context: dict[str, Any]) -> None:
        exception = context.get("exception")
        if exception is None or isinstance(exception, Interrupted):
            return
        # A watched task's death is its session's to tell; here it would fall to whoever runs when it is collected.
        if isinstance(context.get("task") or context.get("future"), WatchedTask):
            return
        self._record(Crashed, "loop", describe(exception, self._sources), str(context.get("message", "")))

    def _blocked(self, frames: tuple[Frame, ...]) -> None:
        self._record(Blocked, self.limits.block, frames)
