"""By `sys.settrace`, below Python 3.12."""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any

from wsreplay.coverage.record import Record


class Settrace:  # pragma: no cover - what measures this file is a trace function too, and there is one at a time
    """`sys.settrace`, limited to application files; stays out of the way of a trace function that is there."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._call = self._caller()

    @classmethod
    def started(cls, record: Record) -> Settrace | None:
        """Trace, unless somebody else does."""
        if sys.gettrace() is not None:
            return None
        backend = cls(record)
        sys.settrace(backend._call)
        return backend

    def stop(self) -> None:
        """End it, unless a debugger has taken our place since."""
        if sys.gettrace() is self._call:
            sys.settrace(None)

    def pause(self) -> None:
        """Every call of a function costs while a trace function is set."""
        if sys.gettrace() is self._call:
            sys.settrace(None)

    def resume(self) -> None:
        """Trace, unless somebody else has begun to."""
        if sys.gettrace() is None:
            sys.settrace(self._call)

    def reset(self) -> None:
        """Nothing is ever switched off."""

    def _caller(self) -> Any:
        record, known = self._record, self._record.heads

        # Called for every function that anybody calls: a closure, with the commonest answer first.
        def call(frame: FrameType, _event: str, _argument: Any) -> Any:
            code = frame.f_code
            number = id(code)
            head = known.get(number)
            if head is None:
                head = record.head(code)
            if head < 0:
                return None
            if frame.f_trace is not None:
                # A generator or coroutine goes on where it was.
                return frame.f_trace
            if frame.f_lasti <= head:
                record.enter(code)
            return self._local(code, number)

        return call

    def _local(self, code: CodeType, number: int) -> Any:
        seen, new = self._record.seen, self._record.new
        before = 0

        def local(inner: FrameType, event: str, argument: Any) -> Any:
            nonlocal before
            if event == "line":
                now = inner.f_lineno
                key = (number, before, now)
                if key not in seen:
                    seen.add(key)
                    new.append((code, "lines", before, now))
                before = now
            elif event == "exception" and not issubclass(argument[0], StopIteration | StopAsyncIteration):
                before = -abs(before)
            return local

        return local
