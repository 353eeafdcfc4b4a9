"""What an app saw, as plain data: the same wrapper around the same app, whoever serves it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]
Line = tuple[Any, ...]
"""One thing that a handler saw:

("received", event)        what `receive` gave it, the whole dict
("sent", type)             `send` took an event
("refused", type, family)  `send` raised; the family is what callers can catch it as
("ended", exception)       it came to its end; the name of the exception that left it, or None
"""

HEADER = "x-conformance"
"""The header by which an app's log finds its client: `run/case/number`."""

_FAMILIES = (OSError, RuntimeError, UnicodeError)


class Journal:
    """The lines of every connection, by the value of its identifying header."""

    def __init__(self) -> None:
        self._lines: dict[str, list[Line]] = {}

    def of(self, identity: str) -> list[Line]:
        """The lines of one connection, in order; the list is live."""
        return self._lines.setdefault(identity, [])

    def around(self, app: App) -> App:
        """Wrap `app` so that what it receives, sends, is refused and ends with is written down."""

        async def journalled(scope: dict[str, Any], receive: Receive, send: Send) -> None:
            if scope["type"] != "websocket":
                await app(scope, receive, send)
                return
            lines = self.of(identity(scope))

            async def noted_receive() -> dict[str, Any]:
                event = await receive()
                lines.append(("received", dict(event)))
                return event

            async def noted_send(event: dict[str, Any]) -> None:
                try:
                    await send(event)
                except Exception as error:
                    lines.append(("refused", event.get("type"), family(error)))
                    raise
                lines.append(("sent", event["type"]))

            try:
                await app(scope, noted_receive, noted_send)
            except Exception as error:
                lines.append(("ended", type(error).__name__))
                raise
            lines.append(("ended", None))

        return journalled


def identity(scope: dict[str, Any]) -> str:
    """The value of the identifying header."""
    return next(value.decode() for name, value in scope["headers"] if name.lower() == HEADER.encode())


def family(error: Exception) -> str:
    """What callers can catch it as: servers derive their own classes from these."""
    return next((one.__name__ for one in _FAMILIES if isinstance(error, one)), "Exception")
