"""What happens during one run, written down as it happens.

The hot path appends rows to `Recorder.rows` itself; the frozen events are made when somebody looks at them.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from wsreplay.model import LONG, MOST_IN_ALL, MOST_KEPT, Transcript
from wsreplay.redaction import Pairs, Redactor, open_fields, redactor
from wsreplay.rows import CLASSES, LazyTranscript, Row, row
from wsreplay.simulation.loop import SimulationLoop


class Recorder:
    """The record of one scenario. `step` is the step that is being performed.

    Only jumps of the clock count as time: what real I/O took differs from run to run.
    """

    __slots__ = ("_kept", "_loop", "rows", "step")

    def __init__(self, loop: SimulationLoop) -> None:
        self._loop = loop
        loop.elapsed = 0.0
        self.rows: list[Row] = []
        self.step = 0
        self._kept = 0

    @property
    def at(self) -> float:
        """Seconds of the simulation's clock since the start."""
        return self._loop.elapsed

    def add(self, event: type[Any], client: int, *rest: Any) -> None:
        """Append an event that happens now."""
        self.rows.append(row(event, self._loop.elapsed, self.step, client, *rest))

    def kept(self, data: str | bytes) -> str | bytes:
        """What is to be recorded of a long message: its head, and little of it when there were many."""
        most = MOST_KEPT if self._kept <= MOST_IN_ALL - MOST_KEPT else LONG
        head = data if len(data) <= most else data[:most]
        self._kept += len(head)
        return head

    def transcript(self, secrets: Pairs) -> Transcript:
        """Make the transcript; credentials that the app echoed are replaced by their placeholders."""
        if not secrets:
            return LazyTranscript(rows=self.rows)
        hiding = redactor(secrets)
        return LazyTranscript(rows=[_redacted_row(one, hiding) for one in self.rows])


def _redacted_row(row: Row, redactor: Redactor) -> Row:
    cls: type = CLASSES[row[0]]
    shown = open_fields(cls)
    names = [field.name for field in fields(cls)]
    values = [redactor.value(value) if name in shown else value for name, value in zip(names, row[1:], strict=False)]
    return (row[0], *values)
