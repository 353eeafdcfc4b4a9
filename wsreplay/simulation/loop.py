"""The event loop: asyncio's selector loop with a virtual clock, stepped from outside until it is idle.

This file and `current_task` are the only ones that touch asyncio's private names (`_ready`, `_scheduled`, `_selector`,
`_process_events`, `_thread_id`, a future's `_log_traceback`); tests hold them to every supported Python.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import os
import sys
import threading
from asyncio import events
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import Context
from time import monotonic
from typing import Any, Protocol, TypeVar, TypeVarTuple, Unpack

from wsreplay.simulation import current_task
from wsreplay.simulation.clocks import Clocks
from wsreplay.simulation.threads import working_threads


class Tracing(Protocol):
    """What watches app code while it runs."""

    def resume(self) -> None:
        """App code runs from here on."""

    def pause(self) -> None:
        """It does not any more."""


_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

EPOCH = 1000.0
"""Where the virtual clock starts: not at zero, which applications take for 'never'."""

MAX_TURNS = 2000
"""So many turns without an idle moment are a busy loop of callbacks (`while True: await sleep(0)`)."""

MAX_PASSING = 20_000
"""So many turns while one span of time passes: what polls every few milliseconds for hours is not followed further."""

MAX_LAST_TURNS = 4
"""Turns for each task that is to end, after which those that go on all the same are left alone."""

SOON, POLL = 0.0005, 0.05
"""Seconds of real time between the first two looks at the threads that we wait for, and between later ones: most that
have nothing to say any more have ended by the second.
"""

PATIENCE, IMPATIENCE = 1.0, 0.05
"""Seconds of real time for which a client that waits is kept waiting by threads that do not call back; and when some
have been waited for in vain. A thread that is at work for ever would make each hour of a scenario's a real one.
"""

PICK_UP = 0.05
"""Seconds of real time within which a pool's thread has begun with what it was given."""

_EAGER = getattr(asyncio, "eager_task_factory", None)
"""Python 3.12's factory of tasks that begin at once."""


class WatchedTask(asyncio.Task[_T]):
    """A task that does not forget its unretrieved exception when it is cancelled after its death."""

    def cancel(self, msg: Any | None = None) -> bool:
        """Cancel as asyncio does, but leave a dead task as it is: its loss must still be seen."""
        return False if self.done() else super().cancel(msg)

    @property
    def unretrieved(self) -> bool:
        """Whether it died with an exception that nobody has asked for."""
        return self.done() and bool(self._log_traceback)

    @property
    def death(self) -> BaseException | None:
        """The exception it died with, read without retrieving it."""
        exception: BaseException | None = self._exception
        return exception

    def hush(self) -> None:
        """Keep asyncio from reporting it a second time, at some moment of the garbage collector's."""
        self._log_traceback = False


