"""Passes over binary messages: sizes with what they measure, and bytes that messages have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import combinations

from wsreplay.model import Scenario, Send, Step
from wsreplay.shrinking.chunks import least
from wsreplay.shrinking.numbers import simplify_int
from wsreplay.shrinking.payloads import parsed
from wsreplay.shrinking.search import Search

RUNS = 8
"""Runs that are looked at."""

LONG = 64
"""A message longer than this has no fields that could be told apart."""


def smaller_frames(search: Search) -> None:
    """Make less of what a byte says the size of, and the byte by as much: of what follows it, or of the end."""
    for index, step in enumerate(search.best.steps):
        if (send := _frame(step)) is None:
            continue
        for place in range(len(send.data)):
            _measured(search, index, place, from_end=False)
            _measured(search, index, place, from_end=True)


def plainer_frames(search: Search) -> None:
    """Simplify each run of bytes that messages have in common, wherever it is: an identifier that two of them give."""
    for run in _runs(search.best)[:RUNS]:
        attempt = _everywhere(search, run)
        if not attempt(bytes(len(run))):
            _byte_by_byte(run, attempt)


def _frame(step: Step) -> Send | None:
    """A message of bytes that is no document."""
    if isinstance(step, Send) and isinstance(step.data, bytes) and len(step.data) <= LONG and parsed(step) is None:
        return step
    return None


def _measured(search: Search, index: int, place: int, from_end: bool) -> None:
    send = _frame(search.best.steps[index])
    if send is None or not isinstance(data := send.data, bytes) or place >= len(data):
        return
    size, after = data[place], place + 1
    if not 0 < size <= len(data) - after:
        return

    def attempt(less: int) -> bool:
        gone = len(data) if from_end else after + size
        kept = data[after : gone - (size - less)] + data[gone:]
        return search.accepts_step(index, replace(send, data=data[:place] + bytes((less,)) + kept))

    if not attempt(0):
        least(0, size, attempt)


def _byte_by_byte(run: bytes, attempt: Callable[[bytes], bool]) -> None:
    for place, byte in enumerate(run):

        def with_byte(value: int, before: bytes = run[:place], after: bytes = run[place + 1 :]) -> bool:
            return attempt(before + bytes((value,)) + after)

        run = run[:place] + bytes((simplify_int(byte, with_byte),)) + run[place + 1 :]


def _everywhere(search: Search, run: bytes) -> Callable[[bytes], bool]:
    current = run

    def attempt(new: bytes) -> bool:
        nonlocal current
        steps = tuple(_replaced(step, current, new) for step in search.best.steps)
        if not search.accepts(replace(search.best, steps=steps)):
            return False
        current = new
        return True

    return attempt


def _replaced(step: Step, old: bytes, new: bytes) -> Step:
    send = _frame(step)
    return step if send is None else replace(send, data=bytes(send.data).replace(old, new))  # type: ignore[arg-type]


def _runs(scenario: Scenario) -> list[bytes]:
    """The runs of bytes that two messages have in common, the longest first; zeros are as plain as can be."""
    frames = dict.fromkeys(bytes(send.data) for step in scenario.steps if (send := _frame(step)) is not None)  # type: ignore[arg-type]
    found: dict[bytes, None] = {}
    for one, other in combinations(frames, 2):
        for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
            run = one[block.a : block.a + block.size]
            if len(run) > 1 and any(run):
                found[run] = None
    return sorted(found, key=len, reverse=True)
