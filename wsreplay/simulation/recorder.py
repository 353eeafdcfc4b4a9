"""What happens during one run, written down as it happens.

The hot path appends plain tuples, an event's class first; the frozen events are made once, at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsreplay.model import Event, Transcript
from wsreplay.simulation.loop import SimulationLoop


class Recorder:
    """The record of one scenario. `step` is the step that is being performed."""

    __slots__ = ("_jumped", "_loop", "rows", "step")

    def __init__(self, loop: SimulationLoop) -> None:
        self._loop = loop
        self._jumped = loop.jumped
        self.rows: list[tuple[Any, ...]] = []
        self.step = 0

    @property
    def at(self) -> float:
        """Seconds since the start. Only jumps count: what real I/O took differs from run to run."""
        elapsed = self._loop.jumped - self._jumped
        return round(elapsed, 6) if elapsed else 0.0

    def add(self, event: type[Any], client: int, *rest: Any) -> None:
        """Append an event that happens now."""
        elapsed = self._loop.jumped - self._jumped
        self.rows.append((event, round(elapsed, 6) if elapsed else 0.0, self.step, client, *rest))

    def transcript(self, secrets: Mapping[str, str]) -> Transcript:
        """Make the transcript; credentials that the app echoed are replaced by their placeholders."""
        rows = _redacted(self.rows, secrets) if secrets else self.rows
        events: list[Event] = [row[0](*row[1:]) for row in rows]
        return Transcript(tuple(events))


def _redacted(rows: list[tuple[Any, ...]], secrets: Mapping[str, str]) -> list[tuple[Any, ...]]:
    pairs = sorted(((value, name) for name, value in secrets.items() if value), key=lambda pair: -len(pair[0]))
    return [tuple(redact(part, pairs) for part in row) for row in rows]


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
