"""Binary messages for a handler of which something is known: an opcode, a header, what it compares frames with."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wsreplay.generation import payloads
from wsreplay.generation.checksums import candidates, checksum
from wsreplay.generation.dice import Dice
from wsreplay.generation.knowledge import Knowledge, Layout, Shape
from wsreplay.generation.trailers import Trailer

_BIGGEST_LAYOUT = 4096
_MOST_RECORDS = 3
_MOST_HEARD = 12
_MOST_SAID = 64
_BESIDE = (0, 1, 0, -1, 2, 4)
"""How far from what it is compared with a number is: what counts something can be reached if it is small."""

_NOTHING: Mapping[int, object] = {}
_ADVANCES = (1, 1, 1, 0, 1, 2, 1, 1)
_FLOATS = (0.0, 1.0, -1.0, 1.5, math.inf, -math.inf, math.nan, 1e30)


class Frames:
    """Writes frames out of the pieces that a handler is known to look for. False when there are none. In an `orderly`
    scenario most opcodes come one after the other, as the source has them.
    """

    def __init__(self, knowledge: Knowledge, orderly: bool = False) -> None:
        self._orderly = orderly
        self._turn = -1
        self._said: list[int] = []
        shape = knowledge.blob
        item = shape.item
        known = (*item.constants, *item.numbers) if item is not None else ()
        self._leads = bool(known)
        self._items = tuple(
            dict.fromkeys(one for one in known or knowledge.codes if type(one) is int and 0 <= one < 256)
        )
        self._opcodes = tuple(bytes([one]) for one in self._items)
        self._chunks = knowledge.chunks
        layouts = [layout for layout in knowledge.layouts if 0 < _size(layout) <= _BIGGEST_LAYOUT]
        heads = _heads(knowledge.chunks, len(layouts))
        self._records = tuple(Record(layout, head) for layout, head in zip(layouts, heads, strict=True))
        self._cases = _cases(layouts)
        self._trailer = Trailer(knowledge.trailer) if knowledge.trailer is not None else None
        self._lengths = (*shape.lengths, *(record.size for record in self._records))
        told = self._opens = any(record.opcodes for record in self._records)
        # A header with a version or an opcode in it: without one nothing gets anywhere.
        self._headed = bool(layouts) and any(shape.constants not in ((), (0,)) for shape in layouts[0].fields)
        # Each record begins with a literal of its own: it is all that there is.
        self._whole = bool(layouts) and len(layouts) == len(knowledge.chunks)
        writers: tuple[tuple[object, Callable[[Dice], bytes]], ...] = (
            *[(told, self._told)] * 3,
            (self._opcodes, self._opened),
            (self._chunks, self._chunk),
            (self._lengths, self._sized),
            *[(self._cases, self._cased)] * 8,
            *[(self._records, self._recorded)] * (6 if self._headed or self._whole else 1 if told else 2),
        )
        self._numbers: list[int] = []
        self._writers: tuple[Callable[[Dice], bytes], ...] = tuple(writer for known, writer in writers if known)

    def __bool__(self) -> bool:
        return bool(self._writers)

    def frame(self, dice: Dice) -> bytes:
        """One frame; now and then cut short or with something behind it."""
        told = self._orderly and self._opens and not dice.one_in(4)
        cased = self._orderly and self._cases and not dice.one_in(8)
        written = self._told(dice) if told else self._cased(dice) if cased else dice.pick(self._writers)(dice)
        if self._trailer is not None and not dice.one_in(8):
            written = self._trailer.sealed(dice, written)
        if dice.one_in(8):
            return written[: dice.below(len(written) + 1)]
        return written + payloads.blob(dice) if dice.one_in(8) else written

    def altered(self, data: bytes, dice: Dice) -> bytes:
        """The frame with one field of it changed, if it begins with a record that is known; else one byte."""
        trailer = self._trailer
        if trailer is None or len(data) <= trailer.size or dice.one_in(8):
            return self._changed(data, dice)
        return trailer.resealed(data, self._changed(data[: -trailer.size], dice))

    def _changed(self, data: bytes, dice: Dice) -> bytes:
        records = self._found(data) or [(0, record) for record in self._records if len(data) == record.size]
        records += [(1, record) for record in self._records if data[:1] in record.opcodes and len(data) > record.size]
        records = records or [(0, record) for record in self._records[:1] if len(data) > record.size]
        if records and not (self._items and dice.one_in(4)):
            start, record = dice.pick(records)
            return data[:start] + record.altered(data[start:], dice)
        at = dice.below(len(data) + 1)
        return data[:at] + self._bytes(dice, 1) + data[at + 1 :]

    def _found(self, data: bytes) -> list[tuple[int, Record]]:
        """The header at the beginning of a frame and what is unpacked under it, each with where it begins."""
        header = self._records[0] if self._cases else None
        if header is None or len(data) < header.size:
            return []
        told = set(enumerate(header.fields(data)))
        bodies = [record for record in self._records if not told.isdisjoint(record.under)]
        return [(0, header), *((header.size, one) for one in bodies if len(data) >= header.size + one.size)]

    def hear(self, data: bytes) -> None:
        """Take note of the numbers in a frame, to say them again: many are the name of something, and what follows may
        be as long as they say.
        """
        for record in self._records:
            if len(data) == record.size:
                self._numbers += record.numbers(data)
            elif data[:1] in record.opcodes and len(data) > record.size:
                self._numbers += record.numbers(data[1:])
                self._said += record.counts(data[1:])
        del self._numbers[:-_MOST_HEARD]

    def _told(self, dice: Dice) -> bytes:
        """An opcode and the record that the handler unpacks after it; what goes on behind it is mostly measured."""
        if self._orderly and not dice.one_in(4):
            self._turn += dice.pick(_ADVANCES)
            opcode = self._opcodes[self._turn % len(self._opcodes)]
        else:
            opcode = dice.pick(self._opcodes)
        fitting = [record for record in self._records if opcode in record.opcodes]
        if not fitting:
            return opcode + (self._rest(dice) if dice.one_in(3) else b"")
        record = dice.pick(fitting)
        rest = self._rest(dice) if record.measures is not dice.one_in(4) else b""
        frame = opcode + record.written(dice, len(rest), self._numbers) + rest
        self.hear(frame)
        return frame

    def _cased(self, dice: Dice) -> bytes:
        """A header, and the record that the handler unpacks where a field of the header has some value."""
        header = self._records[0]
        if self._orderly and not dice.one_in(4):
            self._turn += dice.pick(_ADVANCES)
            place, value = self._cases[self._turn % len(self._cases)]
        else:
            place, value = dice.pick(self._cases)
        fitting = [record for record in self._records if (place, value) in record.under]
        count = 1 if not dice.one_in(4) else dice.below(_MOST_RECORDS + 1)
        body = b"".join([dice.pick(fitting).written(dice, 0, self._numbers) for _ in range(count)]) if fitting else b""
        if dice.one_in(8 if fitting else 2):
            body += self._rest(dice)
        frame = header.written(dice, len(body), self._numbers, {place: value, **header.digests(dice, body)}) + body
        self.hear(frame)
        return frame

    def _opened(self, dice: Dice) -> bytes:
        return dice.pick(self._opcodes) + self._rest(dice)

    def _chunk(self, dice: Dice) -> bytes:
        return dice.pick(self._chunks) + (b"" if dice.one_in(2) else self._rest(dice))

    def _sized(self, dice: Dice) -> bytes:
        size = max(0, dice.pick(self._lengths) + dice.pick((0, 1, -1, 0)))
        return self._bytes(dice, size) + (self._rest(dice) if dice.one_in(4) else b"")

    def _recorded(self, dice: Dice) -> bytes:
        """A record, mostly of the layout that comes first in the source, and what belongs to it. An opcode comes before
        it where frames are told by their first byte, unless that is a part of the record.
        """
        first = not dice.one_in(4) if self._headed else dice.one_in(3)
        record = self._records[0] if first else dice.pick(self._records)
        rest = b"" if not dice.one_in(8 if self._whole else 2) else self._rest(dice)
        # It tells how long the rest is in bytes, or in records.
        unit = dice.pick(self._records).size if dice.one_in(2) else 1
        following = len(rest) if len(rest) % unit else len(rest) // unit
        opcodes = record.opcodes or self._opcodes
        led = self._leads and not record.leads
        opcode = b""
        if opcodes and (led or record is not self._records[0]) and dice.one_in(2):
            opcode = dice.pick(opcodes)
        frame = opcode + record.written(dice, following, self._numbers, record.digests(dice, rest)) + rest
        self.hear(frame)
        return frame

    def _rest(self, dice: Dice) -> bytes:
        if self._said and dice.one_in(2):
            return _bytes(dice, dice.pick(self._said))
        shape = dice.below(8)
        if self._records and shape < 2:
            count = dice.below(_MOST_RECORDS + 1)
            record = dice.pick(self._records)
            head = bytes([count]) if dice.one_in(2) else b""
            return head + b"".join([record.written(dice, 0) for _ in range(count)])
        if self._lengths and shape < 5:
            return self._bytes(dice, max(0, dice.pick(self._lengths) + dice.pick((0, 0, -1, 1))))
        if shape < 6:
            # What follows is as long as the byte before it says.
            body = _bytes(dice, dice.below(9)) if dice.one_in(2) else payloads.text(dice).encode()[:255]
            return bytes([len(body)]) + body
        return payloads.blob(dice) if dice.one_in(2) else _bytes(dice, dice.below(9))

    def _bytes(self, dice: Dice, size: int) -> bytes:
        """So many bytes, some of them what the handler compares bytes with, or one more or less."""
        if not self._items or size > 64 or dice.one_in(2):
            return _bytes(dice, size)
        return bytes([(dice.pick(self._items) + dice.pick((0, 0, 1, -1))) % 256 for _ in range(size)])


def _heads(chunks: tuple[bytes, ...], layouts: int) -> list[tuple[bytes, ...]]:
    """With what the records of each layout may begin: where there are as many as layouts, each has its own."""
    return [(chunk,) for chunk in chunks] if len(chunks) == layouts else [chunks] * layouts


def _cases(layouts: list[Layout]) -> tuple[tuple[int, int], ...]:
    """The values of a header's fields, by number, under which something else is unpacked, and their other values."""
    under = [one for layout in layouts for one in layout.under]
    places = {place for place, _ in under}
    known = [
        (place, one)
        for place, shape in enumerate(layouts[0].fields if under else ())
        for one in shape.constants
        if place in places and type(one) is int
    ]
    return tuple(dict.fromkeys((*known, *under)))


