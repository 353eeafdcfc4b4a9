"""The clocks of `time` and `datetime`, as an app sees them: what the loop's clock jumps over has passed on them, too.

An app that lets sessions expire asks them what time it is, and not the loop. Between two jumps they go on as they are,
so that nothing takes no time at all.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from wsreplay.simulation.dates import Dates
from wsreplay.sources import Sources

SECONDS = ("time", "monotonic", "perf_counter")
NANOSECONDS = ("time_ns", "monotonic_ns", "perf_counter_ns")


MOST_SKIPPED = 3e7
"""Seconds that are skipped at most, about a year: no app is to see a date that its timestamps have no room for."""

_skipped = [0.0]
# One for all simulations of a process: time that goes backwards breaks apps that are right.


class Clocks:
    """Stand in for the clocks between `enter` and `leave`."""

    def __init__(self) -> None:
        clocks: dict[str, Callable[[], Any]] = {}
        for name in SECONDS:
            clocks[name] = self._seconds(getattr(time, name))
        for name in NANOSECONDS:
            clocks[name] = self._nanoseconds(getattr(time, name))
        self._ours = [(vars(time), name, getattr(time, name), clock) for name, clock in clocks.items()]
        self._dates = Dates(lambda: _skipped[0])

    def know(self, sources: Sources) -> None:
        """Stand in, too, for what the app's own modules have imported, under the names that the clocks have."""
        # Few modules hold a clock at all: whether one is the app's is asked last, for it takes longest.
        for module in tuple(sys.modules.values()):
            names = getattr(module, "__dict__", {})
            for _, name, original, clock in self._ours[: len(SECONDS + NANOSECONDS)]:
                if names.get(name) is original and sources.owns(str(names.get("__file__") or "<>")):
                    self._ours.append((names, name, original, clock))

    @staticmethod
    def skip(seconds: float) -> None:
        """So much time has passed that did not really."""
        _skipped[0] = min(_skipped[0] + seconds, MOST_SKIPPED)

    def enter(self) -> None:
        """From now on the time is what it is and what was jumped over."""
        for names, name, original, clock in self._ours:
            # What the app has put in its place stays there.
            if names.get(name) is original:
                names[name] = clock
        self._dates.enter()

    def leave(self) -> None:
        """The clocks are as they were."""
        for names, name, original, clock in self._ours:
            if names.get(name) is clock:
                names[name] = original
        self._dates.leave()

    @staticmethod
    def _seconds(original: Callable[[], float]) -> Callable[[], float]:
        return lambda: original() + _skipped[0]

    @staticmethod
    def _nanoseconds(original: Callable[[], int]) -> Callable[[], int]:
        return lambda: original() + int(_skipped[0] * 1e9)
