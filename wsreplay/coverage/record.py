"""What was seen, as it came."""

from __future__ import annotations

import dis
from collections.abc import Callable
from types import CodeType
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["entry", "lines", "branch", "caught"]
Key: TypeAlias = tuple[int, int, int]

_RESUME = dis.opmap["RESUME"]


class Record:
    """What was seen, as it came; what it means is found out when somebody asks."""

    def __init__(self, owns: Callable[[str], bool]) -> None:
        self.seen: set[Key] = set()
        self.new: list[tuple[CodeType, Kind, int, int]] = []
        # By identity: a code object hashes all that it holds, anew each time. Holding it keeps its number its own.
        self.heads: dict[int, int] = {}
        self._codes: list[CodeType] = []
        self._owns = owns

    def head(self, code: CodeType) -> int:  # pragma: no cover - called where nothing is measured
        """Where the function begins, an offset into its bytecode; -1 for code that is not the application's."""
        head = self.heads.get(id(code))
        if head is None:
            head = _first_resume(code) if self._owns(code.co_filename) else -1
            self.heads[id(code)] = head
            self._codes.append(code)
        return head

    def enter(self, code: CodeType) -> None:  # pragma: no cover - called where nothing is measured
        """A function of the application's begins."""
        self.add(code, (id(code), -1, -1), "entry", 0, 0)

    def add(self, code: CodeType, key: Key, kind: Kind, before: int, now: int) -> None:  # pragma: no cover - as above
        """Something of the application's happened; it is new the first time."""
        if key not in self.seen:
            self.seen.add(key)
            self.new.append((code, kind, before, now))


def _first_resume(code: CodeType) -> int:  # pragma: no cover - called where nothing is measured
    return code.co_code[::2].index(_RESUME) * 2
