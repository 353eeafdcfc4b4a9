"""The driver: performs a scenario's steps one by one, lets the app run until it is idle, and writes the transcript."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar, copy_context
from pathlib import Path
from typing import Any, Literal

from wsreplay.errors import ScenarioError, TargetError
from wsreplay.model import (
    NOBODY,
    Blocked,
    Close,
    Closed,
    Connect,
    Crashed,
    Drop,
    Dropped,
    Ended,
    Frame,
    Hung,
    Leaked,
    Limits,
    Message,
    Opened,
    Pause,
    Resume,
    Scenario,
    Send,
    Step,
    Transcript,
    Wait,
)
from wsreplay.protocol import State
from wsreplay.simulation import scope as scopes
from wsreplay.simulation.connection import Connection
from wsreplay.simulation.endings import conclude
from wsreplay.simulation.exceptions import describe
from wsreplay.simulation.lifespan import Lifespan
from wsreplay.simulation.loop import SimulationLoop, WatchedTask
from wsreplay.simulation.observers import Observers
from wsreplay.simulation.recorder import Recorder
from wsreplay.simulation.watchdog import Interrupted, Watchdog
from wsreplay.sources import Sources

DROPPED = 1005
"""The code in the disconnect event of a client that went without a close frame (uvicorn's default implementation)."""

CURRENT: ContextVar[int] = ContextVar("wsreplay_client", default=NOBODY)
"""The client in whose session code runs; tasks inherit it."""

MAX_REPLIES = 64
"""So many messages in answer to one step are a stream: the next step need not wait for its end."""

MAX_LEFTOVER_TURNS = 5000
"""Callbacks that tasks which outlive their session may use up before they count as leaked."""


class Simulation:
    """One app on one loop. `run` may be called any number of times between `start` and `stop`; the app's state lives on
    from scenario to scenario, unless `factory` says that `app` makes a fresh app for each.

    `secrets` maps placeholders in scenarios to the credentials they stand for. The watchdog's signal handler calls
    `on_tick` at each tick, and `on_stuck` when app code can no longer be interrupted.
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
    ) -> None:
        self.limits = limits
        self._app = app
        self._factory = factory
        self._sources = sources or Sources(Path.cwd())
        self._secrets = dict(secrets or {})
        self._loop = SimulationLoop(limits.clock)
        self._lifespan: Lifespan | None = None
        self._observers = Observers(self._crash_seen)
        self._recorder = Recorder(self._loop)
        self._connections: list[Connection | None] = []
        self._tasks: list[tuple[WatchedTask[Any], int]] = []
        self._deaths: dict[WatchedTask[Any], tuple[float, int]] = {}
        self._loop.on_task = self._task_born
        self._loop.on_exception = self._loop_exception
        self._watchdog = Watchdog(self._loop, self._sources, limits.block, self._blocked, on_stuck, on_tick)

    # --- the life of an app ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the app (its lifespan); raises TargetError when it refuses."""
        self._watchdog.start()
        if not self._factory:
            with self._loop.entered():
                self._begin(self._app)

    def stop(self) -> None:
        """Stop the app and close the loop."""
        try:
            if self._lifespan is not None:
                with self._loop.entered():
                    self._lifespan.stop()
        finally:
            self._watchdog.stop()
            self._observers.remove()
            self._abandon_tasks()
            self._loop.close()

    def _begin(self, app: Any) -> None:
        self._lifespan = Lifespan(app, self._loop, self._sources)
        self._lifespan.start()
        self._observers.install()
        self._loop.know_threads()
        self._running = app

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

    def run(self, scenario: Scenario) -> Transcript:
        """Perform `scenario` and return what happened.

        Raises ScenarioError for one that contradicts itself or lacks a credential.
        """
        with self._loop.entered():
            if self._factory:
                self._begin(self._make())
            self._recorder = Recorder(self._loop)
            self._connections = [None] * len(scenario.clients)
            self._tasks, self._deaths = [], {}
            try:
                self._perform_all(scenario)
            finally:
                if self._factory and self._lifespan is not None:
                    self._lifespan.stop()
        return self._recorder.transcript(self._secrets)

    def _perform_all(self, scenario: Scenario) -> None:
        recorder = self._recorder
        for index, step in enumerate(scenario.steps):
            recorder.step = index
            self._perform(scenario, step)
        recorder.step = len(scenario.steps)
        for connection in self._connections:
            if connection is not None and not connection.gone:
                self._leave(connection, Close(connection.client))
        self._await_endings()
        self._await_leftovers()

    def _perform(self, scenario: Scenario, step: Step) -> None:
        for other in self._connections:
            if other is not None:
                other.refresh()
        kind = type(step)
        if kind is Wait:
            self._loop.pass_time(self._loop.time() + step.seconds)  # type: ignore[union-attr]
            return
        if kind is Connect:
            self._connect(scenario, step.client)  # type: ignore[union-attr]
            return
        connection = self._connection(scenario, step)
        if kind is Send:
            self._send(connection, step)  # type: ignore[arg-type]
        elif kind is Close or kind is Drop:
            self._leave(connection, step)  # type: ignore[arg-type]
        elif kind is Pause:
            connection.pause()
        elif kind is Resume:
            connection.resume()
            self._settle(connection, self.limits.message)

    def _connection(self, scenario: Scenario, step: Any) -> Connection:
        if not 0 <= step.client < len(scenario.clients):
            raise ScenarioError(
                f"step {self._recorder.step} names client {step.client}; the scenario has {len(scenario.clients)}"
            )
        connection: Connection | None = self._connections[step.client]
        if connection is None:
            raise ScenarioError(
                f"step {self._recorder.step} ({type(step).__name__}) comes before client {step.client} connects"
            )
        return connection

    def _connect(self, scenario: Scenario, number: int) -> None:
        if not 0 <= number < len(scenario.clients) or self._connections[number] is not None:
            raise ScenarioError(f"step {self._recorder.step} connects client {number}, which is unknown or connected")
        client = scenario.clients[number]
        suspend = scenario.profile.sends == "suspend"
        connection = Connection(number, self._loop, self._recorder, self._sources, client.subprotocols, suspend)
        self._connections[number] = connection
        assert self._lifespan is not None, "Simulation.start() comes before run()"
        scope = scopes.build(client, number, self._secrets, self._lifespan.state)
        context = copy_context()
        context.run(CURRENT.set, number)
        self._recorder.add(Opened, number)
        connection.task = self._loop.start_handler(self._call(scope, connection), context)
        connection.task.add_done_callback(lambda task: self._ended(connection, task))
        self._settle(connection, self.limits.connection)

    async def _call(self, scope: dict[str, Any], connection: Connection) -> None:
        await self._running(scope, connection.receive, connection.send)

    def _send(self, connection: Connection, step: Send) -> None:
        if not connection.open:
            return
        self._recorder.add(Message, connection.client, "client", step.kind, step.data)
        connection.deliver(step.kind, step.data)
        self._settle(connection, self.limits.message)

    def _leave(self, connection: Connection, step: Close | Drop) -> None:
        if connection.gone:
            return
        code, reason = (step.code, step.reason) if type(step) is Close else (None, "")
        over = connection.state in (State.CLOSED, State.REJECTED, State.DENIED) or connection.ended
        if not over:
            if type(step) is Close:
                self._recorder.add(Closed, connection.client, "client", code, reason)
            else:
                self._recorder.add(Dropped, connection.client)
            connection.leave(DROPPED if code is None else code, reason)
        else:
            connection.gone = True
            connection.release()
        self._run_ready()
        self._wait_for_threads(self.limits.connection)

    # --- waiting -----------------------------------------------------------------------------------------------------

    def _run_ready(self) -> None:
        while not self._loop.run_ready():
            # A loop of callbacks without end: on a real clock some time would have passed.
            self._loop.jump(self._loop.time() + 0.5)

    def _settle(self, connection: Connection, timeout: float) -> None:
        """Run until the app waits for us, giving a busy handler `timeout` seconds."""
        loop = self._loop
        started = loop.time()
        sent = connection.sent
        deadline = started + timeout
        while True:
            if not loop.run_ready():
                loop.jump(loop.time() + 0.5)
            if not self._busy(connection) or connection.sent - sent >= MAX_REPLIES:
                return
            if connection.sent > sent and connection.unread:
                return
            if loop.time() >= deadline or not loop.advance(deadline):
                break
        if connection.sent == sent:
            self._hang(connection, deadline)

    def _busy(self, connection: Connection) -> bool:
        if connection.ended or connection.reading:
            return False
        return not any(other is not None and other.waiting_sends for other in self._connections)

    def _hang(self, connection: Connection, deadline: float) -> None:
        if connection.state is State.CONNECTING:
            phase: Literal["connect", "message"] = "connect"
        elif connection.consumed is not None and not connection.unread:
            phase = "message"
        else:
            return
        self._loop.jump(deadline)
        self._run_ready()
        if connection.hung or not self._busy(connection):
            return
        connection.hung = True
        self._recorder.add(Hung, connection.client, phase, False, self._waits_at(connection))

    def _waits_at(self, connection: Connection) -> tuple[Frame, ...]:
        return self._sources.awaiting(connection.task.get_coro()) if connection.task is not None else ()

    def _wait_for_threads(self, timeout: float) -> None:
        if self._loop.clock == "virtual" or not self._loop.real_io:
            return
        deadline = self._loop.time() + timeout
        while self._loop.working and self._loop.time() < deadline:
            self._loop.poll(0.01)
            self._run_ready()

    def _await_endings(self) -> None:
        """Give the handlers of clients that have gone their time, then end them."""
        loop = self._loop
        deadline = loop.time() + self.limits.connection
        while self._alive() and loop.time() < deadline and loop.advance(deadline):
            self._run_ready()
        for connection in self._alive():
            self._recorder.add(Hung, connection.client, "disconnect", connection.told, self._waits_at(connection))
        for connection in self._alive():
            self._end(connection)

    def _alive(self) -> list[Connection]:
        return [one for one in self._connections if one is not None and not one.ended]

    def _end(self, connection: Connection) -> None:
        # Several cancellations, for a handler that survives the first; then it is left behind.
        connection.abandoned = True
        for _ in range(3):
            if connection.task is not None and not connection.ended:
                connection.task.cancel()
                self._run_ready()
        if not connection.ended:
            connection.ended = True
            self._recorder.add(Ended, connection.client, "unfinished", connection.close_code)

    def _await_leftovers(self) -> None:
        """Give tasks that outlive their session the time a connection has; those that then live have leaked."""
        loop = self._loop
        deadline = loop.time() + self.limits.connection
        turns = loop.turns + MAX_LEFTOVER_TURNS
        while any(not task.done() for task, _ in self._tasks) and loop.turns < turns and loop.advance(deadline):
            self._run_ready()
        self._report_deaths()
        leaked: dict[int, list[str]] = {}
        for task, client in self._tasks:
            if not task.done() and client != NOBODY:
                leaked.setdefault(client, []).append(_name(task))
        for client, names in sorted(leaked.items()):
            self._recorder.add(Leaked, client, tuple(sorted(names)))

    def _report_deaths(self) -> None:
        for task, client in self._tasks:
            death = task.death if task.unretrieved else None
            if death is None:
                continue
            at, step = self._deaths.get(task, (self._recorder.at, self._recorder.step))
            raised = describe(death, self._sources)
            self._recorder.rows.append((Crashed, at, step, client, "task", raised, _name(task)))
            task.hush()

    def _abandon_tasks(self) -> None:
        for task, _ in self._tasks:
            task.hush()

    # --- what the loop and the frameworks tell us --------------------------------------------------------------------

    def _task_born(self, task: WatchedTask[Any]) -> None:
        self._tasks.append((task, CURRENT.get()))
        task.add_done_callback(self._task_died)

    def _task_died(self, task: WatchedTask[Any]) -> None:
        if task.death is not None:
            self._deaths[task] = (self._recorder.at, self._recorder.step)

    def _ended(self, connection: Connection, task: Any) -> None:
        if connection.ended:
            return
        connection.ended = True
        cause, raised = conclude(connection, task, self._sources)
        self._recorder.add(Ended, connection.client, cause, connection.close_code, raised)

    def _crash_seen(self, source: Literal["log", "framework"], exception: BaseException, name: str) -> None:
        if not isinstance(exception, Interrupted):
            self._recorder.add(Crashed, CURRENT.get(), source, describe(exception, self._sources), name)

    def _loop_exception(self, context: dict[str, Any]) -> None:
        exception = context.get("exception")
        if exception is None or isinstance(exception, Interrupted) or isinstance(context.get("task"), WatchedTask):
            return
        raised = describe(exception, self._sources)
        self._recorder.add(Crashed, CURRENT.get(), "loop", raised, str(context.get("message", "")))

    def _blocked(self, frames: tuple[Frame, ...]) -> None:
        self._recorder.add(Blocked, CURRENT.get(), self.limits.block, frames)


def _name(task: Any) -> str:
    coroutine = task.get_coro()
    return str(getattr(coroutine, "__qualname__", None) or type(coroutine).__name__)
