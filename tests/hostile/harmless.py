"""Correct handlers that print, warn, start threads and tasks, and run loops of their own."""

from __future__ import annotations

import asyncio
import gc
import locale
import logging
import os
import queue
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

Act = Callable[[WebSocket], Awaitable[Any]]
ACTS: dict[str, Act] = {}
WORK: queue.Queue[int] = queue.Queue()
WORKERS: list[threading.Thread] = []


def harmless(act: Act) -> Act:
    ACTS[act.__name__] = act
    return act


def served(act: Act) -> Callable[[WebSocket], Awaitable[None]]:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        while (await websocket.receive())["type"] != "websocket.disconnect":
            await act(websocket)
            await websocket.send_text("done")

    return handler


@harmless
async def prints(_: WebSocket) -> None:
    print("hello")
    print("hello", file=sys.stderr)
    logging.getLogger("shop").error("out of stock")


@harmless
async def warns(_: WebSocket) -> None:
    warnings.warn("old", DeprecationWarning, stacklevel=1)


@harmless
async def handles_a_signal(_: WebSocket) -> None:
    signal.signal(signal.SIGTERM, lambda *_: None)


@harmless
async def joins_a_thread(_: WebSocket) -> None:
    thread = threading.Thread(target=time.sleep, args=(0.001,))
    thread.start()
    thread.join()


@harmless
async def keeps_a_worker(_: WebSocket) -> None:
    def work() -> None:
        while True:
            WORK.get()

    if not WORKERS:
        WORKERS.append(threading.Thread(target=work, daemon=True))
        WORKERS[0].start()
    WORK.put(1)


@harmless
async def runs_a_loop_in_a_thread(_: WebSocket) -> None:
    await asyncio.to_thread(asyncio.run, asyncio.sleep(0.001))


@harmless
async def sends_a_history(websocket: WebSocket) -> None:
    for number in range(10_000):
        await websocket.send_text(str(number))


@harmless
async def sends_five_thousand_a_second(websocket: WebSocket) -> None:
    for number in range(1000):
        await websocket.send_text(str(number))
        await asyncio.sleep(0.0002)


@harmless
async def sends_much(websocket: WebSocket) -> None:
    await websocket.send_bytes(bytes(1 << 24))


@harmless
async def gathers_many_tasks(_: WebSocket) -> None:
    await asyncio.gather(*(asyncio.sleep(0.001) for _ in range(500)))


@harmless
async def forks_and_waits(_: WebSocket) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


@harmless
async def runs_a_program(_: WebSocket) -> None:
    process = await asyncio.create_subprocess_exec("/bin/true")
    await process.wait()


@harmless
async def sets_things(_: WebSocket) -> None:
    gc.disable()
    gc.enable()
    locale.setlocale(locale.LC_ALL, "C")
    random.seed(2)


@harmless
async def leaves_a_generator(_: WebSocket) -> None:
    async def numbers() -> AsyncIterator[int]:
        number = 0
        while True:
            yield number
            number += 1

    async for number in numbers():
        if number > 3:
            break


app = Starlette(routes=[WebSocketRoute(f"/{name}", served(act)) for name, act in ACTS.items()])
