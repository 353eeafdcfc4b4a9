"""The vocabulary: frozen values that every other module takes and returns.

Nothing here does I/O, knows a framework, or imports anything of ours. A scenario is what clients do, a transcript is
what then happened, a finding is what a check made of it, an entry is what the corpus keeps.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "json", "bytes"]
Origin: TypeAlias = Literal["client", "app"]
Severity: TypeAlias = Literal["failure", "warning"]
Sends: TypeAlias = Literal["immediate", "suspend"]
Nature: TypeAlias = Literal["error", "disconnect", "peer_gone", "interrupted", "cancelled", "unsupported"]
Cause: TypeAlias = Literal["raised", "returned", "closed", "rejected", "denied", "disconnected", "unfinished"]
CrashSource: TypeAlias = Literal["task", "log", "framework", "loop"]
Waiting: TypeAlias = Literal["message", "connect", "disconnect"]
Verdict: TypeAlias = Literal["pass", "fail", "changed", "flaky", "stale", "error"]
StateName: TypeAlias = Literal["open", "fixed", "accepted"]
Source: TypeAlias = Literal["fuzz", "mutate", "record", "import"]
Match: TypeAlias = Literal["close", "shape", "exact"]

NOBODY = -1
"""The client index of an event that belongs to no client."""


# --- the target ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parameter:
    """One path parameter of a route: its name, its converter (`str`, `int`, `float`, `uuid`, `path`, `date`,
    `datetime`, `time`, `timedelta`, `decimal`, `regex`, or the framework's own name) and, for `regex`, the pattern.
    """

    name: str
    converter: str = "str"
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One WebSocket route of the target.

    `path` is the template as `/chat/{room}` (converters stripped), with the mount prefixes in it; it is the route's
    name everywhere. `handler` is `module:qualname` (or a description, for a bare app). `query` is the query string that
    every client of this route sends, without `?`. `host` is a Host pattern, `subprotocols` what the handler is known to
    speak.
    """

    path: str
    framework: str = "asgi"
    parameters: tuple[Parameter, ...] = ()
    handler: str = ""
    query: str = ""
    host: str | None = None
    subprotocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A discovered route with its live handler: a function, a class, or None when it cannot be had; and the functions
    that the framework calls before it. Never stored.
    """

    route: Route
    handler: object | None = None
    dependencies: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """How to get the app: `name` is `module:attr`, `factory` calls it for each scenario, `app_dir` is put first on the
    import path, `paths` are WebSocket paths (with query) to test where no route table exists, `hooks` are modules to
    import first.
    """

    name: str
    factory: bool = False
    app_dir: str = "."
    paths: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one simulation. Seconds are of the simulation's clock, save `block` and `slow`, which are real.

    `message` bounds how long a handler may be busy with one message, `connection` how long it may take to accept and,
    once its client has gone, to end. `block` bounds one uninterrupted run of app code, `slow` one message (None: no
    limit). `clock` is `auto` (virtual, but real while real I/O is under way), `virtual` or `real`.
    """

    message: float = 10.0
    connection: float = 30.0
    block: float = 0.5
    slow: float | None = None
    clock: Literal["auto", "virtual", "real"] = "auto"


# --- scenarios -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Client:
    """One peer: the concrete `path` (percent-decoded) and raw `query` it opens, its extra headers in order (values may
    hold credential placeholders), the subprotocols it offers.
    """

    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    subprotocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Connect:
    """Client number `client` opens its connection."""

    client: int


@dataclass(frozen=True, slots=True)
class Send:
    """A message of one client. `json` goes over the wire as a text frame; `data` is then the exact text sent."""

    client: int
    kind: Kind
    data: str | bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is sent for `seconds` of the simulation's clock."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Close:
    """A client says goodbye with a close frame. `code` None is a close frame without a code (1005)."""

    client: int
    code: int | None = 1000
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """A client is gone without a close frame (1006)."""

    client: int


@dataclass(frozen=True, slots=True)
class Pause:
    """A client stops reading: from its next message on the app's `send()` to it suspends."""

    client: int


@dataclass(frozen=True, slots=True)
class Resume:
    """A client that stopped reading reads again."""

    client: int


Step: TypeAlias = Connect | Send | Wait | Close | Drop | Pause | Resume


@dataclass(frozen=True, slots=True)
class Profile:
    """How the simulated network behaves: `sends` says whether the app's `send()` returns at once, or suspends for one
    turn of the loop, as it does under backpressure, so that other tasks run in between.
    """

    sends: Sends = "immediate"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What one or more clients do, in the written order.

    Clients that are still connected after the last step leave with 1000, in the order of their numbers.
    """

    route: str
    clients: tuple[Client, ...]
    steps: tuple[Step, ...]
    profile: Profile = Profile()

    @property
    def messages(self) -> int:
        """How many messages the clients send."""
        return sum(1 for step in self.steps if type(step) is Send)


# --- exceptions, as data ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in code: `file` relative to the target (or the last parts of a library's path), never absolute."""

    file: str
    line: int
    function: str
    source: str = ""
    app: bool = True


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception as data. `type` is the class name, `module` where that class lives, `frames` the stack from the
    outermost to the innermost frame (long stacks lose their middle).

    `nature` is what the simulation knows of it:
    `disconnect`: a framework's own class for 'the client has gone';
    `peer_gone`: the very OSError that our `send()` raised, or one derived from it; `peer` is the client that was gone;
    `interrupted`: the watchdog stopped it; `cancelled`: a CancelledError; `unsupported`: the framework itself refuses
    client input that it cannot decode (no application frame); `error`: everything else.
    For a group the leaf that matters most is described and `group` is true.
    """

    type: str
    message: str
    module: str = "builtins"
    frames: tuple[Frame, ...] = ()
    nature: Nature = "error"
    peer: int = NOBODY
    group: bool = False

    @property
    def location(self) -> Frame | None:
        """The innermost frame in application code."""
        for frame in reversed(self.frames):
            if frame.app:
                return frame
        return None


# --- transcripts: what happened, in order ----------------------------------------------------------------------------
# Every event has: at (seconds of the simulation's clock since the start), step (index of the scenario's step during
# which it happened; len(steps) in the epilogue), client (index, or NOBODY).


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
    end). `told` says whether it had been handed the disconnect. `frames` is where it waits.
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


# --- findings --------------------------------------------------------------------------------------------------------


_ANYWHERE = frozenset({"blocked_loop", "process_crash"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found. `detail` is one sentence for a person; `step` the index of the scenario's step;
    `close_code` what the client sees under the server profile.
    """

    check: str
    severity: Severity
    route: str
    cause: str
    detail: str
    exception: str | None = None
    message: str = ""
    location: Frame | None = None
    step: int | None = None
    client: int = NOBODY
    close_code: int | None = None
    frames: tuple[Frame, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Identity of the bug: 16 hex digits over route, check, exception type, innermost application frame (file,
        function and the text of its line, which outlives edits elsewhere as no line number would) and cause.
        """
        parts = (self.route, self.check, self.exception or "", self._place, self.cause)
        text = "\x00".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.sha256(text).hexdigest()[:16]

    @property
    def _place(self) -> str:
        if self.location is None:
            return ""
        place = f"{self.location.file}:{self.location.function}"
        # Two lines that raise are two bugs; but where a loop is interrupted, or a stack runs out, is chance.
        exact = self.exception not in (None, "RecursionError", "MemoryError") and self.check not in _ANYWHERE
        return f"{place}:{self.location.source.strip()}" if exact else place


# --- entries ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an entry came from. `sequences` is how many scenarios of the route had been tried when it was found;
    `earlier` how many clients at the head of the scenario stem from earlier scenarios that it depends on.
    """

    source: Source = "fuzz"
    seed: int | None = None
    sequences: int = 0
    wsreplay: str = ""
    python: str = ""
    hypothesis: str = ""
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """What people have decided about an entry: `open`, `fixed`, or `accepted` with a reason and an ISO date."""

    name: StateName = "open"
    reason: str = ""
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One scenario with its transcript, findings, provenance and state, as the corpus stores it.

    `verdict` is `fail` for an entry with findings of severity failure, else `pass`. The id is not stored here: it
    follows from the scenario (`corpus.codec.scenario_id`).
    """

    scenario: Scenario
    transcript: Transcript
    findings: tuple[Finding, ...] = ()
    provenance: Provenance = Provenance()
    state: State = field(default_factory=State)

    @property
    def verdict(self) -> Verdict:
        """What was recorded: `fail` when a check of severity failure fired, else `pass`."""
        return "fail" if any(finding.severity == "failure" for finding in self.findings) else "pass"
