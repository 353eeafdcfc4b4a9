"""What a check made of a transcript."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

from wsreplay.model.exceptions import NOBODY, Frame

Severity: TypeAlias = Literal["failure", "warning"]


_ANYWHERE = frozenset({"blocked_loop", "process_crash"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found. `detail` is one sentence for a person; `step` the index of the scenario's step;
    `close_code` what the client sees under the server profile.
    """

    check: str
    severity: Severity
    route: str
    cause: str
    detail: str
    exception: str | None = None
    message: str = ""
    location: Frame | None = None
    step: int | None = None
    client: int = NOBODY
    close_code: int | None = None
    frames: tuple[Frame, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Identity of the bug: 16 hex digits over route, check, exception type, innermost application frame (file,
        function and the text of its line, which outlives edits elsewhere as no line number would) and cause.
        """
        parts = (self.route, self.check, self.exception or "", self._place, self.cause)
        text = "\x00".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.sha256(text).hexdigest()[:16]

    @property
    def _place(self) -> str:
        if self.location is None:
            return ""
        place = f"{self.location.file}:{self.location.function}"
        # Two lines that raise are two bugs; but where a loop is interrupted, or a stack runs out, is chance.
        exact = self.exception not in (None, "RecursionError", "MemoryError") and self.check not in _ANYWHERE
        return f"{place}:{self.location.source.strip()}" if exact else place
