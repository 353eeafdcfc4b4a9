"""Limits are chosen so that no clock is slow or fast enough to matter."""

from __future__ import annotations

from wsreplay.simulation.stopwatch import Stopwatch


def test_without_a_limit_nothing_is_slow() -> None:
    stopwatch = Stopwatch(None)
    assert not stopwatch.slow
    stopwatch.start()
    assert not stopwatch.slow


def test_more_than_the_limit_is_slow() -> None:
    stopwatch = Stopwatch(-1.0)
    stopwatch.start()
    assert stopwatch.slow


def test_less_than_the_limit_is_not() -> None:
    stopwatch = Stopwatch(1e9)
    stopwatch.start()
    assert not stopwatch.slow
