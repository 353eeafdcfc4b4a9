"""A process for workers that is forked from this one: it has everything that was imported and changed here.

That is how an app which cannot be imported by its name gets into workers: one that a pytest fixture makes, or one that
a conftest.py has changed. The fork never returns to its caller's code.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from wsreplay.errors import WorkerError
from wsreplay.loading import App
from wsreplay.workers.channel import Channel
from wsreplay.workers.forking import fork

POLL = 0.002
"""Seconds between two looks at a process that is to end."""


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What a forked process is given beside the settings: the `app`, or None where it is to be loaded by its name."""

    app: App | None = None


class Forked:
    """A forked process, as far as the launcher needs to know it: what `subprocess.Popen` has of the same names."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while self._code is None:
            pid, status = os.waitpid(self.pid, 0 if end is None else os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            elif end is not None and time.monotonic() >= end:
                raise subprocess.TimeoutExpired("worker", timeout or 0.0)
            else:
                time.sleep(POLL)
        return self._code

    def kill(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def forked(serve: Callable[[Channel], None], theirs: socket.socket, mine: socket.socket) -> Forked:
    """Fork a process that runs `serve` over its end of a pair of sockets, and ends. Raises WorkerError."""
    for stream in (sys.stdout, sys.stderr):
        # What is still in a buffer would be written by both.
        with contextlib.suppress(Exception):
            stream.flush()
    try:
        pid = fork()
    except OSError as error:
        mine.close()
        theirs.close()
        raise WorkerError(f"no worker process could be forked: {error}", "Is the machine out of memory?") from error
    if pid:
        return Forked(pid)
    code = 1
    try:
        mine.close()
        _forget_the_parent()
        serve(Channel(theirs))
        code = 0
    finally:
        os._exit(code)


def _forget_the_parent() -> None:
    """Take away what the parent, a run of pytest, has set up for itself."""
    os.setsid()
    if faulthandler.is_enabled():
        faulthandler.disable()
    null = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open as long as the process lives
    sys.stdout = sys.stderr = null
    # Its filters may make errors of warnings, and its handlers would gather what is logged.
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if type(handler).__module__.startswith("_pytest."):
            root.removeHandler(handler)