class Record:
    """One layout of `struct`. `size` is in bytes; it `leads` a frame if its first field tells what follows."""

    def __init__(self, layout: Layout, heads: tuple[bytes, ...] = ()) -> None:
        self._heads = heads
        self._struct = struct.Struct(layout.format)
        # What the format's own zeros look like tells the types of its fields.
        self._zeros = self._struct.unpack(bytes(self._struct.size))
        shapes = (*layout.fields, *([Shape()] * len(self._zeros)))
        self._shapes = shapes[: len(self._zeros)]
        self.size = self._struct.size
        self.measures = any(shape.measures for shape in self._shapes)
        self.under = layout.under
        self.opcodes = tuple(bytes([one]) for one in layout.opcodes)
        self.leads = bool(heads or self._shapes[0].constants or self._shapes[0].chunks)

    def fields(self, data: bytes) -> tuple[Any, ...]:
        """What the record at the beginning of `data` holds."""
        return self._struct.unpack_from(data)

    def numbers(self, data: bytes) -> list[int]:
        """The integers of which nothing is known in the record at the beginning of `data`."""
        fields = zip(self.fields(data), self._shapes, strict=True)
        return [value for value, shape in fields if type(value) is int and not shape and not shape.measures]

    def altered(self, data: bytes, dice: Dice) -> bytes:
        """The record at the beginning of `data` with one of its fields changed, and what follows it."""
        values, at = list(self._struct.unpack(data[: self.size])), dice.below(len(self._zeros))
        values[at] = self._value(dice, self._zeros[at], self._shapes[at], len(data) - self.size, ())
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
        values = [
            self._value(dice, zero, shape, following, heard)
            for zero, shape in zip(self._zeros, self._shapes, strict=True)
        ]
        heads = [head for head in self._heads if isinstance(self._zeros[0], bytes) and len(head) == len(self._zeros[0])]
        if heads and not self._shapes[0].chunks and not dice.one_in(8):
            values[0] = dice.pick(heads)
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

    def counts(self, data: bytes) -> list[int]:
        """The numbers at the beginning of `data` that could be how much of something there is."""
        return [one for one in self.fields(data) if type(one) is int and 0 < one <= _MOST_SAID]

    def _value(self, dice: Dice, zero: object, shape: Shape, following: int, heard: Sequence[int]) -> object:
        if isinstance(zero, bytes):
            return dice.pick(shape.chunks) if shape.chunks and not dice.one_in(8) else _bytes(dice, len(zero))
        if isinstance(zero, bool):
            return dice.one_in(2)
        if isinstance(zero, float):
            return dice.pick(_FLOATS)
        if heard and not shape and not shape.measures and not dice.one_in(3):
            return dice.pick(heard)
        return _number(dice, shape, following)


