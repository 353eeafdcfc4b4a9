"""A transcript read from one side only: what was true of each client at the moment of an event. No judgement here.

An index is a place in `transcript.events`. Deaths of background tasks are written at the end of a transcript, with the
step in which they happened: for those the step is compared, not the index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypedDict, TypeVar, Unpack

from wsreplay.checks.options import Options
from wsreplay.model import (
    NOBODY,
    Accepted,
    Blocked,
    Closed,
    Consumed,
    Denied,
    Dropped,
    Ended,
    Event,
    Finding,
    Frame,
    Message,
    Raised,
    Scenario,
    Severity,
    Transcript,
)

_E = TypeVar("_E")

NEVER = 1 << 60
"""An index or step that no event has."""


@dataclass(slots=True)
class Life:
    """The turning points of one client's connection, as indices of events."""

    accepted: int = NEVER
    left: int = NEVER
    left_step: int = NEVER
    refused: int = NEVER
    refused_step: int = NEVER
    close_code: int | None = None
    ended: int = NEVER
    end: Ended | None = field(default=None)


class Rest(TypedDict, total=False):
    """The fields of a finding that not every check fills in."""

    severity: Severity
    exception: str | None
    message: str
    location: Frame | None
    frames: tuple[Frame, ...]


class History:
    """One transcript with its scenario, indexed for checks, and the options that they go by."""

    def __init__(self, scenario: Scenario, transcript: Transcript, options: Options) -> None:
        self.scenario = scenario
        self.transcript = transcript
        self.options = options
        self._by_type: defaultdict[type[object], list[tuple[int, Event]]] = defaultdict(list)
        for place in enumerate(transcript.events):
            self._by_type[type(place[1])].append(place)
        self.types = frozenset(self._by_type)

    def of(self, kind: type[_E]) -> Iterator[tuple[int, _E]]:
        """Events of one type, in order, each with its index."""
        return iter(self._by_type.get(kind, ()))  # type: ignore[arg-type]

    @cached_property
    def _lives(self) -> dict[int, Life]:
        lives: dict[int, Life] = {}
        for index, event in enumerate(self.transcript.events):
            if isinstance(event, Accepted | Denied | Closed | Dropped | Ended):
                _advance(lives.setdefault(event.client, Life()), index, event)
        return lives

    def life(self, client: int) -> Life:
        """The turning points of `client` (of nobody: none)."""
        return self._lives.get(client, Life())

    def accepted(self, client: int, index: int) -> bool:
        """Whether the app had accepted `client` before the event at `index`."""
        return self.life(client).accepted < index

    def left(self, client: int, index: int) -> bool:
        """Whether `client` had closed or dropped its connection before the event at `index`."""
        return self.life(client).left < index

    def refused(self, client: int, index: int) -> bool:
        """Whether the app had closed, rejected or denied `client` before the event at `index`."""
        return self.life(client).refused < index

    def went_on(self, client: int, index: int) -> bool:
        """Whether messages of `client` were handed over after the app had let it go and before the event at `index`."""
        refused = self.life(client).refused
        return any(refused < at < index and one.client == client for at, one in self.of(Consumed))

    def present(self, client: int, index: int, step: int | None = None) -> bool:
        """Whether `client` still counts on the app at `index`: it has not left, and the app has not let it go.

        With a `step` the index says nothing, and what happened in the same step came first.
        """
        life = self.life(client)
        if step is not None:
            return step < life.left_step and step < life.refused_step
        return index < life.left and index < life.refused

    def others_present(self, client: int, step: int) -> bool:
        """Whether a client other than `client` is accepted and connected in `step`."""
        return any(
            number not in (client, NOBODY) and life.accepted != NEVER and self.present(number, 0, step)
            for number, life in self._lives.items()
        )

    def close_code(self, client: int) -> int | None:
        """The code that `client` sees in the end; None when it left first, or never had a connection."""
        life = self.life(client)
        if life.accepted == NEVER:
            return None
        if life.close_code is not None:
            return life.close_code
        if life.end is None or life.left < life.ended:
            return None
        return {"raised": self.options.crash_code, "returned": self.options.return_code}.get(life.end.cause)

    def finding(self, check: str, cause: str, detail: str, event: Event, **rest: Unpack[Rest]) -> Finding:
        """A finding of `check` at `event`; a failure unless `rest` says otherwise."""
        rest.setdefault("severity", "failure")
        return Finding(
            check=check,
            route=self.scenario.route,
            cause=cause,
            detail=detail,
            step=event.step,
            client=event.client,
            close_code=self.close_code(event.client),
            **rest,
        )

    def said(self, part: str, index: int) -> bool:
        """Whether a client had sent `part` before the event at `index`, so that the app may merely repeat it."""
        return any(
            event.origin == "client" and place < index and part in text_of(event.data)
            for place, event in self.of(Message)
        )

    def impossible_input(self, index: int) -> bool:
        """Whether a client's text before `index` cannot be encoded. No real client can send it, so what it breaks
        proves nothing.
        """
        return any(
            event.origin == "client" and place < index and not encodable(event.data)
            for place, event in self.of(Message)
        )

    def blocked(self, client: int) -> bool:
        """Whether the watchdog interrupted code in `client`'s session, after which nothing there is as usual."""
        return any(event.client == client for _, event in self.of(Blocked))


def _advance(life: Life, index: int, event: Accepted | Denied | Closed | Dropped | Ended) -> None:
    if isinstance(event, Accepted):
        life.accepted = index
    elif isinstance(event, Ended):
        life.ended, life.end = index, event
    elif isinstance(event, Dropped) or (isinstance(event, Closed) and event.origin == "client"):
        life.left, life.left_step = min(life.left, index), min(life.left_step, event.step)
    else:
        life.refused, life.refused_step = min(life.refused, index), min(life.refused_step, event.step)
        if isinstance(event, Closed) and life.accepted != NEVER:
            life.close_code = event.code


def text_of(data: str | bytes) -> str:
    """A payload as text to search in; bytes that are no UTF-8 are kept as escapes."""
    return data if isinstance(data, str) else data.decode("utf-8", "backslashreplace")


def encodable(data: str | bytes) -> bool:
    """Whether a text payload can be encoded as UTF-8; bytes always can be sent."""
    try:
        if isinstance(data, str):
            data.encode()
    except UnicodeEncodeError:
        return False
    return True


def innermost(frames: tuple[Frame, ...]) -> Frame | None:
    """The innermost frame in application code."""
    return next((frame for frame in reversed(frames) if frame.app), None)


def place(raised: Raised) -> Frame | None:
    """Where a bug is: the innermost application frame; of an endless recursion the function that is entered first,
    because how deep it gets is chance.
    """
    if raised.type == "RecursionError":
        seen = [(frame.file, frame.function) for frame in raised.frames if frame.app]
        for frame in raised.frames:
            if frame.app and seen.count((frame.file, frame.function)) > 1:
                return frame
    return raised.location


def only_passed_through(frames: tuple[Frame, ...]) -> bool:
    """Whether no application code called what failed: there is no application frame, or it is middleware that merely
    called the next ASGI app (a library's `__call__`).
    """
    last = max((index for index, frame in enumerate(frames) if frame.app), default=-1)
    if last < 0:
        return True
    return last + 1 < len(frames) and frames[last + 1].function.endswith("__call__")
