"""What is another every time in binary replies: identifiers, which a client can say back by a symbol."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

_LONGEST = 64
_MOST_FORMS = 32
_MOST_HEADS = 8
"""Replies of one length that begin with more bytes than this begin with no opcode."""

_WIDEST = 16


class BinaryEchoes:
    """Where replies of one form differ from each other; a form is a length, and mostly what a reply begins with."""

    def __init__(self) -> None:
        self._first: dict[tuple[int, bytes], bytes] = {}
        self._differ: dict[tuple[int, bytes], set[int]] = {}
        self._heads: dict[int, set[bytes]] = {}

    def __bool__(self) -> bool:
        return any(self._differ.values())

    def hear(self, reply: bytes) -> None:
        """Take note of a reply."""
        if not 1 < len(reply) <= _LONGEST:
            return
        size, head = len(reply), reply[:1]
        self._heads.setdefault(size, set()).add(head)
        for form in ((size, head), (size, b"")):
            first = self._first.get(form)
            if first is not None:
                places = (place for place, (one, other) in enumerate(zip(first, reply, strict=True)) if one != other)
                self._differ[form].update(places)
            elif len(self._first) < _MOST_FORMS:
                self._first[form] = reply
                self._differ[form] = set()

    def symbols(self, size: int) -> list[bytes]:
        """Symbols for so many bytes that are another in every reply of some form: for those that are just as many, if
        there are any.
        """
        exact: dict[bytes, None] = {}
        other: dict[bytes, None] = {}
        for (length, head), places in self._differ.items():
            many = len(self._heads[length]) > _MOST_HEADS
            if bool(head) is many or not 1 < size <= _WIDEST:
                continue
            told = b":" + head.hex().encode() if head else b""
            for start, end in _runs(places):
                found = exact if end - start == size else other
                # A small number differs in its last byte, or in its first.
                for at in dict.fromkeys((start, end - size)) if end - start <= size else (start,):
                    if 0 <= at <= length - size:
                        found[b"{{bytes:%d:%d%s}}" % (at, size, told)] = None
        return list(exact or other)


def _runs(places: set[int]) -> Iterator[tuple[int, int]]:
    for start in sorted(places):
        if start - 1 not in places:
            yield start, next(end for end in count(start) if end not in places)
