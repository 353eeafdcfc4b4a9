"""What happens during one run, written down as it happens.

The hot path appends plain tuples, an event's class first; the frozen events are made when somebody looks at them.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from wsreplay.model import Event, Transcript
from wsreplay.simulation.loop import SimulationLoop

Row = tuple[Any, ...]
"""An event's class, then its fields."""

MIN_PART = 4
"""Characters of a credential's part that are worth hiding by themselves; fewer would be found everywhere."""


class Recorder:
    """The record of one scenario. `step` is the step that is being performed.

    Only jumps of the clock count as time: what real I/O took differs from run to run.
    """

    __slots__ = ("_loop", "rows", "step")

    def __init__(self, loop: SimulationLoop) -> None:
        self._loop = loop
        loop.elapsed = 0.0
        self.rows: list[Row] = []
        self.step = 0

    @property
    def at(self) -> float:
        """Seconds of the simulation's clock since the start."""
        return self._loop.elapsed

    def add(self, event: type[Any], client: int, *rest: Any) -> None:
        """Append an event that happens now."""
        self.rows.append((event, self._loop.elapsed, self.step, client, *rest))

    def transcript(self, secrets: Mapping[str, str]) -> Transcript:
        """Make the transcript; credentials that the app echoed are replaced by their placeholders."""
        return LazyTranscript(rows=_redacted(self.rows, secrets) if secrets else self.rows)


class LazyTranscript(Transcript):
    """A transcript whose events are made at the first look. It equals a plain one with the same events."""

    __slots__ = ("_events", "_rows")

    def __init__(
        self, events: tuple[Event, ...] | None = None, features: tuple[str, ...] = (), rows: list[Row] | None = None
    ) -> None:
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_events", events)
        object.__setattr__(self, "features", features)

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that happened, in order."""
        made: tuple[Event, ...] | None = self._events  # type: ignore[attr-defined]
        if made is None:
            made = tuple([row[0](*row[1:]) for row in self._rows])  # type: ignore[attr-defined]
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


def _redacted(rows: list[Row], secrets: Mapping[str, str]) -> list[Row]:
    pairs = [(part, name) for name, value in secrets.items() for part in _parts(value)]
    pairs.sort(key=lambda pair: -len(pair[0]))
    return [tuple(redact(part, pairs) for part in row) for row in rows]


def _parts(value: str) -> Iterator[str]:
    """The forms in which an app may show a credential: whole, without its scheme, and decoded (RFC 7617)."""
    if value:
        yield value
    scheme, _, rest = value.partition(" ")
    if scheme.lower() not in ("basic", "bearer") or len(rest) < MIN_PART:
        return
    yield rest
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):
            pair = base64.b64decode(rest, validate=True).decode()
            yield pair
            password = pair.partition(":")[2]
            if len(password) >= MIN_PART:
                yield password


def redact(value: Any, pairs: list[tuple[str, str]]) -> Any:
    """Replace every secret in `value` (text, bytes, or frozen values of them) by its placeholder."""
    if isinstance(value, str):
        for secret, name in pairs:
            value = value.replace(secret, name)
        return value
    if isinstance(value, bytes):
        for secret, name in pairs:
            value = value.replace(secret.encode(), name.encode())
        return value
    if isinstance(value, tuple):
        return tuple(redact(part, pairs) for part in value)
    if hasattr(type(value), "__dataclass_fields__") and not isinstance(value, type):
        return type(value)(**{name: redact(getattr(value, name), pairs) for name in type(value).__dataclass_fields__})
    return value
