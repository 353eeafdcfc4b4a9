"""The lifespan protocol, as uvicorn's `--lifespan auto` speaks it: an app that does not know it is served without."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from typing import Any

from wsreplay.errors import TargetError
from wsreplay.simulation.exceptions import describe
from wsreplay.simulation.loop import SimulationLoop
from wsreplay.sources import Sources

STARTUP_TIMEOUT = 60.0
"""Seconds of the simulation's clock that an app may take to start, and to stop."""


class Lifespan:
    """One app instance's lifespan; `state` is what its startup put there, `scope` what the app was given."""

    def __init__(self, app: Any, loop: SimulationLoop, sources: Sources) -> None:
        self.state: dict[str, Any] = {}
        self.scope: dict[str, Any] = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "state": self.state,
        }
        self._app = app
        self._loop = loop
        self._sources = sources
        self._inbox: list[dict[str, Any]] = []
        self._receiver: asyncio.Future[None] | None = None
        self._outbox: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Run the startup; raises TargetError when the app says that it failed."""
        coroutine = self._call()
        self._task = self._loop.start_handler(coroutine, copy_context())
        self._tell({"type": "lifespan.startup"})
        self._run_until("lifespan.startup.complete", "lifespan.startup.failed")
        if "lifespan.startup.failed" in self._outbox:
            raise TargetError(
                f"the target's lifespan startup failed{self._why()}",
                "Start the app with its server to see the same, or give it what it needs: a database, a variable.",
            )
        if not self._task.done() and "lifespan.startup.complete" not in self._outbox:
            self._task.cancel()
            self._loop.run_ready()
            raise TargetError(
                f"the target's lifespan startup did not complete within {STARTUP_TIMEOUT:g} s",
                "The app sent neither 'lifespan.startup.complete' nor 'lifespan.startup.failed'.",
            )
        if self._task.done() and not self._task.cancelled():
            # Raised or returned: the app does not support lifespan. Reading the exception marks it as seen.
            self._task.exception()

    def stop(self) -> None:
        """Run the shutdown; what goes wrong in it is the app's own affair."""
        if self._task is None or self._task.done():
            return
        self._tell({"type": "lifespan.shutdown"})
        self._run_until("lifespan.shutdown.complete", "lifespan.shutdown.failed")
        if not self._task.done():
            self._task.cancel()
            self._loop.run_ready()
        if self._task.done() and not self._task.cancelled():
            self._task.exception()

    async def _call(self) -> None:
        await self._app(self.scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        while not self._inbox:
            self._receiver = self._loop.create_future()
            await self._receiver
        return self._inbox.pop(0)

    async def _send(self, event: dict[str, Any]) -> None:
        self._outbox[event["type"]] = str(event.get("message", ""))

    def _tell(self, event: dict[str, Any]) -> None:
        self._inbox.append(event)
        if self._receiver is not None and not self._receiver.done():
            self._receiver.set_result(None)

    def _run_until(self, *names: str) -> None:
        deadline = self._loop.time() + STARTUP_TIMEOUT
        while True:
            if not self._loop.run_ready():
                self._loop.jump(self._loop.time() + 1.0)
            if self._finished(names) or self._loop.time() >= deadline or not self._loop.advance(deadline):
                break

    def _finished(self, names: tuple[str, ...]) -> bool:
        return self._task is None or self._task.done() or any(name in self._outbox for name in names)

    def _why(self) -> str:
        message = self._outbox.get("lifespan.startup.failed", "").strip()
        self._loop.run_ready()
        if self._task is not None and self._task.done() and not self._task.cancelled():
            exception = self._task.exception()
            if exception is not None:
                raised = describe(exception, self._sources)
                place = f" ({raised.location.file}:{raised.location.line})" if raised.location else ""
                return f": {raised.type}: {raised.message}{place}"
        return f": {message.splitlines()[-1]}" if message else ""
