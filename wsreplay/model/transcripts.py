"""What happened, in order.

Every event has: `at` (seconds of the simulation's clock since the start), `step` (index of the scenario's step during
which it happened; `len(steps)` in the epilogue), `client` (index, or NOBODY).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from wsreplay.model.exceptions import Frame, Raised
from wsreplay.model.scenarios import Kind

Origin: TypeAlias = Literal["client", "app"]
Cause: TypeAlias = Literal["raised", "returned", "closed", "rejected", "denied", "disconnected", "unfinished"]
CrashSource: TypeAlias = Literal["task", "log", "framework", "loop"]
Waiting: TypeAlias = Literal["message", "connect", "disconnect", "reply"]


MOST_KEPT = 1 << 20
"""Characters, or bytes, of a message of the app's that a transcript holds; what comes after them is cut off."""

LONG = 1 << 10
"""So many make a message long: a transcript that holds MOST_IN_ALL of long messages holds no more of any other."""

MOST_IN_ALL = 15 << 20
"""Characters, or bytes, of long messages of the app's that a transcript holds."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A client's handshake reached the app."""

    at: float
    step: int
    client: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The app accepted the handshake."""

    at: float
    step: int
    client: int
    subprotocol: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Denied:
    """The app answered the handshake with an HTTP response (`websocket.http.response`)."""

    at: float
    step: int
    client: int
    status: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Message:
    """A message over the wire; from a client its kind is the scenario's, from the app `text` or `bytes`."""

    at: float
    step: int
    client: int
    origin: Origin
    kind: Kind
    data: str | bytes


@dataclass(frozen=True, slots=True)
class Consumed:
    """The app's `receive()` handed over the client message that was sent in step `of`."""

    at: float
    step: int
    client: int
    of: int


@dataclass(frozen=True, slots=True)
class Closed:
    """A close frame. By the app before accept it is a rejection (HTTP 403).

    `raised` is the exception that the app was handling when it closed an accepted connection.
    """

    at: float
    step: int
    client: int
    origin: Origin
    code: int | None
    reason: str = ""
    raised: Raised | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A client went without a close frame."""

    at: float
    step: int
    client: int


@dataclass(frozen=True, slots=True)
class Told:
    """The app's `receive()` handed over the disconnect: from here on the handler knows."""

    at: float
    step: int
    client: int


@dataclass(frozen=True, slots=True)
class Violation:
    """The app sent an event that the protocol does not allow; `rule` names the rule in `protocol.py`, `detail` is a
    sentence, `frames` where the app was.
    """

    at: float
    step: int
    client: int
    rule: str
    detail: str
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """A handler came to its end. `code` is the close code that the app chose, if it chose one."""

    at: float
    step: int
    client: int
    cause: Cause
    code: int | None = None
    raised: Raised | None = None


@dataclass(frozen=True, slots=True)
class Crashed:
    """An exception seen elsewhere than leaving a handler: it killed a task (`task`), was logged with its traceback
    (`log`), handed over by a framework hook (`framework`), or reached the loop's exception handler (`loop`).
    """

    at: float
    step: int
    client: int
    source: CrashSource
    raised: Raised
    name: str = ""


@dataclass(frozen=True, slots=True)
class Hung:
    """A handler did nothing visible for the whole timeout. `phase`: `connect` (neither accepts nor refuses),
    `message` (consumed a message and neither sends, reads nor ends), `disconnect` (its client has gone and it does not
    end). `told` says whether it had been handed the disconnect. `frames` is where it waits. Or it does nothing else for
    ever: `reply` (consumed a message, and what it sends has no end).
    """

    at: float
    step: int
    client: int
    phase: Waiting
    told: bool = False
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Blocked:
    """One uninterrupted run of app code held the loop longer than `limit` seconds of real time."""

    at: float
    step: int
    client: int
    limit: float
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Slow:
    """A message took longer than `limit` seconds of real time."""

    at: float
    step: int
    client: int
    limit: float


@dataclass(frozen=True, slots=True)
class Leaked:
    """Tasks that were born in a client's session and outlived it, by the name of their coroutine."""

    at: float
    step: int
    client: int
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Died:
    """The process that ran the scenario ended, `how` in words. `frames` is where app code was stuck, when it had to be
    ended because nothing could interrupt it.
    """

    at: float
    step: int
    client: int
    how: str
    frames: tuple[Frame, ...] = ()


Event: TypeAlias = (
    Opened
    | Accepted
    | Denied
    | Message
    | Consumed
    | Closed
    | Dropped
    | Told
    | Violation
    | Ended
    | Crashed
    | Hung
    | Blocked
    | Slow
    | Leaked
    | Died
)


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything that happened in one run of one scenario, in order, and the features it showed (sorted)."""

    events: tuple[Event, ...]
    features: tuple[str, ...] = ()
