"""The watchdog: interrupts app code that holds the loop, from outside, by a timer signal.

A signal reaches a busy Python loop, `time.sleep` and a regular expression that backtracks; a long call of C code when
it is over. What swallows the interruption is interrupted again at every tick; what swallows it for ever, or is stuck in
C, is the worker's parent's to end. Signals exist in the main thread of a POSIX process only: elsewhere there is no
watchdog.
"""

from __future__ import annotations

import atexit
import itertools
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from wsreplay.model import Frame
from wsreplay.simulation.loop import SimulationLoop
from wsreplay.sources import MAX_DEPTH, Sources

_OURS = str(Path(__file__).resolve().parents[1])

TICKS = 5
"""Ticks without progress that make a block. Ticks, not seconds: a process that is not scheduled gets none."""

POKE = signal.SIGURG if hasattr(signal, "SIGURG") else signal.SIGINT
"""The signal that makes a watchdog tick again whose timer or handler the app has taken. It does nothing elsewhere."""

LOOK = 16
"""Scenarios between two looks at whether it is still our handler that the signal calls."""

BOTTOMLESS = 100_000
"""Frames of a recursion that is not waited for: to leave it takes longer than to enter it."""

MAX_INTERRUPTIONS = 10
"""After so many interruptions of one run of app code, nothing in this process will end it."""


class Interrupted(BaseException):
    """Raised inside app code that held the loop too long. No Exception, so that `except Exception` lets it through."""


class Watchdog:
    """Ticks `TICKS` times per `limit` seconds of real time while it is on.

    `on_block(frames)` is called at the first interruption of a run, `on_stuck(frames)` when interruptions are of no
    use, `on_tick()` at each tick.
    """

    def __init__(
        self,
        loop: SimulationLoop,
        sources: Sources,
        limit: float,
        on_block: Callable[[tuple[Frame, ...]], None],
        on_stuck: Callable[[tuple[Frame, ...]], None] | None = None,
        on_tick: Callable[[], None] | None = None,
    ) -> None:
        self._loop = loop
        self._sources = sources
        self._limit = limit
        self._on_block = on_block
        self._on_stuck = on_stuck
        self._on_tick = on_tick
        self._known: set[tuple[str, str]] = set()
        self._stamp = -1
        self._ticks = 0
        self._interruptions = 0
        self._previous: object = None
        self._poked: object = None
        # The app may put anything in the place of the module's function.
        self._clock = time.monotonic
        self._cpu = time.thread_time
        self._since = self._spent = 0.0
        self._handler = self._tick
        self._asked = 0
        self._timer = (0.0, 0.0)
        self.on = False

    def start(self) -> None:
        """Begin to tick, where this is possible."""
        if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
            return
        self._previous = signal.signal(signal.SIGALRM, self._handler)
        self._poked = signal.signal(POKE, self._revive)
        self.on = True
        self._spent = self._cpu()
        # A simulation that nobody stops must not end the interpreter's own end with a signal.
        atexit.register(self.stop)
        self._timer = self._arm()

    def stop(self) -> None:
        """Stop to tick and put back the handler that was there, and its timer with what time it had left."""
        if not self.on:
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._previous or signal.SIG_DFL)  # type: ignore[arg-type]
        signal.signal(POKE, self._poked or signal.SIG_DFL)  # type: ignore[arg-type]
        owner = getattr(self._previous, "__self__", None)
        # Simulations need not end in the order in which they began: what has stopped is not to tick again.
        if self._timer[0] > 0 and not (isinstance(owner, Watchdog) and not owner.on):
            signal.setitimer(signal.ITIMER_REAL, *self._timer)
        atexit.unregister(self.stop)
        self.on = False

    def pace(self, limit: float) -> None:
        """Tick by another limit from now on."""
        if limit != self._limit:
            self._limit = limit
            if self.on:
                self._arm()

    @property
    def _interval(self) -> float:
        return max(self._limit / TICKS, 0.005)

    def _arm(self) -> tuple[float, float]:
        return signal.setitimer(signal.ITIMER_REAL, self._interval, self._interval)

    def check(self) -> None:
        """Tick again, should the app have put a handler of its own in the place of this one. To look takes as long as a
        message: it is done now and then.
        """
        self._asked += 1
        if self._asked % LOOK == 0 and self.on and signal.getsignal(signal.SIGALRM) is not self._handler:
            self._revive()

    def _revive(self, *_: object) -> None:
        """Show that Python code runs, and tick again if the app has stopped that. A timer that runs is left alone: who
        is nudged more often than it goes off would never tick.
        """
        if self._on_tick is not None:
            self._on_tick()
        runs = math.isclose(signal.getitimer(signal.ITIMER_REAL)[1], self._interval, abs_tol=0.001)
        if not runs or signal.getsignal(signal.SIGALRM) is not self._handler:
            signal.signal(signal.SIGALRM, self._handler)
            self._arm()

    def know(self, place: Frame) -> None:
        """Take the function at `place` for one that blocks: it is interrupted at the first tick that finds it busy."""
        self._known.add((place.file, place.function))

    def _tick(self, _signal: int, frame: FrameType | None) -> None:
        if self._on_tick is not None:
            self._on_tick()
        loop = self._loop
        # A call of C code answers no signal before it is over: what it took is told by the processor's time, of which a
        # process that is not scheduled has none.
        spent, self._spent = self._spent, self._cpu()
        deaf = loop.in_app and self._spent - spent >= self._limit
        if not deaf and (not loop.in_app or loop.turns != self._stamp):
            self._stamp = loop.turns
            self._ticks = self._interruptions = 0
            self._since = self._clock()
            return
        self._ticks += 1
        if not self._interruptible(frame):
            return
        frames = self._sources.stack(frame)
        # Both, for the app may have set the timer to another pace.
        held = self._ticks >= TICKS and self._clock() - self._since >= self._limit / 2
        if not held and not deaf and not self._known_place(frames) and not _bottomless(frame):
            return
        if self._interruptions == 0:
            self._on_block(frames)
        self._interruptions += 1
        if self._interruptions > MAX_INTERRUPTIONS and self._on_stuck is not None:
            # What it does now is not to be interrupted.
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._on_stuck(frames)
        raise Interrupted("the event loop was held too long")

    def _known_place(self, frames: tuple[Frame, ...]) -> bool:
        innermost = next((frame for frame in reversed(frames) if frame.app), None)
        return innermost is not None and (innermost.file, innermost.function) in self._known

    def _interruptible(self, frame: FrameType | None) -> bool:
        # Not inside our own code, whose state it would tear, and not while a module is being imported.
        if frame is None or not self._outside(frame.f_code.co_filename):
            return False
        inner: FrameType | None = frame
        app = False
        for _ in range(MAX_DEPTH):
            if inner is None:
                break
            filename = inner.f_code.co_filename
            if filename.startswith("<frozen importlib"):
                return False
            if self._sources.ours(filename):
                # Whoever called us is not the app.
                break
            app = app or self._sources.owns(filename)
            inner = inner.f_back
        return app

    def _outside(self, filename: str) -> bool:
        if self._sources.owns(filename):
            return True
        return not filename.startswith(_OURS) and not filename.endswith("asyncio/events.py")


def _bottomless(frame: FrameType | None) -> bool:
    return next(itertools.islice(_stack(frame), BOTTOMLESS, None), None) is not None


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
