"""Events as plain tuples: how a run is written down on the hot path, and compared with what is on record.

A row is an event's tag and then its fields; trailing fields that hold their default are left out, so that equal events
are equal rows. Nothing here judges what happened.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, TypeAlias

from wsreplay.model import (
    Accepted,
    Blocked,
    Closed,
    Consumed,
    Crashed,
    Denied,
    Died,
    Dropped,
    Ended,
    Event,
    Hung,
    Leaked,
    Message,
    Opened,
    Slow,
    Told,
    Transcript,
    Violation,
)

Row: TypeAlias = tuple[Any, ...]

TAGS: dict[type, str] = {
    Opened: "opened",
    Accepted: "accepted",
    Denied: "denied",
    Message: "message",
    Consumed: "consumed",
    Closed: "closed",
    Dropped: "dropped",
    Told: "told",
    Violation: "violation",
    Ended: "ended",
    Crashed: "crashed",
    Hung: "hung",
    Blocked: "blocked",
    Slow: "slow",
    Leaked: "leaked",
    Died: "died",
}
"""The tags of events. A tag is never given a second meaning: they stand in the files of a corpus."""

CLASSES: dict[str, Any] = {tag: cls for cls, tag in TAGS.items()}

_NO_DEFAULT = object()
_DEFAULTS: dict[type, tuple[object, ...]] = {
    cls: tuple(_NO_DEFAULT if field.default is MISSING else field.default for field in fields(cls)) for cls in TAGS
}


def row(event: type[Any], *values: Any) -> Row:
    """The row of an event of this class with these fields."""
    defaults = _DEFAULTS[event]
    length = len(values)
    while values[length - 1] == defaults[length - 1]:
        length -= 1
    return (TAGS[event], *values[:length])


class LazyTranscript(Transcript):
    """A transcript whose events are made at the first look. It equals a plain one with the same events.

    `rows` is the same as rows, None where the events came first.
    """

    __slots__ = ("_events", "rows")

    rows: list[Row] | None

    def __init__(
        self, events: tuple[Event, ...] | None = None, features: tuple[str, ...] = (), rows: list[Row] | None = None
    ) -> None:
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "_events", events)
        object.__setattr__(self, "features", features)

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that happened, in order."""
        made: tuple[Event, ...] | None = self._events  # type: ignore[attr-defined]
        if made is None:
            made = tuple([CLASSES[row[0]](*row[1:]) for row in self.rows or ()])
            object.__setattr__(self, "_events", made)
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Transcript):
            return NotImplemented
        return self.events == other.events and self.features == other.features

    def __hash__(self) -> int:
        return hash((self.events, self.features))

    def __reduce__(self) -> tuple[type[Transcript], tuple[tuple[Event, ...], tuple[str, ...]]]:
        """Travel as the plain value."""
        return Transcript, (self.events, self.features)
