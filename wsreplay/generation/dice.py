"""Many small decisions out of one draw.

Hypothesis charges for every draw (a scenario of twenty draws costs four times what a scenario of one costs), so a
scenario draws one block of bytes and everything else is decided here, from that block. Zero is always the simplest
decision, so Hypothesis's own simplest example is our simplest scenario.

Nothing here knows what is decided. There is no other source of chance in `generation/`, save the strategies of users
and of the models their handlers name, which draw for themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import shake_256
from typing import TypeVar

T = TypeVar("T")

BLOCK_SIZE = 56
"""Bytes of one block. Hypothesis mixes byte strings of up to 50 bytes that it finds in local source files into its
draws; a longer block keeps a seed's scenarios independent of where the code is installed."""

_ADVANCES = (1, 1, 1, 0, 1, 2, 1, 1)
_TAIL_SIZE = 8
_CHUNK = 1024


class Dice:
    """Decisions from one block of `BLOCK_SIZE` bytes: its head is used as it is, its tail seeds all that follows."""

    __slots__ = ("_at", "_bytes", "_chunks", "_tail")

    def __init__(self, block: bytes) -> None:
        self._bytes = block[:-_TAIL_SIZE]
        self._tail = block[-_TAIL_SIZE:]
        self._at = 0
        self._chunks = 0

    @classmethod
    def thrown(cls, seed: int, number: int) -> Dice:
        """The dice of try `number` under `seed`: the same on every machine, whatever was tried before."""
        return cls(shake_256(f"{seed}:{number}".encode()).digest(BLOCK_SIZE))

    def _more(self) -> None:
        seed = self._tail + self._chunks.to_bytes(4, "big")
        self._bytes = shake_256(seed).digest(_CHUNK) if any(self._tail) else bytes(_CHUNK)
        self._chunks += 1
        self._at = 0

    def byte(self) -> int:
        """The next byte, 0..255."""
        if self._at >= len(self._bytes):
            self._more()
        value = self._bytes[self._at]
        self._at += 1
        return value

    def below(self, limit: int) -> int:
        """An integer in 0..limit-1; `limit` is at most 2**24."""
        if limit <= 32:
            return self.byte() * limit >> 8
        if limit <= 4096:
            return (self.byte() << 8 | self.byte()) * limit >> 16
        return (self.byte() << 16 | self.byte() << 8 | self.byte()) * limit >> 24

    def one_in(self, rarity: int) -> bool:
        """True once in `rarity` times (at most 256); False is the simplest."""
        return self.byte() >= 256 - 256 // rarity

    def odds(self, chances: int) -> bool:
        """True `chances` times in 256; False is the simplest."""
        return self.byte() >= 256 - chances

    def pick(self, options: Sequence[T]) -> T:
        """One of `options`, which is not empty; the first is the simplest."""
        return options[self.below(len(options))]

    def onward(self, turn: int) -> int:
        """Where an order goes on after `turn`: mostly with the next, now and then with the same or the one after it."""
        return turn + self.pick(_ADVANCES)

    def bytes(self, size: int) -> bytes:
        """`size` bytes."""
        return bytes([self.byte() for _ in range(size)])
