"""What happens during one run, written down as it happens.

The hot path appends rows to `Recorder.rows` itself; the frozen events are made when somebody looks at them.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import typing
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from wsreplay.model import Transcript
from wsreplay.rows import CLASSES, LazyTranscript, Row, row
from wsreplay.simulation.loop import SimulationLoop

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
        self.rows.append(row(event, self._loop.elapsed, self.step, client, *rest))

    def transcript(self, secrets: Mapping[str, str]) -> Transcript:
        """Make the transcript; credentials that the app echoed are replaced by their placeholders."""
        return LazyTranscript(rows=_redacted(self.rows, secrets) if secrets else self.rows)


def _redacted(rows: list[Row], secrets: Mapping[str, str]) -> list[Row]:
    pairs = [(part, name) for name, value in secrets.items() for part in _parts(value)]
    pairs.sort(key=lambda pair: -len(pair[0]))
    return [_redacted_row(one, pairs) for one in rows]


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
        cls: type = type(value)
        return replace(value, **{name: redact(getattr(value, name), pairs) for name in _open_fields(cls)})
    return value


def _redacted_row(row: Row, pairs: list[tuple[str, str]]) -> Row:
    cls: type = CLASSES[row[0]]
    shown = _open_fields(cls)
    names = [field.name for field in fields(cls)]
    values = [redact(value, pairs) if name in shown else value for name, value in zip(names, row[1:], strict=False)]
    return (row[0], *values)


@functools.cache
def _open_fields(cls: type) -> frozenset[str]:
    """The fields in which an app's words may stand: not those that hold one of a few words of our own."""
    hints = typing.get_type_hints(cls)
    return frozenset(name for name, hint in hints.items() if typing.get_origin(hint) is not typing.Literal)
