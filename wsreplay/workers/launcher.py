"""The parent's side: starts the process that loads the target, gets fresh workers from it, and notices their deaths."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, TypeAlias

from wsreplay.config import Settings
from wsreplay.errors import WorkerError
from wsreplay.model import Frame, Route, Scenario
from wsreplay.simulation import POKE
from wsreplay.workers.bench import DAMAGED, NO_MEMORY, STUCK, Function
from wsreplay.workers.channel import Channel, Flight
from wsreplay.workers.flight import unpacked
from wsreplay.workers.forking import end_group
from wsreplay.workers.inheriting import Forked, Inheritance, forked
from wsreplay.workers.overhearing import Overhearing
from wsreplay.workers.zygote import FORK, SERVE, WAIT, serve

SILENCE = 10.0
"""Seconds without any sign of life after which a worker is taken for stuck in C code, and killed."""

NUDGE = 0.5
"""Seconds without any sign of life after which its watchdog is started again: the app may have stopped it."""

LOOK = 0.25
"""Seconds between two looks at a worker that says nothing."""

Process: TypeAlias = "subprocess.Popen[bytes] | Forked"

_START = "import sys; sys.path.append({root!r}); from wsreplay.workers.zygote import main; main({fd})"


class WorkerLost(Exception):  # noqa: N818 - what happened, not what is wrong
    """A worker died. `scenario` was in flight (None when nothing was), `frames` where app code was stuck, `how` says in
    words how it ended, `tally` how many scenarios, messages and connections it had tried, `past` are those scenarios,
    or the last of them. `killed` says that it may have been no fault of its own: somebody may have killed it, or the
    system may have, for want of memory. `late` says that it showed signs of life, and was ended as its time was up.
    """

    def __init__(
        self,
        how: str,
        scenario: Scenario | None,
        frames: tuple[Frame, ...],
        tally: tuple[int, int, int],
        past: tuple[Scenario, ...] = (),
        killed: bool = False,
        late: bool = False,
    ) -> None:
        super().__init__(how)
        self.late = late
        self.how = how
        self.scenario = scenario
        self.frames = frames
        self.tally = tally
        self.past = past
        self.killed = killed


class Stopped(Exception):  # noqa: N818 - no error
    """The user has asked for an end while a worker was at work."""


class Launcher:
    """Gives fresh workers for one target. Use it as a context manager.

    Raises, on entering, what loading the target raised: TargetError, RouteError. While `should_stop()` is true, every
    wait for a worker, and that for the target's import, raises Stopped. `functions` are those that workers will run:
    naming them here spares each the import. With `inherit` workers are forked from this process instead of from a
    fresh one.
    """

    def __init__(
        self,
        settings: Settings,
        should_stop: Callable[[], bool] = lambda: False,
        functions: tuple[Function, ...] = (),
        inherit: Inheritance | None = None,
    ) -> None:
        self._settings = settings
        self._inherit = inherit
        self._functions = functions
        self.should_stop = should_stop
        self._process: Process | None = None
        self._channel: Channel | None = None
        self._forks = False
        # Several runs may ask at once, each in a thread of its own.
        self._lock = threading.Lock()
        self._workers: list[Worker] = []
        self.routes: tuple[Route, ...] = ()

    def __enter__(self) -> Launcher:
        self._process, self._channel, self.routes, self._forks = self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in tuple(self._workers):
            worker.close()
        assert self._channel is not None, "it was entered"
        _end(self._process, self._channel)

    def worker(self) -> Worker:
        """Return a worker whose process has the target imported and nothing run."""
        assert self._channel is not None, "the launcher is a context manager"
        if not self._forks:
            return self._spawned()
        with self._lock:
            try:
                worker = self._forked(self._channel)
            except (EOFError, OSError):
                # The process that has the target loaded has gone: somebody has killed it, or app code has.
                _end(self._process, self._channel)
                self._process, self._channel, _, _ = self._start()
                worker = self._forked_by_a_new_one(self._channel)
        self._workers.append(worker)
        return worker

    def _forked_by_a_new_one(self, home: Channel) -> Worker:
        try:
            return self._forked(home)
        except (EOFError, OSError):
            raise WorkerError("no worker process could be forked, twice", "Is the machine out of memory?") from None

    def _forked(self, home: Channel) -> Worker:
        mine, theirs = socket.socketpair()
        flight = Flight()
        try:
            home.pass_files((FORK,), [theirs.fileno(), flight.fd])
            pid = home.receive()
        except BaseException:
            mine.close()
            flight.close()
            raise
        finally:
            theirs.close()
        return Worker(Channel(mine), flight, pid, self, home=home)

    def _spawned(self) -> Worker:
        # The process that found the routes is as fresh as any until it has run something.
        process, channel = self._process, self._channel
        if process is None or channel is None or any(worker.process is process for worker in self._workers):
            process, channel, _, _ = self._start()
        flight = Flight()
        try:
            channel.pass_files((SERVE,), [flight.fd])
        except (EOFError, OSError):
            # Somebody has killed it while it was waiting.
            _end(process, channel)
            process, channel, _, _ = self._start()
            channel.pass_files((SERVE,), [flight.fd])
        worker = Worker(channel, flight, process.pid, self, process)
        self._workers.append(worker)
        return worker

    def _start(self) -> tuple[Process, Channel, tuple[Route, ...], bool]:
        """A process that has the target loaded, a channel to it, the routes, and whether it can fork."""
        mine, theirs = socket.socketpair()
        channel = Channel(mine)
        process: Process
        if self._inherit is not None:
            settings, app = self._settings, self._inherit.app
            process = forked(lambda own: serve(own, settings, settings.verbose > 1, app), theirs, mine)
            theirs.close()
        else:
            process = _spawn(self._settings, mine, theirs)
            channel.send((self._settings, list(sys.path), self._settings.verbose > 1, self._functions))
        return process, channel, *_greeted(self._settings, process, channel, self.should_stop)

    def _forget(self, worker: Worker) -> None:
        self._workers.remove(worker)
        if worker.process is self._process and worker.process is not None:
            self._process = None

    def _exit_code(self, worker: Worker) -> int:
        if worker.process is not None:
            code = worker.process.wait()
            end_group(worker.pid)
            return code
        assert worker.home is not None, "it was forked"
        with self._lock:
            worker.home.send((WAIT, worker.pid))
            return int(worker.home.receive())


class Worker:
    """One worker process, running one call at a time. `home` is the channel to the process that it was forked from;
    where it was not, it is a `process` of its own.
    """

    def __init__(
        self,
        channel: Channel,
        flight: Flight,
        pid: int,
        launcher: Launcher,
        process: Process | None = None,
        home: Channel | None = None,
    ) -> None:
        self._channel = channel
        self._flight = flight
        self._launcher = launcher
        self._closed = False
        self._busy = False
        self._until: float | None = None
        self.pid = pid
        self.process = process
        self.home = home

    def call(self, function: Function, *arguments: object, until: float | None = None) -> Generator[Any, None, Any]:
        """Run `function(bench, *arguments)` there; yield what it sends, return what it returns.

        `function` is a module-level function. Raises what it raised (WsreplayError), and WorkerLost; also when it has
        not ended at the moment `until` of the monotonic clock.
        """
        self._busy = True
        self._until = until
        try:
            self._channel.send((function, arguments))
        except OSError:
            raise self._lost("") from None
        while True:
            kind, value = self._receive()
            if kind in ("done", "error"):
                self._busy = False
                if kind == "error":
                    raise value
                return value
            yield value

    def result(self, function: Function, *arguments: object, until: float | None = None) -> Any:
        """Run `function` there and return what it returns; what it sends on the way is dropped."""
        calling = self.call(function, *arguments, until=until)
        while True:
            try:
                next(calling)
            except StopIteration as stop:
                return stop.value

    def answer(self, value: object) -> None:
        """Answer a question of the running function."""
        with contextlib.suppress(OSError):
            self._channel.send(value)

    def close(self) -> None:
        """End the process, whatever it is doing; one that has nothing to do ends by itself."""
        if self._closed:
            return
        self._closed = True
        if self._busy:
            self._kill()
        self._channel.hang_up()
        with contextlib.suppress(EOFError, OSError):
            self._launcher._exit_code(self)
        self._launcher._forget(self)
        self._flight.close()

    def _receive(self) -> tuple[str, Any]:
        pulse, silent = self._flight.pulse, 0.0
        while True:
            if self._launcher.should_stop():
                raise Stopped
            late = self._until is not None and time.monotonic() >= self._until
            if silent >= SILENCE or (late and silent >= SILENCE / 2):
                raise self._lost(f"gave no sign of life, stuck outside Python code (for {silent:g} s)")
            if late:
                raise self._lost("did not come to an end", late=True)
            try:
                value: tuple[str, Any] = self._channel.receive(LOOK)
                return value
            except TimeoutError:
                now = self._flight.pulse
                silent = 0.0 if now != pulse else silent + LOOK
                pulse = now
                if silent >= NUDGE:
                    self._kill(POKE)
            except EOFError:
                raise self._lost("") from None

    def _kill(self, number: int = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def _lost(self, how: str, late: bool = False) -> WorkerLost:
        data = self._flight.recorded
        note = self._flight.noted
        past = tuple(unpacked(record)[0] for record in self._flight.past)
        if how:
            self._kill()
        try:
            code = self._launcher._exit_code(self)
        except (EOFError, OSError):
            code = -signal.SIGKILL
        scenario, tally = unpacked(data) if data else (None, (0, 0, 0))
        frames = pickle.loads(note) if note else ()  # noqa: S301 - from our own process
        self._closed = True
        self._channel.hang_up()
        self._launcher._forget(self)
        self._flight.close()
        killed = not how and code == -signal.SIGKILL
        return WorkerLost(how or _in_words(code), scenario, frames, tally, past, killed, late)


def _in_words(code: int) -> str:
    if code == STUCK:
        return "could not be interrupted"
    if code == NO_MEMORY:
        return "ran out of memory"
    if code == DAMAGED:
        return "was damaged by app code beyond use"
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = "an unknown signal"
        return f"was killed by signal {-code} ({name})"
    return f"exited with code {code}"


def _spawn(settings: Settings, mine: socket.socket, theirs: socket.socket) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, *subprocess._args_from_interpreter_flags()]  # type: ignore[attr-defined]
    command += ["-c", _START.format(root=root, fd=theirs.fileno())]
    # One order of sets and dictionaries of strings for all runs, unless the user has chosen one.
    environment = {"PYTHONHASHSEED": "0", **os.environ}
    overhearing = Overhearing(settings.hidden) if settings.verbose > 1 and settings.hidden else None
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stderr=overhearing.fd if overhearing is not None else None,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        mine.close()
        raise WorkerError(f"no worker process could be started: {error}", "Is the machine out of memory?") from error
    finally:
        theirs.close()
        if overhearing is not None:
            overhearing.let_go()


def _greeted(
    settings: Settings, process: Process, channel: Channel, should_stop: Callable[[], bool]
) -> tuple[tuple[Route, ...], bool]:
    """The routes that the process has found, and whether it can fork. Raises what loading the target raised."""
    try:
        answer = _awaited(channel, should_stop)
    except EOFError:
        code = process.wait()
        channel.hang_up()
        raise WorkerError(
            f"importing {settings.target!r} ended the process: it {_in_words(code)}",
            "Import the target by hand to see what it does.",
        ) from None
    except BaseException:
        # It is in the middle of an import, which may go on for long.
        process.kill()
        _end(process, channel)
        raise
    if answer[0] == "error":
        _end(process, channel)
        raise answer[1]
    return answer[1], answer[2]


def _awaited(channel: Channel, should_stop: Callable[[], bool]) -> Any:
    while True:
        if should_stop():
            raise Stopped
        with contextlib.suppress(TimeoutError):
            return channel.receive(LOOK)


def _end(process: Process | None, channel: Channel) -> None:
    channel.hang_up()
    if process is None:
        return
    try:
        process.wait(timeout=1.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
