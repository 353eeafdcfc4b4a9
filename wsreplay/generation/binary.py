"""Binary messages for a handler of which something is known: an opcode, a header, what it compares frames with."""

from __future__ import annotations

import struct
from collections.abc import Callable

from wsreplay.generation import payloads
from wsreplay.generation.dice import Dice
from wsreplay.generation.knowledge import Knowledge

_BIGGEST_LAYOUT = 4096


class Frames:
    """Writes frames out of the pieces that a handler is known to look for. False when there are none."""

    def __init__(self, knowledge: Knowledge) -> None:
        shape = knowledge.blob
        item = shape.item
        firsts = (*item.constants, *item.numbers) if item is not None else ()
        self._opcodes = tuple(dict.fromkeys(bytes([one]) for one in firsts if type(one) is int and 0 <= one < 256))
        self._chunks = knowledge.chunks
        self._sizes = tuple(size for size in map(_size, knowledge.layouts) if size)
        self._lengths = (*shape.lengths, *self._sizes)
        writers = ((self._opcodes, self._opened), (self._chunks, self._chunk), (self._lengths, self._sized))
        self._writers: tuple[Callable[[Dice], bytes], ...] = tuple(writer for known, writer in writers if known)

    def __bool__(self) -> bool:
        return bool(self._writers)

    def frame(self, dice: Dice) -> bytes:
        """One frame; now and then cut short or with something behind it."""
        written = dice.pick(self._writers)(dice)
        if dice.one_in(8):
            return written[: dice.below(len(written) + 1)]
        return written + payloads.blob(dice) if dice.one_in(8) else written

    def _opened(self, dice: Dice) -> bytes:
        return dice.pick(self._opcodes) + self._rest(dice)

    def _chunk(self, dice: Dice) -> bytes:
        return dice.pick(self._chunks) + (b"" if dice.one_in(2) else self._rest(dice))

    def _sized(self, dice: Dice) -> bytes:
        size = max(0, dice.pick(self._lengths) + dice.pick((0, 1, -1, 0)))
        return _bytes(dice, size) + (self._rest(dice) if dice.one_in(4) else b"")

    def _rest(self, dice: Dice) -> bytes:
        if self._sizes and not dice.one_in(4):
            return _bytes(dice, max(0, dice.pick(self._sizes) + dice.pick((0, 0, -1, 1))))
        return payloads.blob(dice) if dice.one_in(2) else _bytes(dice, dice.below(9))


def _bytes(dice: Dice, size: int) -> bytes:
    """Bytes that are small numbers, or nothing that anybody expects."""
    shape = dice.below(4)
    if shape == 0 or size > 64:
        return bytes(size)
    if shape == 1:
        return bytes(max(0, size - 1)) + dice.bytes(min(size, 1))
    return bytes([dice.below(6) for _ in range(size)]) if shape == 2 else dice.bytes(size)


def _size(layout: str) -> int:
    try:
        size = struct.calcsize(layout)
    except struct.error:
        return 0
    return size if size <= _BIGGEST_LAYOUT else 0
