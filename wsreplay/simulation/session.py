"""One scenario's run: performs its steps one by one, lets the app run until it is idle, and sees its handlers end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import copy_context
from typing import Any, Literal

from wsreplay.errors import ScenarioError
from wsreplay.model import (
    Close,
    Closed,
    Connect,
    Drop,
    Dropped,
    Ended,
    Frame,
    Hung,
    Limits,
    Message,
    Opened,
    Pause,
    Scenario,
    Send,
    Slow,
    Step,
    Wait,
)
from wsreplay.protocol import State
from wsreplay.rows import TAGS
from wsreplay.simulation.captures import MARK, MARK_IN_BYTES, Captures
from wsreplay.simulation.connection import Connection
from wsreplay.simulation.endings import conclude
from wsreplay.simulation.flooding import Places, endless
from wsreplay.simulation.loop import SimulationLoop, WatchedTask
from wsreplay.simulation.offspring import CURRENT, Offspring
from wsreplay.simulation.recorder import Recorder
from wsreplay.simulation.stopwatch import Stopwatch
from wsreplay.sources import Sources

MAX_REPLIES = 64
"""So many messages in answer to one step are a stream: the next step need not wait for its end."""

BUSY_JUMP = 0.5
"""Seconds that pass on the virtual clock during MAX_TURNS callbacks without an idle moment."""

MAX_BUSY = 4
"""So many times MAX_TURNS callbacks are run at once; who waits for more than that looks at the clock in between."""

_MESSAGE = TAGS[Message]
_FAREWELL, _NOTHING = Close(0), Wait(0.0)
_OVER = (State.CLOSED, State.REJECTED, State.DENIED)


class Session:
    """The run of one scenario. `scope_of(client, number)` builds a connection's scope; `app` is the running app;
    `known` are the places that have been found to send without end.
    """

    def __init__(
        self,
        scenario: Scenario,
        app: Any,
        loop: SimulationLoop,
        sources: Sources,
        limits: Limits,
        scope_of: Callable[[Any, int], Mapping[str, Any]],
        known: Places,
    ) -> None:
        self.recorder = Recorder(loop)
        self.cut_short = False
        self._captures = Captures(self.recorder.rows)
        self._scenario = scenario
        # Read up to what follows the last step: a client that is alone leaves then.
        self._plan: tuple[Step, ...] = (*scenario.steps, _FAREWELL if len(scenario.clients) == 1 else _NOTHING)
        self._app = app
        self._loop = loop
        self._sources = sources
        self._limits = limits
        self._scope_of = scope_of
        self._known = known
        self._suspend = scenario.profile.sends == "suspend"
        self._inline = not self._suspend and limits.slow is None
        self._stopwatch = Stopwatch(limits.slow)
        self._index = -1
        self._settling: Connection | None = None
        self._sent_before = 0
        self._deadline = 0.0
        self._spoken = False
        self._connections: list[Connection | None] = [None] * len(scenario.clients)
        self._connected: list[Connection] = []
        self._offspring: Offspring | None = None

    def run(self) -> None:
        """Perform the scenario from its first step to the end of its handlers."""
        steps = self._scenario.steps
        while self._index + 1 < len(steps) and not self._loop.late:
            self._index += 1
            self.recorder.step = self._index
            self._perform(steps[self._index])
        self.cut_short = self._index + 1 < len(steps)
        self.recorder.step = self._index = len(steps)
        if self._held_up():
            self._hear_out()
        for connection in self._connections:
            if connection is not None and not connection.gone:
                self._leave(connection, Close(connection.client))
        if self._alive():
            self._await_endings()
        if self._offspring is not None:
            self._offspring.see_off(self._limits.connection, self._run_ready)
        for connection in self._connected:
            connection.retire()

    # --- steps -------------------------------------------------------------------------------------------------------

    def _perform(self, step: Step) -> None:
        for other in self._connected:
            other.refresh()
        if type(step) is Send:
            self._send(self._connection(step), step)
        elif type(step) is Connect:
            self._connect(step.client)
        elif type(step) is Wait:
            self._loop.pass_time(self._loop.time() + step.seconds)
        elif type(step) is Close or type(step) is Drop:
            self._leave(self._connection(step), step)
        elif type(step) is Pause:
            self._connection(step).pause()
        else:
            connection = self._connection(step)
            connection.resume()
            self._settle(connection, self._limits.message)

    def _connection(self, step: Any) -> Connection:
        if 0 <= step.client < len(self._connections):
            connection: Connection | None = self._connections[step.client]
            if connection is not None:
                return connection
        raise ScenarioError(
            f"step {self._index} ({type(step).__name__}) is about client {step.client}, which has not connected",
            "A scenario's clients connect before they do anything else.",
        )

    def _connect(self, number: int) -> None:
        if not 0 <= number < len(self._connections) or self._connections[number] is not None:
            raise ScenarioError(
                f"step {self._index} connects client {number}, which is unknown or has connected before",
                "Each client of a scenario connects once.",
            )
        client = self._scenario.clients[number]
        scope = self._scope_of(client, number)
        connection = Connection(
            number, self._loop, self.recorder, self._sources, client.subprotocols, self._suspend, self._next_inline
        )
        self._connections[number] = connection
        self._connected.append(connection)
        context = copy_context()
        context.run(CURRENT.set, number)
        self.recorder.add(Opened, number)
        connection.task = self._loop.start_handler(self._call(scope, connection), context)
        self._settle(connection, self._limits.connection)

    async def _call(self, scope: Mapping[str, Any], connection: Connection) -> None:
        try:
            await self._app(scope, connection.receive, connection.send)
        except BaseException as exception:  # noqa: BLE001 - whatever leaves a handler is what we are here for
            self._ended(connection, exception)
        else:
            self._ended(connection, None)

    def _ended(self, connection: Connection, exception: BaseException | None) -> None:
        if not connection.ended:
            connection.ended = True
            cause, raised = conclude(connection, exception, self._sources)
            self.recorder.add(Ended, connection.client, cause, connection.close_code, raised)

    def _send(self, connection: Connection, step: Send) -> None:
        if connection.state is not State.OPEN or connection.gone:
            return
        self._deliver(connection, step)
        self._stopwatch.start()
        self._settle(connection, self._limits.message)
        if self._stopwatch.slow:
            self.recorder.add(Slow, connection.client, self._stopwatch.limit)

    def _deliver(self, connection: Connection, step: Send) -> None:
        recorder = self.recorder
        kind, data = step.kind, self._said(step)
        recorder.rows.append((_MESSAGE, self._loop.elapsed, self._index, connection.client, "client", kind, data))
        connection.deliver(kind, data)

    def _said(self, step: Send) -> str | bytes:
        data = step.data
        if (MARK in data) if type(data) is str else (MARK_IN_BYTES in data):
            return self._captures.resolved(data, step.client)
        return data

    def _next_inline(self, connection: Connection) -> dict[str, Any] | None:
        """Perform the next step while the app asks for it, instead of after its suspension; return what it gets.

        The app is idle but for this `receive()`: nothing else is ready, and its client is the one that acts next. A
        server whose queue is not empty returns just as directly.
        """
        if connection is not self._settling or not self._inline or self._loop.ready or not connection.open:
            return None
        if self._loop.late:
            return None
        index = self._index + 1
        step = self._plan[index]
        kind = type(step)
        if kind is not Send and ((kind is not Close and kind is not Drop) or connection.ended):
            return None
        if step.client != connection.client:  # type: ignore[union-attr]
            return None
        for other in self._connected:
            if other.writing:
                return None
            other.refresh()
        self._loop.turns += 1
        self._index = self.recorder.step = index
        if type(step) is Send:
            self._sent_before = connection.sent
            self._spoken = True
            return connection.give(step.kind, self._said(step))
        self._settling = None
        return self._part(connection, step)

    def _part(self, connection: Connection, step: Step) -> dict[str, Any]:
        if type(step) is Close:
            self.recorder.add(Closed, connection.client, "client", step.code, step.reason)
            return connection.dismiss(step.code, step.reason)
        self.recorder.add(Dropped, connection.client)
        return connection.dismiss(None, None)

    def _leave(self, connection: Connection, step: Close | Drop) -> None:
        if connection.gone:
            return
        if connection.ended or connection.state in _OVER:
            connection.gone = True
            connection.release()
        elif type(step) is Close:
            self.recorder.add(Closed, connection.client, "client", step.code, step.reason)
            connection.leave(step.code, step.reason)
        else:
            self.recorder.add(Dropped, connection.client)
            connection.drop()
        self._see_off(connection, MAX_BUSY)

    def _see_off(self, connection: Connection, rounds: int) -> None:
        """Let the handlers take note that a client has left."""
        self._run_ready(rounds)
        if not connection.ended and self._loop.real_io:
            self._wait_for_threads()

    # --- waiting -----------------------------------------------------------------------------------------------------

    def _run_ready(self, rounds: int = MAX_BUSY) -> None:
        for _ in range(rounds):
            if self._loop.run_ready():
                return
            self._loop.jump(self._loop.time() + BUSY_JUMP)

    def _settle(self, connection: Connection, timeout: float) -> None:
        """Run until the app waits for us, giving a busy handler `timeout` seconds."""
        loop = self._loop
        self._settling = connection
        self._sent_before = connection.sent
        self._deadline = loop.time() + timeout
        while True:
            began = loop.time()
            rested = loop.run_ready()
            if self._spoken:
                self._spoken = False
                self._deadline = began + self._limits.message
            if not rested:
                loop.jump(began + BUSY_JUMP)
            if self._settling is None:
                # It has left on the way.
                self._see_off(connection, 0 if rested else MAX_BUSY - 1)
                return
            if connection.ended or connection.reading or self._held_up():
                break
            sent = connection.sent - self._sent_before
            if sent >= MAX_REPLIES or (sent and connection.unread):
                break
            if loop.time() >= self._deadline or not loop.advance(self._deadline):
                if not sent:
                    self._hang(connection)
                break
        self._settling = None

    def _held_up(self) -> bool:
        """Whether the app waits for a peer that does not read: it is not the app that is slow then."""
        return any(other.waiting_sends for other in self._connected)

    def _hang(self, connection: Connection) -> None:
        if connection.state is State.CONNECTING:
            phase: Literal["connect", "message"] = "connect"
        elif connection.consumed is not None and not connection.unread:
            phase = "message"
        else:
            return
        self._loop.jump(self._deadline)
        if connection.hung:
            return
        connection.hung = True
        self.recorder.add(Hung, connection.client, phase, False, self._waits_at(connection))

    def _waits_at(self, connection: Connection) -> tuple[Frame, ...]:
        return self._sources.awaiting(connection.task.get_coro()) if connection.task is not None else ()

    def _wait_for_threads(self) -> None:
        deadline = self._loop.time() + self._limits.connection
        while self._loop.working and self._loop.time() < deadline and not self._loop.late:
            self._loop.poll(0.01)
            self._run_ready()

    def _hear_out(self) -> None:
        """Find out whether the answer to a message has an end: whoever reads all of it would never read another."""
        full = [one for one in self._connected if one.stuffed]
        if not full or all(one.consumed is None for one in self._connected):
            return
        source = endless(full, self._loop, self._sources, self._known)
        if source is not None:
            # A server that only pushes may have no end.
            client, frames = source
            if any(one.client == client and one.consumed is not None for one in self._connected):
                self.recorder.add(Hung, client, "reply", False, frames)

    # --- the end -----------------------------------------------------------------------------------------------------

    def _alive(self) -> list[Connection]:
        return [one for one in self._connections if one is not None and not one.ended]

    def _await_endings(self) -> None:
        """Give the handlers of clients that have gone their time, then end them."""
        loop = self._loop
        deadline = loop.time() + self._limits.connection
        while self._alive() and loop.time() < deadline and loop.advance(deadline):
            self._run_ready()
        for connection in self._alive():
            self.recorder.add(Hung, connection.client, "disconnect", connection.told, self._waits_at(connection))
        for connection in self._alive():
            self._end(connection)

    def _end(self, connection: Connection) -> None:
        # Several cancellations, for a handler that survives the first; then it is left behind.
        connection.abandoned = True
        for _ in range(3):
            if connection.task is not None and not connection.ended:
                connection.task.cancel()
                self._run_ready()
        self._ended(connection, None)

    def task_born(self, task: WatchedTask[Any]) -> None:
        """The app has started a task of its own."""
        if self._offspring is None:
            self._offspring = Offspring(self._loop, self.recorder, self._sources)
        self._offspring.born(task)