class SimulationLoop(asyncio.SelectorEventLoop):
    """An event loop whose time only moves when somebody moves it.

    `clock` is `auto` (virtual, but real while real I/O or thread work is under way), `virtual` or `real`.
    `elapsed` counts the seconds of virtual time that were jumped over, `turns` the callbacks that ran. `ready` holds
    the callbacks that are due now. `tracing`, if there is one, watches callbacks run.
    """

    _ready: Any
    _scheduled: list[Any]
    _selector: Any

    def __init__(self, clock: str = "auto") -> None:
        super().__init__()
        self.clock = clock
        self.ready = self._ready
        self.turns = 0
        self.elapsed = 0.0
        self.in_app = False
        self.tracing: Tracing | None = None
        self.on_exception: Callable[[dict[str, Any]], None] | None = None
        self.on_task: Callable[[WatchedTask[Any]], None] | None = None
        self.clocks = Clocks()
        self._now = EPOCH
        self.patience = math.inf
        self._work = 0
        self._patience = PATIENCE
        self._vain = 0.0
        self._given = 0.0
        self._next_look = SOON
        self._hooks = (self._asyncgen_firstiter_hook, self._asyncgen_finalizer_hook)  # type: ignore[attr-defined]
        self._own_files = len(self._selector.get_map())
        self._known_threads: frozenset[threading.Thread] = frozenset()
        self.know_threads()

    # --- what asyncio asks of a loop ---------------------------------------------------------------------------------

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._now

    def create_task(self, coro: Any, *, name: object = None, context: Context | None = None, **options: Any) -> Any:
        """Create a task whose death will be noticed; an app's own task factory is honoured."""
        factory = self.get_task_factory()
        if factory not in (None, _EAGER):
            return super().create_task(coro, name=name, context=context, **options)
        if factory is not None:  # pragma: no cover - from Python 3.12 on
            options.setdefault("eager_start", True)
        task: WatchedTask[Any] = WatchedTask(coro, loop=self, name=name, context=context, **options)  # type: ignore[arg-type]
        if self.on_task is not None:
            self.on_task(task)
        return task

    def start_handler(self, coro: Coroutine[Any, Any, None], context: Context) -> asyncio.Task[None]:
        """Start an app's handler: the one kind of task that is not the app's own."""
        return asyncio.Task(coro, loop=self, context=context)

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[_Ts]], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Schedule a callback from another thread as asyncio does: it was not in vain to wait for it."""
        self._vain, self._patience, self._next_look = 0.0, PATIENCE, SOON
        return super().call_soon_threadsafe(callback, *args, context=context)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[_Ts]], _T], *args: *_Ts
    ) -> asyncio.Future[_T]:
        """Run in a thread as asyncio does, and count it as work to wait for in real time."""
        future = super().run_in_executor(executor, func, *args)
        self._work += 1
        self._given = monotonic()
        future.add_done_callback(self._work_done)
        return future

    def _work_done(self, _future: asyncio.Future[Any]) -> None:
        self._work -= 1

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Tell our observer instead of the log; an app's own handler still runs."""
        if self.on_exception is not None:
            self.on_exception(context)
        if self.get_exception_handler() is not None:
            super().call_exception_handler(context)

    # --- stepping ----------------------------------------------------------------------------------------------------

    def shut(self) -> None:
        """Close the loop and forget its threads: a pool's threads would outlive it otherwise."""
        executor = getattr(self, "_default_executor", None)
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)
        self.close()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Make this the running loop of the thread, as `run_forever` does, for a number of steps."""
        before = self.enter()
        try:
            yield
        finally:
            self.leave(before)

    def enter(self) -> Any:
        """Do what `entered` does; to be undone by `leave` with what this returns."""
        running = events._get_running_loop()
        hooks = sys.get_asyncgen_hooks()
        events._set_running_loop(self)
        # The task that we are called in, or one that hostile code has left there, is put aside.
        before = (running, current_task.put_aside(self), hooks)
        self._thread_id = threading.get_ident()
        sys.set_asyncgen_hooks(*self._hooks)
        self.clocks.enter()
        return before

    def leave(self, before: Any) -> None:
        """Make what `enter` found the running loop again."""
        running, outer, hooks = before
        self.clocks.leave()
        sys.set_asyncgen_hooks(*hooks)
        self._thread_id = None  # type: ignore[assignment]
        events._set_running_loop(running)
        if running is not None and outer is not None:
            current_task.swap(running, outer)

    def run_ready(self) -> bool:
        """Run until no callback is ready; False when there was no end to them within MAX_TURNS."""
        ready = self._ready
        left = MAX_TURNS
        tracing = self.tracing
        if tracing is not None:
            tracing.resume()
        self.in_app = True
        try:
            while ready:
                handle = ready.popleft()
                if not handle._cancelled:
                    self.turns += 1
                    left -= 1
                    # asyncio lets SystemExit through, so that it ends the server; the task has kept it.
                    try:
                        handle._run()
                    except SystemExit:
                        continue
                    if left < 0:
                        return False
        finally:
            self.in_app = False
            if tracing is not None:
                tracing.pause()
        return True

    @property
    def late(self) -> bool:
        """Whether the real time is up until which whoever drives this wants to go on: `patience`, on the monotonic
        clock.
        """
        return monotonic() > self.patience

    @property
    def idle(self) -> bool:
        """Whether no callback is ready."""
        return not self._ready

    def poll(self, timeout: float = 0.0) -> None:
        """Look at the file descriptors, for at most `timeout` real seconds, and schedule what is due."""
        if self.clock == "virtual" and timeout:
            timeout = min(timeout, POLL)
        started = monotonic()
        self._process_events(self._selector.select(timeout))  # type: ignore[attr-defined]
        if timeout:
            self._now += monotonic() - started
            self._release_due()

    def next_timer(self) -> float | None:
        """Return when the next timer is due, None without one."""
        scheduled = self._scheduled
        while scheduled and scheduled[0]._cancelled:
            heapq.heappop(scheduled)._scheduled = False
        return scheduled[0]._when if scheduled else None

    def advance(self, until: float) -> bool:
        """Move the time to what happens next, at the latest to `until`; False when nothing can happen before it.

        Real I/O and thread work are waited for in real time; with timers alone the clock jumps.
        """
        if self._ready:
            return True
        if self._real():
            return self._wait_really(until)
        self._next_look = SOON
        when = self.next_timer()
        if when is None or when > until:
            return False
        self.jump(when)
        return True

    def jump(self, when: float) -> None:
        """Set the clock forward to `when` and schedule the timers that are due by then."""
        if when > self._now:
            self.clocks.skip(when - self._now)
            self.elapsed = round(self.elapsed + when - self._now, 6)
            self._now = when
        self._release_due()

    def pass_time(self, until: float) -> None:
        """Let the time pass to `until`, running what falls due on the way (really, while there is real I/O).

        After MAX_PASSING turns, or when patience is at its end, the rest passes at once, and what is due by then runs
        at its end.
        """
        reached = round(self.elapsed + until - self._now, 6)
        limit = self.turns + MAX_PASSING
        self._vain = 0.0
        while self.turns < limit and not self.late and self._vain < self._patience and self.advance(until):
            restless = not self.run_ready()
            if restless:
                self.jump(min(until, self._now + 1.0))
            if self._now >= until and (restless or not self._ready):
                break
        if self._vain >= self._patience:
            self._patience = IMPATIENCE
        self.jump(until)
        # So much has passed, however much of it really.
        self.elapsed = max(self.elapsed, reached)
        self.run_ready()

    def cull(self, tasks: Sequence[asyncio.Task[Any]]) -> None:
        """End tasks that are too many to live on, and forget the timers that they waited for."""
        # Their end is no behaviour of the app's.
        self.tracing = None
        for task in tasks:
            task.cancel()
        limit = self.turns + MAX_LAST_TURNS * len(tasks)
        while self.turns < limit and not self.run_ready():
            pass
        self._scheduled[:] = [handle for handle in self._scheduled if not handle._cancelled]
        heapq.heapify(self._scheduled)

    def end_process(self) -> None:
        """End this process as soon as app code lets go: it is a copy of one that runs the simulation."""
        self._ready.clear()
        self.call_soon(os._exit, 0)

    def _release_due(self) -> None:
        scheduled = self._scheduled
        # The resolution forgives the rounding of `now + delay`.
        end = self._now + 1e-9
        # Not `when < end`: a timer at NaN is due at once, as in asyncio.
        while scheduled and not scheduled[0]._when >= end:
            handle = heapq.heappop(scheduled)
            handle._scheduled = False
            self._ready.append(handle)

    # --- the real world ----------------------------------------------------------------------------------------------

    def know_threads(self) -> None:
        """Take the threads that are alive now for part of the scenery: they are not waited for."""
        self._known_threads = frozenset(threading.enumerate())

    def _real(self) -> bool:
        if self.clock == "auto":
            return self.working or len(self._selector.get_map()) > self._own_files
        # On a virtual clock work that somebody awaits is still waited for; only files are not.
        return self.clock == "real" or self.working

    @property
    def working(self) -> bool:
        """Whether work in threads is under way (open file descriptors are no work by themselves)."""
        if self._work == 0:
            return bool(working_threads(self._known_threads))
        # A thread that has just been given work may still look idle; one that waits for us is not at work.
        return monotonic() - self._given < PICK_UP or bool(working_threads(frozenset()))

    @property
    def real_io(self) -> bool:
        """Whether file descriptors beyond the loop's own are registered, or executor work is under way."""
        return self._work > 0 or len(self._selector.get_map()) > self._own_files

    def _wait_really(self, until: float) -> bool:
        before = self._now
        ready = self._wait_for_something(until)
        if self.clock != "real" and not self.real_io:
            # For nothing but threads that the app has started itself; in vain until one of them calls back.
            self._vain += self._now - before
        return ready

    def _wait_for_something(self, until: float) -> bool:
        when = self.next_timer()
        end = until if when is None else min(when, until)
        timeout = end - self._now
        if timeout > 0:
            self.poll(min(timeout, self._next_look))
            self._next_look = SOON if self._ready else min(2 * self._next_look, POLL)
        else:
            self._release_due()
            self.poll()
        return bool(self._ready) or self._now < until
