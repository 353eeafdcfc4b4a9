"""Handlers that do to their process what no handler should, each a route of one app: `/name`.

A handler does its worst at each text message. At a message of bytes it has a bug of the usual kind, which is to be
found all the same, as is that of the route `/later`.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextvars
import gc
import json
import locale
import logging
import multiprocessing
import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

Act = Callable[[WebSocket], Awaitable[Any]]

EXPECTED: dict[str, tuple[str, ...]] = {}
"""What is found of each: `check:exception`, or `check:cause` where there is none."""

ROUTES: list[WebSocketRoute] = []
KEPT: list[Any] = []
VARIABLE: contextvars.ContextVar[int] = contextvars.ContextVar("VARIABLE")


def hostile(*expected: str) -> Callable[[Act], Act]:
    def add(act: Act) -> Act:
        async def handler(websocket: WebSocket) -> None:
            await websocket.accept()
            while (message := await websocket.receive())["type"] != "websocket.disconnect":
                if message.get("bytes") is not None:
                    raise ValueError("planted")
                await act(websocket)
                await websocket.send_text("done")

        EXPECTED[act.__name__] = expected
        ROUTES.append(WebSocketRoute(f"/{act.__name__}", handler))
        return act

    return add


def simply(name: str, function: Callable[[], Any], *expected: str) -> None:
    """A hostile handler that calls a function."""

    async def act(_: WebSocket) -> None:
        KEPT.append(function())

    act.__name__ = name
    hostile(*expected)(act)


def fail(*_: Any, **__: Any) -> Any:
    raise RuntimeError("broken by the app")


def spin() -> None:
    while True:
        pass


# --- replies --------------------------------------------------------------------------------------------------------


@hostile()
async def gigabyte(ws: WebSocket) -> None:
    await ws.send_bytes(bytes(1 << 30))


@hostile()
async def gigabyte_of_text(ws: WebSocket) -> None:
    await ws.send_text("x" * (1 << 30))


@hostile()
async def gigabyte_in_parts(ws: WebSocket) -> None:
    for _ in range(1024):
        await ws.send_bytes(bytes(1 << 20))


@hostile("hang:reply")
async def endless(ws: WebSocket) -> None:
    while True:
        await ws.send_text("more")


@hostile("hang:reply")
async def endless_with_pauses(ws: WebSocket) -> None:
    while True:
        await ws.send_text("more")
        await asyncio.sleep(0)


@hostile("hang:reply", "blocked_loop:blocked")
async def endless_to_nobody(ws: WebSocket) -> None:
    while True:
        try:
            await ws.send_text("more")
        except Exception:
            continue


@hostile("protocol_violation:payload-type")
async def bytes_that_are_a_number(ws: WebSocket) -> None:
    await ws._send({"type": "websocket.send", "bytes": 10**9})


@hostile("protocol_violation:close-reason")
async def huge_reason(ws: WebSocket) -> None:
    await ws.close(1000, "x" * (1 << 26))


# --- tasks and threads ----------------------------------------------------------------------------------------------


@hostile("leaked_task:sleep")
async def many_tasks(_: WebSocket) -> None:
    KEPT.extend(asyncio.ensure_future(asyncio.sleep(3600)) for _ in range(12_000))


@hostile("blocked_loop:blocked", "leaked_task:sleep")
async def million_tasks(_: WebSocket) -> None:
    KEPT.extend(asyncio.ensure_future(asyncio.sleep(3600)) for _ in range(1_000_000))


async def spawn() -> None:
    KEPT.extend(asyncio.ensure_future(spawn()) for _ in range(2))


@hostile("leaked_task:spawn")
async def tasks_that_multiply(_: WebSocket) -> None:
    await spawn()


def again() -> None:
    asyncio.get_running_loop().call_soon(again)


simply("callbacks_without_end", again)
for kind, target in (("sleeping", lambda: time.sleep(3600)), ("busy", spin)):
    for daemon in (False, True):
        name = f"thread_left_{kind}" + "_daemon" * daemon
        simply(name, lambda target=target, daemon=daemon: threading.Thread(target=target, daemon=daemon).start())
simply("pool_left", lambda: concurrent.futures.ThreadPoolExecutor(1).submit(time.sleep, 3600))

# --- output and warnings --------------------------------------------------------------------------------------------

simply("prints", lambda: (print("x" * (1 << 22)), print("y" * (1 << 22), file=sys.stderr)))
simply("writes_to_descriptors", lambda: (os.write(1, bytes(1 << 22)), os.write(2, bytes(1 << 22))))
simply("closes_the_streams", lambda: (sys.stdout.close(), sys.stderr.close()))
simply("logs_much", lambda: [logging.getLogger("app").error("x" * 1000) for _ in range(100)])
simply("shuts_logging_down", lambda: (logging.shutdown(), logging.disable(logging.CRITICAL)))
simply("warns", lambda: (warnings.warn("odd", stacklevel=1), warnings.warn("old", DeprecationWarning, stacklevel=1)))
simply("makes_errors_of_warnings", lambda: warnings.simplefilter("error"))
simply("forgets_a_file", lambda: str(open("/dev/null")))  # noqa: SIM115
simply("forgets_a_coroutine", lambda: str(asyncio.sleep(1)))


@hostile("handler_crash:UserWarning")
async def raises_a_warning(_: WebSocket) -> None:
    warnings.simplefilter("error")
    warnings.warn("odd", stacklevel=1)


@hostile()
async def writes_to_the_disk(_: WebSocket) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(bytes(1 << 26))


# --- signals and timers ---------------------------------------------------------------------------------------------

for number in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM, signal.SIGPROF, signal.SIGCHLD):
    simply(f"handles_{number.name}", lambda number=number: signal.signal(number, lambda *_: None) and None)
simply("sets_the_timer", lambda: signal.setitimer(signal.ITIMER_REAL, 0.01))
simply("blocks_all_signals", lambda: signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)))
simply("handles_in_the_loop", lambda: asyncio.get_running_loop().add_signal_handler(signal.SIGALRM, print))
simply("interrupts_itself", lambda: signal.raise_signal(signal.SIGINT))
simply("ends_itself", lambda: signal.raise_signal(signal.SIGTERM), "process_crash:was killed by signal 15")
simply("ends_its_group", lambda: os.killpg(os.getpgrp(), 9), "process_crash:was killed by signal 9")


@hostile("blocked_loop:blocked")
async def busy_with_a_handler_of_its_own(_: WebSocket) -> None:
    signal.signal(signal.SIGALRM, lambda *_: None)
    spin()


@hostile("blocked_loop:blocked")
async def busy_without_the_timer(_: WebSocket) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    spin()


# --- the loop -------------------------------------------------------------------------------------------------------


class Policy:
    get_event_loop = new_event_loop = set_event_loop = fail


@hostile("handler_crash:RuntimeError")
async def closes_the_loop(_: WebSocket) -> None:
    asyncio.get_running_loop().close()


@hostile("handler_crash:RuntimeError")
async def runs_a_loop(_: WebSocket) -> None:
    coroutine = asyncio.sleep(0)
    try:
        asyncio.run(coroutine)
    finally:
        coroutine.close()


# From Python 3.14 on this cannot be done.
@hostile(*(() if sys.version_info < (3, 14) else ("background_task_crash:RuntimeError", "blocked_loop:blocked")))
async def nests_a_loop_by_force(_: WebSocket) -> None:
    asyncio._set_running_loop(None)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


simply("stops_the_loop", lambda: asyncio.get_running_loop().stop())
simply("changes_the_policy", lambda: setattr(asyncio.events, "_event_loop_policy", Policy()))
simply("debugs_the_loop", lambda: asyncio.get_running_loop().set_debug(True))
simply("stops_the_clock_of_the_loop", lambda: setattr(asyncio.get_running_loop(), "time", lambda: 0.0))
simply("timer_at_no_number", lambda: asyncio.get_running_loop().call_later(float("nan"), str))
simply("cancels_all", lambda: [one.cancel() for one in asyncio.all_tasks()], "handler_crash:CancelledError")

# --- time and other functions of Python's ---------------------------------------------------------------------------

for name in ("time", "monotonic", "perf_counter", "sleep"):
    simply(f"replaces_time_{name}", lambda name=name: setattr(time, name, lambda *_: 0.0))
simply("replaces_asyncio_sleep", lambda: setattr(asyncio, "sleep", fail))


def freeze() -> None:
    """As freezegun does it: in every module."""
    for name in ("time", "monotonic", "perf_counter"):
        real = getattr(time, name)
        for module in tuple(sys.modules.values()):
            if getattr(module, name, None) is real:
                setattr(module, name, lambda: 1.0)


simply("freezes_time", freeze)
simply("seeds_randomness", lambda: (random.seed(1), setattr(random, "random", lambda: 0.0)))
simply("disables_gc", gc.disable)
simply("debugs_gc", lambda: gc.set_debug(gc.DEBUG_SAVEALL))
simply("traces", lambda: sys.settrace(lambda *_: None))
simply("profiles", lambda: sys.setprofile(lambda *_: None))
simply("replaces_hooks", lambda: setattr(sys, "excepthook", fail) or setattr(sys, "unraisablehook", fail))
simply("clears_the_environment", os.environ.clear)
simply("clears_the_path", lambda: (sys.path.clear(), sys.meta_path.clear()))
simply("damages_modules", lambda: sys.modules.update(dict.fromkeys(("time", "json", "asyncio", "pickle"))))
simply("clears_the_modules", sys.modules.clear, "process_crash:exited with code 1")
simply("replaces_json", lambda: setattr(json, "loads", fail))
simply("changes_directory", lambda: os.chdir("/"))
simply("changes_the_mask", lambda: os.umask(0o777))
simply("changes_the_locale", lambda: locale.setlocale(locale.LC_ALL, "C"))
simply("changes_its_context", lambda: VARIABLE.set(1) and None)
simply("leaves_an_exit_handler", lambda: atexit.register(time.sleep, 3600))

# --- being busy, and not to be stopped ------------------------------------------------------------------------------


@hostile("blocked_loop:unstoppable")
async def swallows_everything(_: WebSocket) -> None:
    while True:
        try:
            time.sleep(0.001)
        except BaseException:
            continue


@hostile("hang:message")
async def swallows_cancellations(_: WebSocket) -> None:
    while True:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            continue


@hostile("hang:message")
async def swallows_cancellations_without_a_pause(_: WebSocket) -> None:
    while True:
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            continue


simply("busy", spin, "blocked_loop:blocked")
simply("sleeps", lambda: time.sleep(3600), "blocked_loop:blocked")
simply("backtracks", lambda: re.match("(a+)+$", "a" * 40 + "b"), "blocked_loop:blocked")

# --- exceptions -----------------------------------------------------------------------------------------------------


def down() -> None:
    down()


class Odd(Exception):  # noqa: N818
    __repr__ = fail


class Exits(Odd):
    def __str__(self) -> str:
        throw(SystemExit(3))
        return ""


class Endless(Odd):
    def __str__(self) -> str:
        spin()
        return ""


class Huge(Odd):
    def __str__(self) -> str:
        return "x" * (1 << 28)


class NoText(Odd):
    def __str__(self) -> str:
        return 1  # type: ignore[return-value]  # noqa: PLE0307


Odd.__str__ = fail  # type: ignore[method-assign]


class Nameless(type):
    __name__ = __module__ = property(fail)  # type: ignore[assignment]


def group(depth: int) -> Exception:
    error: Exception = ValueError("leaf")
    for _ in range(depth):
        error = ExceptionGroup("group", [error])
    return error


def chain(length: int) -> Exception:
    error: Exception = ValueError("first")
    for _ in range(length):
        following = ValueError("then")
        following.__cause__ = error
        error = following
    return error


def circle() -> Exception:
    one, other = ValueError("one"), KeyError("other")
    one.__cause__, other.__cause__ = other, one
    return one


def throw(error: BaseException) -> None:
    raise error


simply("recursion", down, "handler_crash:RecursionError")
simply("no_recursion_at_all", lambda: sys.setrecursionlimit(100) and None)


@hostile("blocked_loop:blocked")
async def recursion_without_a_limit(_: WebSocket) -> None:
    sys.setrecursionlimit(10**9)
    down()


RAISED: dict[str, tuple[Callable[[], BaseException], str]] = {
    "without_text": (Odd, "Odd"),
    "that_exits": (Exits, "Exits"),
    "of_no_text": (NoText, "NoText"),
    "of_huge_text": (Huge, "Huge"),
    "with_a_long_message": (lambda: ValueError("x" * 1_000_000), "ValueError"),
    "with_surrogates": (lambda: KeyError("\ud800 \x1b[31m \u202e"), "KeyError"),
    "with_a_long_name": (type("Long" * 1000, (Exception,), {}), "Long" * 1000),
    "of_groups": (lambda: group(1000), "ValueError"),
    "of_a_wide_group": (lambda: ExceptionGroup("wide", [ValueError()] * 10_000), "ValueError"),
    "of_a_long_chain": (lambda: chain(10_000), "ValueError"),
    "of_a_circle": (circle, "ValueError"),
    "to_exit": (lambda: SystemExit(3), "SystemExit"),
    "to_interrupt": (KeyboardInterrupt, "KeyboardInterrupt"),
    "of_the_base": (lambda: BaseException("odd"), "BaseException"),
    "to_close_generators": (GeneratorExit, "GeneratorExit"),
    "to_stop_iterations": (StopAsyncIteration, "StopAsyncIteration"),
    "out_of_memory": (MemoryError, "MemoryError"),
}
for name, (make, exception) in RAISED.items():
    check = "process_crash" if exception == "SystemExit" else "handler_crash"
    simply(f"raises_{name}", lambda make=make: throw(make()), f"{check}:{exception}")
simply("raises_without_end", lambda: throw(Endless()), "blocked_loop:blocked", "handler_crash:Endless")


async def leave() -> None:
    sys.exit(3)


simply("exits_in_a_task", lambda: asyncio.ensure_future(leave()), "process_crash:SystemExit")


class Last:
    def __init__(self, word: Callable[[], object]) -> None:
        self._word = word

    def __del__(self) -> None:
        self._word()


simply("fails_at_the_end_of_an_object", lambda: str(Last(fail)))
simply("is_busy_at_the_end_of_an_object", lambda: str(Last(spin)), "blocked_loop:blocked")


async def stubborn() -> Any:
    try:
        while True:
            yield 1
    finally:
        await asyncio.sleep(3600)


@hostile()
async def keeps_a_generator_open(_: WebSocket) -> None:
    KEPT.append(stubborn())
    await anext(KEPT[-1])


# --- processes, files, memory ---------------------------------------------------------------------------------------


@hostile()
async def forks_and_waits(_: WebSocket) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


@hostile()
async def forks_and_goes_on_twice(_: WebSocket) -> None:
    os.fork()


@hostile()
async def forks_and_returns(_: WebSocket) -> None:
    if os.fork() == 0:
        raise SystemExit


@hostile()
async def leaves_a_forked_process(_: WebSocket) -> None:
    if os.fork() == 0:
        time.sleep(3600)


simply("leaves_a_process", lambda: multiprocessing.get_context("fork").Process(target=time.sleep, args=(3600,)).start())
simply("leaves_a_program", lambda: subprocess.Popen(["/bin/sleep", "3600"]))
simply("becomes_another_program", lambda: os.execv("/bin/true", ["true"]), "process_crash:exited with code 0")
simply("exits_at_once", lambda: os._exit(3), "process_crash:exited with code 3")
simply("aborts", os.abort, "process_crash:was killed by signal 6")
simply("closes_every_descriptor", lambda: os.closerange(3, 4096), "process_crash:exited with code 0")
simply("leaks_descriptors", lambda: [socket.socketpair() for _ in range(10)])
simply("leaks_memory", lambda: bytearray(1 << 24))


@hostile("handler_crash:OSError")
async def uses_up_descriptors(_: WebSocket) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    while True:
        KEPT.append(os.dup(0))


@hostile("handler_crash:MemoryError")
async def uses_up_memory(_: WebSocket) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))
    KEPT.append(bytearray(1 << 30))


async def later(websocket: WebSocket) -> None:
    await websocket.accept()
    async for _ in websocket.iter_text():
        websocket.cookies["session"]


app = Starlette(routes=[*ROUTES, WebSocketRoute("/later", later)])
