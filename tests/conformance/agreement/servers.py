"""Real servers on 127.0.0.1, each in a thread with a loop of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import warnings
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import hypercorn.asyncio
import hypercorn.config
import uvicorn

from agreement.journal import App

NAMES = ("uvicorn", "uvicorn-wsproto", "uvicorn-legacy", "hypercorn")
"""`uvicorn` is its default implementation (websockets-sansio); `uvicorn-legacy` the deprecated one."""

_UVICORN = {"uvicorn": "auto", "uvicorn-wsproto": "wsproto", "uvicorn-legacy": "websockets"}


class Server:
    """One running server: `port` is where, `turns()` lets its loop run."""

    def __init__(self, name: str, app: App) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._halt: Callable[[], None] = lambda: None
        serve = _uvicorn(_UVICORN[name], app) if name in _UVICORN else _hypercorn(app)
        self._thread = threading.Thread(target=self._run, args=(serve,), name=name, daemon=True)
        self._thread.start()
        assert self._ready.wait(10), f"{name} did not start"

    def _run(self, serve: Callable[[Server, socket.socket], Awaitable[None]]) -> None:
        async def main() -> None:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            await serve(self, self._socket)

        with suppress(asyncio.CancelledError):
            asyncio.run(main())

    def ready(self, halt: Callable[[], None]) -> None:
        """The server serves; `halt` stops it, called in its loop."""
        self._halt = halt
        self._ready.set()

    async def turns(self, count: int = 3) -> None:
        """Wait until the server's loop has gone round `count` times."""
        assert self._loop is not None
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_turns(count), self._loop))

    def stop(self) -> None:
        assert self._loop is not None
        assert self._task is not None
        self._loop.call_soon_threadsafe(self._halt)
        self._thread.join(5)
        if self._thread.is_alive():
            # From Python 3.12.1 on hypercorn waits for apps that do not end, before it counts its graceful timeout.
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join(15)
        assert not self._thread.is_alive()
        self._socket.close()


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def _uvicorn(ws: str, app: App) -> Callable[[Server, socket.socket], Awaitable[None]]:
    config = uvicorn.Config(
        app,
        ws=ws,
        lifespan="on",
        log_config=None,
        loop="asyncio",
        timeout_graceful_shutdown=1,  # type: ignore[arg-type]
    )
    logging.getLogger("uvicorn.error").disabled = logging.getLogger("uvicorn.access").disabled = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config.load()

    async def serve(owner: Server, listener: socket.socket) -> None:
        server = uvicorn.Server(config)

        def halt() -> None:
            server.should_exit = True

        owner.ready(halt)
        await server.serve(sockets=[listener])

    return serve


def _hypercorn(app: App) -> Callable[[Server, socket.socket], Awaitable[None]]:
    async def serve(owner: Server, listener: socket.socket) -> None:
        config = hypercorn.config.Config()
        config.bind = [f"fd://{os.dup(listener.fileno())}"]
        config.accesslog = config.errorlog = None
        config.graceful_timeout = 1
        halted = asyncio.Event()
        owner.ready(halted.set)
        app_: Any = app
        await hypercorn.asyncio.serve(app_, config, shutdown_trigger=halted.wait, mode="asgi")

    return serve
