"""The child's side: loads the target once, then forks a fresh worker for every asking.

A forked worker has the target imported and nothing run: it is a fresh process at the price of a fork. Where a fork is
not safe (threads that the import started, systems other than Linux) this process serves as the one worker itself.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import traceback
from typing import Any

from wsreplay.config import Settings
from wsreplay.errors import TargetError, WsreplayError
from wsreplay.loading import App
from wsreplay.workers.bench import DAMAGED, NO_MEMORY, Bench, Function, belongings, quiet_signals
from wsreplay.workers.channel import Channel, Flight
from wsreplay.workers.forking import can_fork, end_group, fork
from wsreplay.workers.judging import discreet
from wsreplay.workers.lifeline import end_with_parent

# What the parent may ask of this process.
FORK, SERVE, WAIT = "fork", "serve", "wait"


def main(fd: int) -> None:
    """Serve the parent over the socket `fd` until it hangs up."""
    channel = Channel(socket.socket(fileno=fd))
    settings, path, verbose, _functions = channel.receive()
    sys.path[:] = path
    sys.stdout.flush()
    serve(channel, settings, verbose)
    # Not by returning: threads and exit handlers of the target's might never end.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(0)


def serve(channel: Channel, settings: Settings, verbose: bool, app: App | None = None) -> None:
    """Load the target, unless the `app` is given, and do what the parent asks for until it hangs up."""
    end_with_parent()
    quiet_signals()
    _redirect(verbose)
    try:
        bench = Bench.prepare(settings, channel, app)
    except WsreplayError as error:
        channel.send(("error", discreet(error, settings.hidden)))
        return
    except BaseException as error:  # noqa: BLE001 - whatever importing the target does, the parent is told
        channel.send(("error", discreet(_internal(error), settings.hidden)))
        return
    channel.send(("ready", bench.routes, can_fork()))
    with contextlib.suppress(EOFError, OSError):
        _obey(bench, channel)


def _redirect(verbose: bool) -> None:
    # The application's output is not ours: it would tear the screen, or stand in the results.
    os.dup2(2, 1)
    if not verbose:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.close(null)


def _obey(bench: Bench, channel: Channel) -> None:
    children: set[int] = set()
    try:
        while True:
            what, *rest = channel.receive()
            if what == FORK:
                children.add(_fork(bench, channel))
            elif what == WAIT:
                children.discard(rest[0])
                code = os.waitstatus_to_exitcode(os.waitpid(rest[0], 0)[1])
                end_group(rest[0])
                channel.send(code)
            else:  # SERVE
                _serve(bench, channel, Flight(channel.accept_files(1)[0]))
    finally:
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, 9)


def _fork(bench: Bench, channel: Channel) -> int:
    stream, page = channel.accept_files(2)
    parent = os.getpid()
    pid = fork()
    if pid == 0:
        code = 1
        try:
            end_with_parent(parent)
            # A group of its own: what app code does to its group, and leaves in it, is to stay with this process.
            os.setpgid(0, 0)
            channel.close()
            own = Channel(socket.socket(fileno=stream))
            bench.channel = own
            with contextlib.suppress(EOFError, OSError):
                _serve(bench, own, Flight(page))
            code = 0
        finally:
            os._exit(code)
    os.close(stream)
    os.close(page)
    channel.send(pid)
    return pid


def _serve(bench: Bench, channel: Channel, flight: Flight) -> None:
    """Run what the parent sends, one call after the other: (function, arguments)."""
    bench.flight = flight
    bench.belongings = belongings()
    os.register_at_fork(after_in_child=bench.part)
    while True:
        function, arguments = channel.receive()
        channel.send(_run(bench, function, arguments))


def _run(bench: Bench, function: Function, arguments: tuple[Any, ...]) -> tuple[str, object]:
    try:
        return "done", function(bench, *arguments)
    except WsreplayError as error:
        return "error", discreet(error, bench.settings.hidden)
    except (EOFError, OSError):
        raise
    except MemoryError:
        # Where the app has left no memory to us, nothing more can be done here. Its own MemoryError never comes here.
        os._exit(NO_MEMORY)
    except Exception as error:  # noqa: BLE001 - an error of ours, told in full
        if _by_app(bench, error):
            os._exit(DAMAGED)
        return "error", discreet(_internal(error), bench.settings.hidden)


def _by_app(bench: Bench, error: BaseException) -> bool:
    """Whether app code has put itself in the place of a function of Python's that we called."""
    codes = (frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__))
    own = {code for code in codes if bench.sources.owns(code.co_filename)}
    standard = (module for name, module in tuple(sys.modules.items()) if name in sys.stdlib_module_names)
    return any(getattr(value, "__code__", None) in own for module in standard for value in tuple(vars(module).values()))


def _internal(error: BaseException) -> WsreplayError:
    text = "".join(traceback.format_exception(error))
    return TargetError(f"a worker failed: {type(error).__name__}: {error}", text)
