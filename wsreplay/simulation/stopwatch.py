"""Real time per message, for those who ask for it."""

from __future__ import annotations

from time import perf_counter


class Stopwatch:
    """Tells whether more than `limit` real seconds passed since `start`; without a limit it never looks."""

    __slots__ = ("_started", "limit")

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self._started = 0.0

    def start(self) -> None:
        """A message was sent."""
        if self.limit is not None:
            self._started = perf_counter()

    @property
    def slow(self) -> bool:
        """Whether its answer took too long."""
        return self.limit is not None and perf_counter() - self._started > self.limit
