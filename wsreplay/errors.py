"""The exception tree: everything that we tell the user instead of showing a traceback, each with its exit code.

Every message says what was expected, what came, where, and what to do.
"""

from __future__ import annotations

import shlex
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

    @property
    def told(self) -> str:
        """Both parts in one line."""
        return f"{self.message}. {self.hint}" if self.hint else self.message


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


class CredentialError(ScenarioError):
    """A scenario holds placeholders for credentials that were not given. `missing` are these, `where` is a place."""

    def __init__(self, missing: tuple[str, ...], where: str = "the scenario") -> None:
        self.missing = missing
        self.where = where
        names = ", ".join(missing)
        which = "the credential" if len(missing) == 1 else "the credentials"
        super().__init__(
            f"{where} needs {which} {names}, which {'was' if len(missing) == 1 else 'were'} not given",
            f"Give what was given when the entry was found, with {_flags(missing)} or in [tool.wsreplay].",
        )

    def __reduce__(self) -> tuple[type[CredentialError], tuple[tuple[str, ...], str]]:  # type: ignore[override]
        """The parts from which the rest is made survive the way to the parent."""
        return type(self), (self.missing, self.where)


def _flags(missing: tuple[str, ...]) -> str:
    """The flags that give these credentials, as one would type them."""
    flags = []
    for placeholder in missing:
        kind, _, name = placeholder.strip("{}").partition(":")
        name = name.partition("#")[0]
        match kind, name:
            case "header", "authorization":
                flags.append("--auth 'bearer:$TOKEN' (or basic)")
            case (("header" | "query" | "cookie"), _):
                # A placeholder may stand in a stranger's entry: what it says is quoted, should somebody type it.
                flags.append("--auth " + shlex.quote(f"{kind}:{name}:$VALUE"))
            case "subprotocol", _:
                flags.append("--auth 'subprotocol:$TOKEN'")
            case _:
                flags.append("--auth 'message:...' or 'json:...'")
    return ", ".join(dict.fromkeys(flags))


class WorkerError(WsreplayError):
    """A worker process that could not be started or does not answer."""
