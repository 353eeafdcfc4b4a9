"""Binary messages for a handler of which something is known: an opcode, a header, what it compares frames with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wsreplay.generation import edges, payloads
from wsreplay.generation.binary_echoes import BinaryEchoes
from wsreplay.generation.dice import Dice, T
from wsreplay.generation.knowledge import Knowledge, Layout
from wsreplay.generation.records import Record, size_of, small_bytes
from wsreplay.generation.trailers import Trailer

_BIGGEST_LAYOUT = 4096
_MOST_RECORDS = 3
_MOST_HEARD = 12
_MOST_MORE = 64
_LONGEST_TEXT = 512

SILENCE = BinaryEchoes()
"""What has heard nothing."""


class Frames:
    """Writes frames out of the pieces that a handler is known to look for. False when there are none. In an `orderly`
    scenario most opcodes come one after the other, as the source has them.
    """

    def __init__(self, knowledge: Knowledge, orderly: bool = False, echoes: BinaryEchoes = SILENCE) -> None:
        self._orderly = orderly
        self._echoes = echoes
        self._turn = -1
        self._said: list[int] = []
        self._contents: list[bytes] = []
        shape = knowledge.blob
        item = shape.item
        bytes_ = (*item.constants, *item.numbers) if item is not None else ()
        self._leads = bool(bytes_)
        # A byte tells how much follows it, or how many.
        self._counts = item is not None and item.measures
        self._items = tuple(
            dict.fromkeys(one for one in bytes_ or knowledge.codes if type(one) is int and 0 <= one < 256)
        )
        self._opcodes = tuple(bytes([one]) for one in self._items)
        self._upper = all(one % 16 == 0 for one in self._items)
        self._chunks = knowledge.chunks
        known = [layout for layout in knowledge.layouts if 0 < size_of(layout) <= _BIGGEST_LAYOUT]
        self._wholes = tuple(Record(layout) for layout in known if layout.whole)
        layouts = [layout for layout in known if not layout.whole]
        heads = _heads(knowledge.chunks, len(layouts))
        self._records = tuple(Record(layout, head) for layout, head in zip(layouts, heads, strict=True))
        self._cases = _cases(layouts)
        self._varint = knowledge.varint
        self._trailer = Trailer(knowledge.trailer) if knowledge.trailer is not None else None
        self._lengths = (*shape.lengths, *(record.size for record in self._records))
        told = self._opens = any(record.opcodes for record in self._records)
        # A header with a version or an opcode in it: without one nothing gets anywhere.
        self._headed = bool(layouts) and any(shape.constants not in ((), (0,)) for shape in layouts[0].fields)
        # Each record begins with a literal of its own: it is all that there is.
        self._whole = (
            bool(layouts) and len(layouts) == len(knowledge.chunks) and all(one.heads for one in self._records)
        )
        writers: tuple[tuple[object, Callable[[Dice], bytes]], ...] = (
            *[(self._wholes, self._framed)] * 8,
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
        whole = self._orderly and self._wholes and not dice.one_in(8)
        writer = self._told if told else self._cased if cased else self._framed if whole else dice.pick(self._writers)
        written = writer(dice)
        if self._varint and len(written) > 1 and not dice.one_in(8):
            written = written[:1] + varint(len(written) - 1) + written[1:]
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

    def sharpened(self, data: bytes, dice: Dice) -> bytes | None:
        """The frame with one number at the edge of what its field can hold; None where no field is known to be free."""
        trailer = self._trailer
        body = data if trailer is None or len(data) <= trailer.size else data[: -trailer.size]
        for start, record in reversed(self._known(body)):
            if (sharp := record.sharpened(body[start:], dice)) is not None:
                sharp = body[:start] + sharp
                return sharp if body is data or trailer is None else trailer.resealed(data, sharp)
        return None

    def _known(self, data: bytes) -> list[tuple[int, Record]]:
        """The records that are in a frame, each with where it begins."""
        whole = [(0, record) for record in self._wholes if record.begins(data)]
        if whole:
            return whole
        records = self._found(data) or [(0, record) for record in self._records if len(data) == record.size]
        records += [(1, record) for record in self._records if data[:1] in record.opcodes and len(data) > record.size]
        return records or [(0, record) for record in self._records[:1] if len(data) > record.size]

    def _changed(self, data: bytes, dice: Dice) -> bytes:
        records = self._known(data)
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
        self._numbers += next((record.numbers(data) for record in self._wholes if record.begins(data)), [])
        for start, record in self._found(data)[1:]:
            self._numbers += record.numbers(data[start:])
        for record in self._records:
            if len(data) == record.size:
                self._numbers += record.numbers(data)
            elif data[:1] in record.opcodes and len(data) > record.size:
                self._numbers += record.numbers(data[1:])
                self._said += record.counts(data[1:])
        del self._numbers[:-_MOST_HEARD]

    def _said_back(self, dice: Dice, frame: bytes, start: int, record: Record) -> bytes:
        """The frame, half of the time with something in a record of it that the app has handed out. A checksum would
        not be that of what is sent.
        """
        if not self._echoes or self._trailer is not None or not dice.one_in(2):
            return frame
        return frame[:start] + record.said_back(frame[start:], dice, self._echoes.symbols)

    def _framed(self, dice: Dice) -> bytes:
        """A frame whose fields are known by their places; what goes on behind them is mostly measured."""
        record = self._chosen(dice, self._wholes)
        rest = self._behind(dice, record)
        frame = record.written(dice, len(rest), self._numbers) + rest
        self.hear(frame)
        return self._said_back(dice, frame, 0, record)

    def _told(self, dice: Dice) -> bytes:
        """An opcode and the record that the handler unpacks after it; what goes on behind it is mostly measured."""
        opcode = self._chosen(dice, self._opcodes)
        led = self._flagged(dice, opcode)
        fitting = [record for record in self._records if opcode in record.opcodes]
        if not fitting:
            return led + (self._rest(dice) if dice.one_in(3) else self._content(dice) if dice.one_in(3) else b"")
        record = dice.pick(fitting)
        if record.many and not dice.one_in(4):
            return led + self._several(dice, record)
        rest = self._behind(dice, record)
        frame = led + record.written(dice, len(rest), self._numbers) + rest
        self.hear(frame)
        return self._said_back(dice, frame, len(led), record)

    def _chosen(self, dice: Dice, options: Sequence[T]) -> T:
        """One of the options; in an orderly scenario mostly the one after the last, as the source has them."""
        if not self._orderly or dice.one_in(4):
            return dice.pick(options)
        self._turn = dice.onward(self._turn)
        return options[self._turn % len(options)]

    def _flagged(self, dice: Dice, opcode: bytes) -> bytes:
        """An opcode, now and then with flags in its lower bits where all opcodes are in the upper ones."""
        free = self._upper and dice.one_in(2)
        return bytes([opcode[0] | 1 << dice.below(4)]) if free else opcode

    def _behind(self, dice: Dice, record: Record) -> bytes:
        """What comes after a record: what it measures, or as much as makes a frame of a known length."""
        if record.measures is not dice.one_in(4):
            return self._rest(dice) if self._said or dice.one_in(2) else self._content(dice)
        more = [size - record.size for size in self._lengths if record.size < size <= record.size + _MOST_MORE]
        return small_bytes(dice, dice.pick(more)) if more and dice.one_in(2) else b""

    def _several(self, dice: Dice, record: Record) -> bytes:
        """Some records of a kind, mostly with their number before them."""
        count = dice.below(_MOST_RECORDS + 1)
        head = bytes([count]) if dice.one_in(2) else b""
        return head + b"".join([self._one(dice, record) for _ in range(count)])

    def _one(self, dice: Dice, record: Record) -> bytes:
        """A record among others, half of the time with what it measures; now and then cut short."""
        body = self._content(dice) if record.measures and dice.one_in(2) else b""
        written = record.written(dice, len(body)) + body
        return written[: dice.below(len(written))] if dice.one_in(8) else written

    def _content(self, dice: Dice) -> bytes:
        """What somebody wants to say: a word, often one that was said before, or any bytes."""
        if dice.one_in(4):
            return payloads.blob(dice)
        if self._lengths and dice.one_in(8):
            # As long as is allowed in letters, and longer in bytes.
            return (dice.pick(("a", "\u00e9")) * min(_LONGEST_TEXT, dice.pick(self._lengths))).encode()
        if not self._contents or dice.one_in(2):
            self._contents.append(dice.pick(edges.WORDS).encode())
        return dice.pick(self._contents)

    def _cased(self, dice: Dice) -> bytes:
        """A header, and the record that the handler unpacks where a field of the header has some value."""
        header = self._records[0]
        place, value = self._chosen(dice, self._cases)
        fitting = [record for record in self._records if (place, value) in record.under]
        count = 1 if not dice.one_in(4) else dice.below(_MOST_RECORDS + 1)
        records = [dice.pick(fitting) for _ in range(count if fitting else 0)]
        counted = bytes([count]) if self._counts and fitting and dice.one_in(2) else b""
        body = counted + b"".join([record.written(dice, 0, self._numbers) for record in records])
        if dice.one_in(4 if fitting else 2):
            body += self._rest(dice) if dice.one_in(2) else self._content(dice)
        digests = header.digests(dice, body)
        frame = header.written(dice, len(body), self._numbers, {place: value, **digests}) + body
        self.hear(frame)
        return (
            self._said_back(dice, frame, header.size + len(counted), records[0]) if records and not digests else frame
        )

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
            return small_bytes(dice, dice.pick(self._said))
        if self._chunks and self._headed and not self._whole and dice.one_in(4):
            # What bytes are compared with may be what stands behind a header: a name, a secret, a magic number before
            # something else.
            chunk = dice.pick(self._chunks)
            more = [size - len(chunk) for size in self._lengths if 0 < size - len(chunk) <= _MOST_MORE]
            return chunk + (self._bytes(dice, dice.pick(more)) if more and dice.one_in(2) else b"")
        shape = dice.below(8)
        if self._records and shape < 2:
            return self._several(dice, dice.pick(self._records))
        if self._lengths and shape < 5:
            return self._bytes(dice, max(0, dice.pick(self._lengths) + dice.pick((0, 0, -1, 1))))
        if shape < 6:
            # What follows is as long as the byte before it says.
            body = small_bytes(dice, dice.below(9)) if dice.one_in(2) else self._content(dice)[:255]
            return bytes([len(body)]) + body
        return payloads.blob(dice) if dice.one_in(2) else small_bytes(dice, dice.below(9))

    def _bytes(self, dice: Dice, size: int) -> bytes:
        """So many bytes, some of them what the handler compares bytes with, or one more or less."""
        if not self._items or size > 64 or dice.one_in(2):
            return small_bytes(dice, size)
        return bytes([(dice.pick(self._items) + dice.pick((0, 0, 1, -1))) % 256 for _ in range(size)])


def varint(number: int) -> bytes:
    """A number in as many groups of seven bits as it takes, the lowest first (LEB128)."""
    groups = [number >> shift & 0x7F for shift in range(0, max(number.bit_length(), 1), 7)]
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


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
