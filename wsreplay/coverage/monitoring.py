"""By `sys.monitoring`, from Python 3.12 on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import CodeType
from typing import Any

from wsreplay.coverage.record import Record

_monitoring: Any = getattr(sys, "monitoring", None)

TOOLS = (3, 4)
"""The tool numbers of `sys.monitoring` that are reserved for nobody."""


class Monitoring:  # pragma: no cover - from Python 3.12 on
    """`sys.monitoring`: events of branches in the application's functions, off for good once both ways were seen."""

    def __init__(self, record: Record, tool: int) -> None:
        self._record = record
        self._tool = tool
        self._thread = threading.get_ident()
        self._ways: dict[tuple[int, int], int] = {}
        self._watched: dict[int, CodeType] = {}

    @classmethod
    def started(cls, record: Record) -> Monitoring | None:
        """Take a free tool number; None where the interpreter has no monitoring or others have them all."""
        for tool in TOOLS if _monitoring is not None else ():
            try:
                _monitoring.use_tool_id(tool, "wsreplay")
            except ValueError:
                continue
            backend = cls(record, tool)
            backend._listen()
            return backend
        return None

    def _listen(self) -> None:
        events = _monitoring.events
        for event, callback in self._callbacks().items():
            _monitoring.register_callback(self._tool, event, callback)
        # What was switched off under this number stays off otherwise.
        _monitoring.restart_events()
        _monitoring.set_events(self._tool, events.PY_START | events.PY_RESUME | events.EXCEPTION_HANDLED)

    def _callbacks(self) -> dict[int, Callable[..., Any]]:
        events = _monitoring.events
        return {
            events.PY_START: self._start,
            events.PY_RESUME: self._resume,
            events.BRANCH: self._branch,
            events.EXCEPTION_HANDLED: self._caught,
        }

    def stop(self) -> None:
        """Leave no event, no callback and no number taken."""
        _monitoring.set_events(self._tool, 0)
        for code in self._watched.values():
            _monitoring.set_local_events(self._tool, code, 0)
        for event in self._callbacks():
            _monitoring.register_callback(self._tool, event, None)
        _monitoring.free_tool_id(self._tool)

    def pause(self) -> None:
        """Other code costs nothing as it is."""

    def resume(self) -> None:
        """Nothing was switched off."""

    def reset(self) -> None:
        """Switch on what was switched off."""
        self._ways.clear()
        _monitoring.restart_events()

    def _start(self, code: CodeType, offset: int) -> Any:
        if self._record.head(code) >= 0:
            if threading.get_ident() != self._thread:
                return None
            self._record.enter(code)
        return self._resume(code, offset)

    def _resume(self, code: CodeType, _offset: int) -> Any:
        if self._record.head(code) >= 0 and id(code) not in self._watched:
            self._watched[id(code)] = code
            _monitoring.set_local_events(self._tool, code, _monitoring.events.BRANCH)
        return _monitoring.DISABLE

    def _branch(self, code: CodeType, source: int, target: int) -> Any:
        if threading.get_ident() != self._thread:
            return None
        number = id(code)
        key = (number, source, target)
        if key not in self._record.seen:
            self._record.add(code, key, "branch", source, target)
            self._ways[number, source] = self._ways.get((number, source), 0) + 1
        return _monitoring.DISABLE if self._ways.get((number, source), 0) >= 2 else None

    def _caught(self, code: CodeType, offset: int, exception: BaseException) -> None:
        traceback = exception.__traceback__
        if self._record.head(code) < 0 or threading.get_ident() != self._thread or traceback is None:
            return
        line = traceback.tb_lineno or 0
        if not isinstance(exception, StopAsyncIteration):
            line = -line
        self._record.add(code, (id(code), line, offset), "caught", line, offset)
