"""Calls that say for how long a handler waits or sleeps, or lets something live."""

from __future__ import annotations

from collections.abc import Mapping

from wsreplay.generation.reading.notes import Notes
from wsreplay.generation.reading.values import Value, Variables, constant_of

_WAITS: Mapping[str, tuple[int, str]] = {
    # The name of a function: the number and the name of its argument in seconds.
    "sleep": (0, "delay"),
    "wait_for": (1, "timeout"),
    "wait": (1, "timeout"),
    "timeout": (0, "delay"),
    "move_on_after": (0, "delay"),
    "fail_after": (0, "delay"),
    "call_later": (0, "delay"),
}
_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "milliseconds": 0.001}


def waits(notes: Notes, name: str, given: list[Value], by_name: Variables) -> None:
    """Note the seconds that a call of `name` is given."""
    if name == "timedelta":
        for unit, each in _UNITS.items():
            count = constant_of(by_name.get(unit))
            notes.waited(count * each if isinstance(count, int | float) else None)
    if name in _WAITS:
        number, keyword = _WAITS[name]
        seconds = by_name.get(keyword, given[number] if len(given) > number else None)
        notes.waited(constant_of(seconds))
