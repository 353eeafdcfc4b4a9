"""How far an app says that things have got: small numbers and lengths in its replies, each counted in steps.

A queue that fills, a round that is played, a list that empties: the code that is run is the same each time, and so is
the shape of the reply. A search that takes each step for something new gets to the last one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from functools import lru_cache

from wsreplay.documents import MAX_DEPTH, MAX_ECHO, MAX_KEYS, parsed, readable

STEPS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""A number, or a length, is at the last of these that it has reached."""

_BEYOND = 64
"""From here on a number is data, and no step."""

_MOST_NUMBERS = 16
_MOST_ITEMS = 4
_LONGEST_PLACE = 100
_NUMBER = re.compile(r"(?<![\w.-])(?:0|[1-9]\d?)(?![\w.])")


def steps(reply: str | bytes, said: str, values: Collection[str] = ()) -> Iterator[str]:
    """The steps that a reply tells of, as features. What was `said` by clients, as one text, tells of nothing; a key of
    the reply that is one of the `values` that they have said may be any.
    """
    for place, number in _numbers(reply):
        if number >= _BEYOND or (number > 1 and re.search(rf"(?<!\d){number}(?!\d)", said)):
            continue
        where = "".join(["*" if part in values else part for part in place])
        yield f"step:{where}:{STEPS[bisect_right(STEPS, number) - 1]}"


@lru_cache(maxsize=4096)
def _numbers(reply: str | bytes) -> tuple[tuple[tuple[str, ...], int], ...]:
    """The small numbers and the lengths in a reply, and where they are."""
    text = readable(reply) if len(reply) <= MAX_ECHO else None
    if text is None:
        return ()
    if text[:1] not in ("{", "["):
        return tuple(((str(place),), int(one)) for place, one in enumerate(_NUMBER.findall(text)[:_MOST_ITEMS]))
    found: list[tuple[tuple[str, ...], int]] = []
    _look(parsed(reply), (), MAX_DEPTH, found)
    return tuple(found[:_MOST_NUMBERS])


def _look(value: object, place: tuple[str, ...], depth: int, found: list[tuple[tuple[str, ...], int]]) -> None:
    if depth == 0 or sum(map(len, place)) > _LONGEST_PLACE:
        return
    if isinstance(value, dict):
        if len(value) <= MAX_KEYS:
            for key in sorted(value):
                _look(value[key], (*place, ".", key), depth - 1, found)
    elif isinstance(value, list):
        found.append(((*place, "#"), len(value)))
        for item in value[:_MOST_ITEMS]:
            _look(item, (*place, "[]"), depth - 1, found)
    elif type(value) is int and value >= 0:
        found.append((place, value))