def _number(dice: Dice, shape: Shape, following: int) -> int:
    known = [one for one in shape.constants if type(one) is int]
    # What is compared with zero alone is more often one that must not be.
    if known and not dice.one_in(3 if shape.numbers else 2 if known == [0] else 8):
        return dice.pick(known)
    if shape.measures and not dice.one_in(4):
        return following
    if shape.numbers and not dice.one_in(4):
        return dice.pick(shape.numbers) + dice.pick(_BESIDE)
    odd = dice.below(8)
    if odd < 4:
        return dice.below(6)
    return (following, following + 1, dice.pick((255, 65535)), -1)[odd - 4]


def _fits(layout: struct.Struct, values: list[object]) -> bool:
    try:
        layout.pack(*values)
    except (struct.error, OverflowError):
        return False
    return True


def _bytes(dice: Dice, size: int) -> bytes:
    """Bytes that are small numbers, or nothing that anybody expects."""
    shape = dice.below(4)
    if shape == 0 or size > 64:
        return bytes(size)
    if shape == 1:
        return bytes(max(0, size - 1)) + dice.bytes(min(size, 1))
    return bytes([dice.below(6) for _ in range(size)]) if shape == 2 else dice.bytes(size)


def _size(layout: Layout) -> int:
    try:
        return struct.calcsize(layout.format)
    except struct.error:
        return 0
