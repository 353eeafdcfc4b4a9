"""Branch features of application code: which line follows which, per function, as short strings.

`sys.settrace`, limited to application files. Lines count from the head of their function, so that an edit elsewhere in
the file leaves the features of this one as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

_Arc = tuple[CodeType, int, int]


class Tracer:
    """Records arcs of the code that `owns(filename)`; `name(filename)` shortens a file's name for the features.

    Where another trace function is at work (a debugger, coverage measurement) it stays out of its way: `active` is false
    and there are no features.
    """

    def __init__(self, owns: Callable[[str], bool], name: Callable[[str], str]) -> None:
        self._owns = owns
        self._name = name
        self._seen: set[tuple[int, int, int]] = set()
        self._new: list[_Arc] = []
        # By identity: a code object hashes all that it holds, anew each time. Holding the objects keeps the numbers theirs.
        self._owned: dict[int, bool] = {}
        self._codes: list[CodeType] = []
        self.active = False

    def start(self) -> None:
        """Begin to trace this thread."""
        if sys.gettrace() is None:
            self.active = True
            sys.settrace(self._call)

    def stop(self) -> None:
        """End it."""
        if self.active:
            sys.settrace(None)
            self.active = False

    def reset(self) -> None:
        """Forget what was seen: everything is new again."""
        self._seen.clear()
        self._new.clear()

    def new(self) -> frozenset[str]:
        """Return the arcs that were seen for the first time since the last call."""
        if not self._new:
            return frozenset()
        arcs, self._new = self._new, []
        return frozenset([self._feature(*arc) for arc in arcs])

    def _feature(self, code: CodeType, before: int, now: int) -> str:
        head = code.co_firstlineno
        first = before - head if before else 0
        return f"cov:{self._name(code.co_filename)}:{code.co_qualname}:{first}-{now - head}"

    def _call(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        code = frame.f_code
        number = id(code)
        owned = self._owned.get(number)
        if owned is None:
            owned = self._owned[number] = self._owns(code.co_filename)
            self._codes.append(code)
        if not owned:
            return None
        seen, new = self._seen, self._new
        before = 0

        def local(inner: FrameType, event: str, _argument: Any) -> Any:
            nonlocal before
            if event == "line":
                now = inner.f_lineno
                arc = (number, before, now)
                if arc not in seen:
                    seen.add(arc)
                    new.append((code, before, now))
                before = now
            return local

        return local
