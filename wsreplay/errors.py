"""The exception tree: everything that we tell the user instead of showing a traceback, each with its exit code.

Every message says what was expected, what came, where, and what to do.
"""

from __future__ import annotations

from typing import ClassVar

FOUND_NOTHING = 0
FOUND_SOMETHING = 1
COULD_NOT_RUN = 2
INTERRUPTED = 130


class WsreplayError(Exception):
    """Base of all errors meant for the user. `hint` is the sentence that says what to do next."""

    exit_code: ClassVar[int] = COULD_NOT_RUN

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type[WsreplayError], tuple[str, str]]:
        """Both parts survive the way from a worker process to its parent."""
        return type(self), (self.message, self.hint)

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class TargetError(WsreplayError):
    """The target cannot be imported, found, called or started."""


class RouteError(WsreplayError):
    """No WebSocket route to test, or a path that cannot be one."""


class ConfigError(WsreplayError):
    """A configuration key, flag or environment variable that cannot be used."""


class CorpusError(WsreplayError):
    """A corpus directory that cannot be read or written."""


class EntryError(CorpusError):
    """One file of a corpus that is damaged, hostile, or of a newer format."""


class ScenarioError(WsreplayError):
    """A scenario that contradicts itself: an unknown client, a message before connect."""


class WorkerError(WsreplayError):
    """A worker process that could not be started or does not answer."""
