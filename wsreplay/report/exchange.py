"""A scenario and its transcript as an exchange to read: who sent what, what came back, where it broke. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from wsreplay.model import (
    Accepted,
    Blocked,
    Client,
    Close,
    Closed,
    Connect,
    Consumed,
    Crashed,
    Denied,
    Died,
    Drop,
    Dropped,
    Ended,
    Event,
    Hung,
    Kind,
    Leaked,
    Message,
    Opened,
    Pause,
    Raised,
    Resume,
    Scenario,
    Send,
    Step,
    Told,
    Transcript,
    Violation,
    Wait,
)
from wsreplay.report.text import (
    LONGEST_PAYLOAD,
    Line,
    duration,
    number,
    payload,
    place,
    quoted_text,
    reply,
    sentence,
    type_name,
    visible,
)

HEAD, TAIL = 12, 40
"""Lines that are shown of an exchange that is too long."""

SERVER_ERRORS = (1011, 4500)
"""Close codes by which a server says that it is at fault: RFC 6455, 7.4.1, and Litestar's."""

_CRASH = {
    "task": "a task that the app started dies of",
    "log": "the app logs",
    "framework": "the framework catches",
    "loop": "the event loop reports",
}

_WAITS = {
    "connect": "neither accepts nor refuses the connection",
    "message": "has a message and neither sends, reads nor ends",
    "disconnect": "does not end, although its client has gone",
    "reply": "sends without end",
}


