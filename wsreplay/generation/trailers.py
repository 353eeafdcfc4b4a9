"""What the frames of a binary protocol end with: a checksum over what comes before it, or bytes that never change."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from wsreplay.generation.checksums import candidates, checksum
from wsreplay.generation.dice import Dice
from wsreplay.generation.knowledge import Layout

_HEADS = (0, 0, 0, 1, 2, 4)
"""Bytes at the beginning of a frame that a checksum may leave out."""

Habit = tuple[str, int]
"""Which checksum a frame ends with, and how many bytes at its beginning it leaves out."""


class Trailer:
    """Writes what a frame ends with; `size` is in bytes. It writes the checksum of one scenario always alike."""

    def __init__(self, layout: Layout) -> None:
        self._struct = struct.Struct(layout.format)
        self.size = self._struct.size
        shape = layout.fields[0]
        fixed = [self._packed(one) for one in (*shape.constants, *shape.chunks) if one]
        self._fixed = [end for end in fixed if end is not None]
        # Where it is none that the source names, it may be any that is usual.
        self._names = candidates(shape.digests, self.size) if shape.digests else ()
        self._habit: Habit | None = None

    def sealed(self, dice: Dice, frame: bytes) -> bytes:
        """The frame with its end; the frame itself where no end is known."""
        if self._fixed:
            return frame + dice.pick(self._fixed)
        if not self._names:
            return frame
        self._habit = self._habit or (dice.pick(self._names), dice.pick(_HEADS))
        return frame + self._end(frame, self._habit)

    def resealed(self, frame: bytes, changed: bytes) -> bytes:
        """What a frame has become, without its end, with the end that belongs to it."""
        end = frame[-self.size :]
        for habit in self._habits():
            if end == self._end(frame[: -self.size], habit):
                return changed + self._end(changed, habit)
        return changed + end

    def _habits(self) -> Iterator[Habit]:
        for name in self._names:
            for head in dict.fromkeys(_HEADS):
                yield name, head

    def _end(self, frame: bytes, habit: Habit) -> bytes:
        name, head = habit
        return self._packed(checksum(name, frame[head:], self.size)) or b""

    def _packed(self, value: object) -> bytes | None:
        try:
            return self._struct.pack(value)
        except struct.error:
            return None
