"""What records branches, by whichever means the interpreter has."""

from __future__ import annotations

from collections.abc import Callable

from wsreplay.coverage.features import Features
from wsreplay.coverage.monitoring import Monitoring
from wsreplay.coverage.record import Record
from wsreplay.coverage.settrace import Settrace


class Tracer:
    """Records branches of the code that `owns(filename)`; `name(filename)` shortens a file's name for the features.

    Only the thread that called `start` is traced. Other tools (a debugger, coverage measurement) keep working: where
    there is no free place beside them, `active` is false and there are no features.
    """

    def __init__(self, owns: Callable[[str], bool], name: Callable[[str], str]) -> None:
        self._record = Record(owns)
        self._features = Features(name)
        self._backend: Monitoring | Settrace | None = None

    @property
    def active(self) -> bool:
        """Whether branches are being recorded."""
        return self._backend is not None

    @property
    def cheap(self) -> bool:
        """Whether tracing costs next to nothing."""
        return not isinstance(self._backend, Settrace)

    def start(self) -> None:
        """Begin to trace this thread."""
        if self._backend is None:
            self._backend = Monitoring.started(self._record) or Settrace.started(self._record)

    def stop(self) -> None:
        """End it, and give back what was taken."""
        if self._backend is not None:
            self._backend.stop()
            self._backend = None

    def pause(self) -> None:
        """Trace nothing until `resume`: what runs now is no application's."""
        if self._backend is not None:
            self._backend.pause()

    def resume(self) -> None:
        """Trace again."""
        if self._backend is not None:
            self._backend.resume()

    def reset(self) -> None:
        """Forget what was seen: everything is new again."""
        self._record.seen.clear()
        self._record.new.clear()
        if self._backend is not None:
            self._backend.reset()

    def new(self) -> frozenset[str]:
        """Return the features that were seen for the first time since the last call."""
        record = self._record
        if not record.new:
            return frozenset()
        events, record.new = record.new, []
        return frozenset([feature for event in events if (feature := self._features.of(*event)) is not None])
