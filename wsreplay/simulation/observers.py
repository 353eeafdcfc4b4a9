"""Seeing the exceptions that a framework does not let out: each framework's own hook, and its log lines.

Litestar turns a handler's exception into a close with 4500 and tells `after_exception`; Quart closes with 1000 and
sends a signal; Falcon, BlackSheep and engineio write a log line; the GraphQL servers log what their resolvers raise. An
application's own log lines are its own affair.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any, Literal

from wsreplay.simulation.graphql_errors import SERVERS, resolver_exception
from wsreplay.simulation.litestar_hooks import LitestarHooks

CrashSeen = Callable[[Literal["log", "framework"], BaseException, str], None]

FRAMEWORK_LOGS = ("blacksheep", "engineio", "falcon", "socketio")
"""Packages whose ERROR records with a traceback stand for an exception that they swallowed."""

LOGGERS = ("", *FRAMEWORK_LOGS, "engineio.server", "socketio.server", "ariadne", "strawberry.execution")
"""The root, and what may not propagate to it."""


class Observers:
    """Installed once per process and app; `seen(source, exception, name)` is called within the handler's context."""

    def __init__(self, seen: CrashSeen) -> None:
        self._seen = seen
        self._handler = _LogHandler(seen)
        self._litestar = LitestarHooks(self._framework)

    def install(self) -> None:
        """Install every hook whose framework the app has loaded. Installing again adds what is new."""
        self._litestar.add()
        self._quart()
        for name in LOGGERS:
            logger = logging.getLogger(name)
            if self._handler not in logger.handlers:
                logger.addHandler(self._handler)

    def remove(self) -> None:
        """Take the hooks out again."""
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(self._handler)
        self._litestar.remove()
        signals = sys.modules.get("quart.signals")
        if signals is not None:
            signals.got_websocket_exception.disconnect(self._signal)

    async def _framework(self, exception: BaseException, scope: Any) -> None:
        if scope.get("type") == "websocket":
            self._seen("framework", exception, "litestar")

    def _quart(self) -> None:
        signals = sys.modules.get("quart.signals")
        if signals is not None and self._signal not in _receivers(signals.got_websocket_exception):
            signals.got_websocket_exception.connect(self._signal)

    async def _signal(self, _sender: Any, exception: BaseException, **_: Any) -> None:
        self._seen("framework", exception, "quart")


def _receivers(signal: Any) -> list[Any]:
    return [receiver() if callable(receiver) else receiver for receiver in signal.receivers.values()]


class _LogHandler(logging.Handler):
    def __init__(self, seen: CrashSeen) -> None:
        super().__init__(logging.ERROR)
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on a framework's record with a live exception; a record may pass by several of our loggers."""
        exception = record.exc_info[1] if record.exc_info else None
        if exception is None or getattr(record, "_wsreplay_seen", False):
            return
        package = next((name for name in (*FRAMEWORK_LOGS, *SERVERS) if f"/{name}/" in record.pathname), None)
        if package in SERVERS:
            exception = resolver_exception(exception)
        if package is not None and exception is not None:
            record._wsreplay_seen = True
            self._seen("log", exception, package)
