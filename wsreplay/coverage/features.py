"""From what was seen to features: which statement followed which, as short strings."""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable
from types import CodeType

from wsreplay.coverage.code import Bytecode, Statements
from wsreplay.coverage.record import Kind

PREFIX = "cov:"

# Python 3.12 has no functions of their own for these.
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>")
_INLINED = re.compile(r"(<locals>\.)?<(?:list|set|dict)comp>\.(?:<locals>\.)?")


class Features:
    """From an event to its feature; None for one that says nothing of its own."""

    def __init__(self, name: Callable[[str], str]) -> None:
        self._name = name
        self._known: dict[tuple[int, Kind, int, int], str | None] = {}
        self._files: dict[str, Statements] = {}
        self._bytecodes: dict[int, Bytecode] = {}

    def of(self, code: CodeType, kind: Kind, before: int, now: int) -> str | None:
        """The feature of an event."""
        key = (id(code), kind, before, now)
        if key not in self._known:
            arc = self._arc(code, kind, before, now)
            self._known[key] = arc and f"{PREFIX}{self._name(code.co_filename)}:{qualname(code)}:{arc}"
        return self._known[key]

    def _arc(self, code: CodeType, kind: Kind, before: int, now: int) -> str | None:
        if kind == "entry":
            return None if code.co_name in _COMPREHENSIONS else "0"
        statements = self._files.get(code.co_filename)
        if statements is None:
            statements = self._files[code.co_filename] = Statements("".join(linecache.getlines(code.co_filename)))
        following: int | None = now
        if kind != "lines":  # pragma: no cover - from Python 3.12 on
            bytecode = self._bytecodes.setdefault(id(code), Bytecode(code))
            before = bytecode.line(before) if kind == "branch" else before
            following = bytecode.follow(now, lambda line: statements.same(line, abs(before)))
        arc = statements.arc(before, following) if following is not None else None
        return arc and f"{arc[0] - code.co_firstlineno}-{arc[1] - code.co_firstlineno}"


def qualname(code: CodeType) -> str:
    """The name of a function in its features, the same on every Python."""
    return _INLINED.sub(r"\1", code.co_qualname)
