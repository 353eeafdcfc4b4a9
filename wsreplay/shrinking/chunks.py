"""Searching for the fewest and the least: what every pass is made of. Knows nothing of scenarios.

An `attempt` says whether something smaller still fails; when it does, it has become the best so far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

PIECES = 64
"""Into so many pieces a long sequence is cut at most: where each is needed, a finer cut costs more than it gives."""

SHORT = 8
"""Sequences up to this length are not searched for a needed head or tail: piece by piece is as quick."""

# What can be sliced and joined. The items of a tuple are the caller's affair, and come back as they went in.
S = TypeVar("S", str, bytes, tuple[Any, ...])


def fewest(items: S, attempt: Callable[[S], bool], pieces: int = PIECES) -> S:
    """Leave out of `items` what is not needed, the order kept: nothing at all, a head, a tail, then ever finer pieces.

    After A. Zeller and R. Hildebrandt, "Simplifying and isolating failure-inducing input" (2002), without the tests of
    subsets, which the search for a head and a tail stands in for.
    """
    return without_pieces(ends_off(items, attempt), attempt, pieces)


def ends_off(items: S, attempt: Callable[[S], bool]) -> S:
    """The empty sequence if that will do; of a long one, the shortest head that does, and its shortest tail."""
    if not items:
        return items
    if attempt(items[:0]):
        return items[:0]
    if len(items) > SHORT:
        head = items[: least(0, len(items), lambda length: attempt(items[:length]))]
        start = len(head)
        items = head[start - least(0, start, lambda length: attempt(head[start - length :])) :]
    return items


def without_pieces(items: S, attempt: Callable[[S], bool], pieces: int = PIECES) -> S:
    """Leave out each piece that is not needed, the last first, by halves, quarters and so on."""
    for chunk in halvings(len(items), pieces):
        end = len(items)
        while end > 0:
            start = max(end - chunk, 0)
            shorter = items[:start] + items[end:]
            if attempt(shorter):
                items = shorter
            end = start
    return items


def halvings(length: int, pieces: int = PIECES) -> Iterator[int]:
    """The sizes of the pieces of a sequence of this length: half of it, a quarter, down to one or to 1/`pieces`."""
    chunk = length
    while chunk > 1 and chunk * pieces > length:
        chunk //= 2
        yield chunk
    if length == 1:
        yield 1


def least(low: int, high: int, attempt: Callable[[int], bool]) -> int:
    """Return the least number above `low` that will do, by bisection. `high` is known to do, `low` not to."""
    while high - low > 1:
        middle = (low + high) // 2
        if attempt(middle):
            high = middle
        else:
            low = middle
    return high
