"""The records of a binary protocol, as formats of `struct` have them, and numbers and bytes for their fields."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from wsreplay.generation.checksums import candidates, checksum
from wsreplay.generation.dice import Dice
from wsreplay.generation.knowledge import Layout, Shape

_MOST_SAID = 64
_BESIDE = (0, 1, 0, -1, 2, 4)
"""How far from what it is compared with a number is: what counts something can be reached if it is small."""

_NOTHING: Mapping[int, object] = {}
_FLOATS = (0.0, 1.0, -1.0, 1.5, math.inf, -math.inf, math.nan, 1e30)


class Record:
    """One layout of `struct`. `size` is in bytes; it `leads` a frame if its first field tells what follows."""

    def __init__(self, layout: Layout, heads: tuple[bytes, ...] = ()) -> None:
        self._format = layout.format
        self._struct = struct.Struct(layout.format)
        # What the format's own zeros look like tells the types of its fields.
        self._zeros = self._struct.unpack(bytes(self._struct.size))
        # Only a field of bytes may hold one of them.
        first = self._zeros[0] if self._zeros else None
        self.heads = tuple(head for head in heads if isinstance(first, bytes) and len(head) == len(first))
        shapes = (*layout.fields, *([Shape()] * len(self._zeros)))
        self._shapes = shapes[: len(self._zeros)]
        self._reaches = _reaches(layout.format)
        self.size = self._struct.size
        self.measures = any(shape.measures for shape in self._shapes)
        self.under = layout.under
        self.many = layout.many
        self.opcodes = tuple(bytes([one]) for one in layout.opcodes)
        self.leads = bool(self.heads or self._shapes[0].constants or self._shapes[0].chunks)

    def fields(self, data: bytes) -> tuple[Any, ...]:
        """What the record at the beginning of `data` holds."""
        return self._struct.unpack_from(data)

    def begins(self, data: bytes) -> bool:
        """Whether `data` begins with this record, as far as its fields can be but one thing."""
        if len(data) < self.size:
            return False
        for value, shape in zip(self.fields(data), self._shapes, strict=True):
            known = (*shape.constants, *shape.chunks)
            if len(known) == 1 and value != known[0]:
                return False
        return True

    def numbers(self, data: bytes) -> list[int]:
        """The integers of which nothing is known in the record at the beginning of `data`."""
        fields = zip(self.fields(data), self._shapes, strict=True)
        return [value for value, shape in fields if type(value) is int and _says_free(shape)]

    def altered(self, data: bytes, dice: Dice) -> bytes:
        """The record at the beginning of `data` with one of its fields changed, and what follows it."""
        values, at = list(self._struct.unpack(data[: self.size])), dice.below(len(self._zeros))
        values[at] = self._value(dice, at, len(data) - self.size, ())
        return self._packed(values) + data[self.size :]

    def sharpened(self, data: bytes, dice: Dice) -> bytes | None:
        """The record at the beginning of `data` with one of its free integers as small or large as it can be, and what
        follows it; None where it has none.
        """
        values = list(self.fields(data))
        free = [place for place, shape in enumerate(self._shapes) if type(values[place]) is int and _says_free(shape)]
        if not free:
            return None
        at = dice.pick(free)
        least, most = self._reaches[at]
        values[at] = dice.pick((most, most, least, most // 2 + 1, -1 if least else 0))
        return self._packed(values) + data[self.size :]

    def digests(self, dice: Dice, body: bytes) -> dict[int, int]:
        """What the fields hold, by number, that are checksums of what follows."""
        return {
            place: checksum(dice.pick(names), body, self._width(place))
            for place, shape in enumerate(self._shapes)
            if (names := candidates(shape.digests, 0))
        }

    def _width(self, place: int) -> int:
        """How many bytes an integer takes."""
        zeros = self._zeros
        most = ([*zeros[:place], (1 << 8 * size) - 1, *zeros[place + 1 :]] for size in (8, 4, 2, 1))
        return next((size for size, values in zip((8, 4, 2, 1), most, strict=True) if _fits(self._struct, values)), 1)

    def written(
        self, dice: Dice, following: int, heard: Sequence[int] = (), fixed: Mapping[int, object] = _NOTHING
    ) -> bytes:
        """The record as bytes; `following` is how much will come after it, in bytes or in whatever it counts. `heard`
        are numbers that were said before; `fixed` is what some fields are, by number.
        """
        values = [self._value(dice, place, following, heard) for place in range(len(self._zeros))]
        if self.heads and not self._shapes[0].chunks and not dice.one_in(8):
            values[0] = dice.pick(self.heads)
        for place, value in fixed.items():
            values[place] = value
        return self._packed(values)

    def _packed(self, values: list[object]) -> bytes:
        while True:
            try:
                return self._struct.pack(*values)
            except (struct.error, OverflowError):
                # Some number does not fit its field; zeros always do.
                values = [0 if type(value) is int and value not in range(256) else value for value in values]
                values = values if _fits(self._struct, values) else list(self._zeros)

    def said_back(self, record: bytes, dice: Dice, symbols: Callable[[int], list[bytes]]) -> bytes:
        """The record with a symbol instead of one of its free fields, if there is one of that size."""
        free = [
            place for place, shape in enumerate(self._shapes) if _says_free(shape) and _span(self._format, place)[1]
        ]
        if not free:
            return record
        at, size = _span(self._format, dice.pick(free))
        known = symbols(size)
        return record[:at] + dice.pick(known) + record[at + size :] if known else record

    def counts(self, data: bytes) -> list[int]:
        """The numbers at the beginning of `data` that could be how much of something there is."""
        return [one for one in self.fields(data) if type(one) is int and 0 < one <= _MOST_SAID]

    def _value(self, dice: Dice, place: int, following: int, heard: Sequence[int]) -> object:
        zero, shape = self._zeros[place], self._shapes[place]
        if isinstance(zero, bytes):
            return dice.pick(shape.chunks) if shape.chunks and not dice.one_in(8) else small_bytes(dice, len(zero))
        if isinstance(zero, bool):
            return dice.one_in(2)
        if isinstance(zero, float):
            return dice.pick(_FLOATS)
        if heard and _says_free(shape) and dice.one_in(2):
            # Where there is a limit, those below it are names of things that there are.
            below = [one for one in heard if one < max(shape.numbers)] if shape.numbers else heard
            if below:
                return dice.pick(below)
        return _number(dice, shape, following, self._reaches[place])


def _says_free(shape: Shape) -> bool:
    """Whether a field may hold any number, perhaps the name of something."""
    return not (shape.constants or shape.chunks or shape.measures or shape.digests)


def _number(dice: Dice, shape: Shape, following: int, reach: tuple[int, int]) -> int:
    known = [one for one in shape.constants if type(one) is int]
    # What is compared with zero alone is more often one that must not be.
    if known and not dice.one_in(3 if shape.numbers else 2 if known == [0] else 8):
        return dice.pick(known)
    if shape.measures and not dice.one_in(4):
        return following
    if shape.numbers and not dice.one_in(3):
        return dice.pick(shape.numbers) + dice.pick(_BESIDE)
    odd = dice.below(8)
    if odd < 3:
        return dice.below(6)
    least, most = reach
    if odd < 5:
        return dice.pick((most, most, most // 2, least, -1))
    return (following, following + 1, dice.pick((255, 65535)))[odd - 5]


def _fits(layout: struct.Struct, values: list[object]) -> bool:
    try:
        layout.pack(*values)
    except (struct.error, OverflowError):
        return False
    return True


@lru_cache(maxsize=256)
def _reaches(layout: str) -> tuple[tuple[int, int], ...]:
    """The least and the greatest number that each field of a format can hold; nothing for what is no integer."""
    form = struct.Struct(layout)
    zeros = form.unpack(bytes(form.size))
    return tuple(_reach(form, zeros, place) if type(zero) is int else (0, 0) for place, zero in enumerate(zeros))


def _reach(form: struct.Struct, zeros: tuple[Any, ...], place: int) -> tuple[int, int]:
    widths = [(0, (1 << bits) - 1, -(1 << bits - 1), (1 << bits - 1) - 1) for bits in (64, 32, 16, 8)]
    ranges = [pair for least, most, low, high in widths for pair in ((least, most), (low, high))]
    return next(pair for pair in ranges if _fits(form, [*zeros[:place], pair[1], *zeros[place + 1 :]]))


@lru_cache(maxsize=512)
def _span(layout: str, place: int) -> tuple[int, int]:
    """Where a field of a format begins, and its size in bytes; of a number that is no integer it is none."""
    form = struct.Struct(layout)
    zeros = form.unpack(bytes(form.size))
    zero = zeros[place]
    if type(zero) is int:
        other: object = _reaches(layout)[place][1]
    elif isinstance(zero, bytes):
        other = b"\xff" * len(zero)
    else:
        return 0, 0
    changed = form.pack(*zeros[:place], other, *zeros[place + 1 :])
    places = [at for at, byte in enumerate(changed) if byte]
    return (places[0], len(places)) if places else (0, 0)


def small_bytes(dice: Dice, size: int) -> bytes:
    """Bytes that are small numbers, or nothing that anybody expects."""
    shape = dice.below(4)
    if shape == 0 or size > 64:
        return bytes(size)
    if shape == 1:
        return bytes(max(0, size - 1)) + dice.bytes(min(size, 1))
    return bytes([dice.below(6) for _ in range(size)]) if shape == 2 else dice.bytes(size)


def size_of(layout: Layout) -> int:
    """How many bytes a record of this layout takes; 0 where it is none."""
    try:
        return struct.calcsize(layout.format)
    except struct.error:
        return 0