def letter(client: int) -> str:
    """The name of a client: A, B, ..., Z, then A1, B1 and so on."""
    return chr(ord("A") + client % 26) + (str(client // 26) if client >= 26 else "")


def exchange(scenario: Scenario, transcript: Transcript, whole: bool = False) -> list[Line]:
    """The lines of an exchange. Unless the `whole` is asked for, what follows the break and the middle of a long one
    are left out, and long messages are cut.
    """
    lines = list(_Telling(scenario, transcript, None if whole else LONGEST_PAYLOAD).lines())
    return lines if whole else _short(_up_to_the_break(lines))


def asked(scenario: Scenario) -> str:
    """What the clients of a scenario do, on one line, whatever comes of it."""
    telling = _Telling(scenario, Transcript(()), LONGEST_PAYLOAD)
    return "; ".join(telling._asked(step).text for step in scenario.steps)


def raised_text(raised: Raised) -> str:
    """An exception as its type and message."""
    message = sentence(raised.message)
    name = type_name(raised.type, raised.module)
    group = " (in an exception group)" if raised.group else ""
    return (f"{name}: {message}" if message else name) + group


def exceptions(transcript: Transcript, name: str, message: str) -> Iterator[Raised]:
    """The exceptions in a transcript that have this class name and message."""
    for event in transcript.events:
        raised = event.raised if isinstance(event, Closed | Ended | Crashed) else None
        if raised is not None and (raised.type, raised.message) == (name, message):
            yield raised


def _up_to_the_break(lines: list[Line]) -> list[Line]:
    last = max((number for number, line in enumerate(lines) if line.style == "break"), default=len(lines) - 1)
    end = last + 1
    # A close right after it is its consequence.
    while end < len(lines) and lines[end].style == "app" and " closes" in lines[end].text:
        end += 1
    return lines[:end]


def _short(lines: list[Line]) -> list[Line]:
    left_out = len(lines) - HEAD - TAIL
    if left_out <= 1:
        return lines
    return [*lines[:HEAD], Line(f"... {number(left_out)} lines left out", "dim"), *lines[-TAIL:]]


@dataclass
class _Telling:
    scenario: Scenario
    transcript: Transcript
    longest: int | None
    step: int = -1
    at: float = 0.0
    accepted: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)

    def lines(self) -> Iterator[Line]:
        events = self.transcript.events
        read = {(event.client, event.of) for event in events if type(event) is Consumed}
        skip = -1
        if any(type(event) is Died for event in events):
            # Nothing else came back from the process: what was asked of it is all that is known.
            yield from (self._asked(step) for step in self.scenario.steps)
            self.step = len(self.scenario.steps)
        for index, event in enumerate(events):
            yield from self._before(event)
            if index == skip:
                continue
            if type(event) is Opened:
                following = events[index + 1] if index + 1 < len(events) else None
                if type(following) is Accepted and following.client == event.client:
                    self.accepted.add(event.client)
                    yield Line(self._opened(event.client) + f", {_accepted(following)}", "client")
                    skip = index + 1
                    continue
            line = self._line(event)
            if line is not None:
                unread = type(event) is Message and event.origin == "client" and (event.client, event.step) not in read
                yield Line(line.text + "  (never read)", line.style) if unread else line

    def _before(self, event: Event) -> Iterator[Line]:
        """What happened without an event: time went by, a client stopped or began to read."""
        passed = [Line(f"... {duration(event.at - self.at)} pass", "dim")] if event.at - self.at >= 0.001 else []
        for step in self.scenario.steps[self.step + 1 : max(self.step, event.step) + 1]:
            if type(step) is Wait:
                yield from passed
                passed = []
            elif type(step) is Pause or type(step) is Resume:
                yield self._asked(step)
        yield from passed
        self.step = max(self.step, event.step)
        self.at = event.at

    def _asked(self, step: Step) -> Line:
        """A step as such, whatever came of it."""
        if isinstance(step, Wait):
            return Line(f"... {duration(step.seconds)} pass", "dim")
        who = letter(step.client)
        match step:
            case Connect():
                return Line(self._opened(step.client), "client")
            case Send():
                return self._sent(who, step.kind, step.data)
            case Close():
                return self._farewell(who, step.code, step.reason)
            case Drop():
                return Line(f"{who} is gone without a close frame", "client")
            case Pause():
                return Line(f"{who} stops reading", "client")
            case _:
                return Line(f"{who} reads again", "client")

    def _sent(self, who: str, kind: Kind, data: str | bytes) -> Line:
        return Line(f"{who} -> app  {payload(kind, data, self.longest)}", "client")

    def _farewell(self, who: str, code: int | None, reason: str) -> Line:
        return Line(f"{who} -> app  closes {self._code(code, reason)}", "client")

    def _code(self, code: int | None, reason: str) -> str:
        told = "without a code" if code is None else f"with {code}"
        return f"{told} {payload('text', reason, self.longest)}" if reason else told

    def _line(self, event: Event) -> Line | None:
        who = letter(event.client) if event.client >= 0 else ""
        match event:
            case Opened():
                return Line(self._opened(event.client), "client")
            case Accepted():
                self.accepted.add(event.client)
                return Line(f"{who} <- app  {_accepted(event)}", "app")
            case Denied():
                return Line(f"{who} <- app  refuses with HTTP {event.status} {payload('bytes', event.body, 80)}", "app")
            case Message(origin="client"):
                return self._sent(who, event.kind, event.data)
            case Message():
                return Line(f"{who} <- app  {reply(event.data, self.longest)}", "app")
            case Closed():
                return self._closed(event, who)
            case Dropped():
                self.gone.add(event.client)
                return Line(f"{who} is gone without a close frame", "client")
            case Consumed() | Told():
                return None
            case Ended():
                return self._ended(event, f"{who}'s handler")
            case _:
                return _broken(event, f"{who}'s handler" if who else "the app", who)

    def _opened(self, number_: int) -> str:
        client = self.scenario.clients[number_] if number_ < len(self.scenario.clients) else Client("?")
        query = f"?{client.query}" if client.query else ""
        extras = [f"{visible(name)}: {visible(value)}" for name, value in client.headers]
        if client.subprotocols:
            extras.append(f"offers {', '.join(quoted_text(name) for name in client.subprotocols)}")
        tail = f"  ({'; '.join(extras)})" if extras else ""
        return f"{letter(number_)} connects to {visible(client.path + query)}{tail}"

    def _closed(self, event: Closed, who: str) -> Line:
        # After a close of either side the framework's disconnect exception is no surprise.
        self.gone.add(event.client)
        if event.origin == "client":
            return self._farewell(who, event.code, event.reason)
        code = self._code(event.code, event.reason)
        if event.client not in self.accepted:
            return Line(f"{who} <- app  closes {code} before accepting: refused with HTTP 403", "app")
        handling = f", while it handles {raised_text(event.raised)}" if event.raised is not None else ""
        broken = event.code in SERVER_ERRORS
        return Line(f"{who} <- app  closes {code}{handling}", "break" if broken else "app")

    def _ended(self, event: Ended, handler: str) -> Line | None:
        if event.cause != "raised" or event.raised is None:
            return Line(f"{handler} returns", "dim") if event.cause == "returned" else None
        if event.raised.nature in ("disconnect", "peer_gone") and event.client in self.gone:
            return Line(f"{handler} ends with {raised_text(event.raised)}", "dim")
        return Line(f"!! {handler} raises {raised_text(event.raised)}", "break")


def _accepted(event: Accepted) -> str:
    return "accepted" + (f" as {quoted_text(event.subprotocol)}" if event.subprotocol else "")


def _broken(event: Event, handler: str, who: str) -> Line:
    """The line for what is, or may be, a finding."""
    match event:
        case Crashed():
            return Line(f"!! {_CRASH[event.source]} {raised_text(event.raised)}", "break")
        case Hung():
            return Line(f"!! {handler} {_WAITS[event.phase]}{_where(event)}", "break")
        case Blocked():
            limit = duration(event.limit)
            return Line(f"!! {handler} holds the event loop for more than {limit}{_where(event)}", "break")
        case Violation():
            return Line(f"!! {handler}: {sentence(event.detail)}{_where(event)}", "break")
        case Leaked():
            tasks = ", ".join(visible(name) for name in event.tasks[:10])
            return Line(f"!! left running after {who}'s session: {tasks}", "warning")
        case Died():
            return Line(f"!! the process {sentence(event.how)}{_where(event)}", "break")
        case _:
            return Line(f"!! {handler} takes long over a message", "warning")


def _where(event: Hung | Blocked | Violation | Died) -> str:
    for frame in reversed(event.frames):
        if frame.app:
            return f", at {place(frame)}"
    return ""
