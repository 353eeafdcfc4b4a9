"""Messages of which nothing is known: random texts, JSON texts and bytes, mixed with edge cases.

JSON is put together as text, so that it can say what no Python value says: duplicate keys, NaN, broken syntax.
"""

from __future__ import annotations

from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quote
from typing import TypeAlias

from wsreplay.generation import edges
from wsreplay.generation.dice import Dice
from wsreplay.model import Kind

Payload = tuple[Kind, str | bytes]
"""What a Send step carries: its kind and its data."""

Path: TypeAlias = tuple[str | int, ...]
"""The keys and numbers that lead to a value in a JSON document."""

Again: TypeAlias = Callable[[Path], str | None]
"""Gives another value, as JSON text, for what stands at a path; None where nothing is known of it."""

_KINDS: tuple[Kind, ...] = ("text", "json", "text", "json", "bytes")

_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "abc ABC 0123 .,:;/|=-_#@!?",
    "".join(map(chr, range(128))),
    'aé日😀\x00\n"\\\u2028\u0301ßİ٣²\U0010ffff',
)


def text(dice: Dice) -> str:
    """A text message, or any string that a client could send."""
    shape = dice.below(16)
    if shape < 5:
        return dice.pick(edges.WORDS)
    if shape < 12:
        return dice.pick(edges.TEXTS)
    if shape < 13:
        return ""
    if shape < 14:
        alphabet = dice.pick(_ALPHABETS)
        return "".join([dice.pick(alphabet) for _ in range(dice.below(13))])
    return document(dice)


def blob(dice: Dice) -> bytes:
    """A binary message."""
    shape = dice.below(16)
    if shape < 9:
        return dice.pick(edges.BLOBS)
    if shape < 11:
        return b""
    if shape < 13:
        return dice.bytes(dice.below(17))
    if shape < 15:
        return dice.pick(edges.BLOBS) + dice.pick(edges.BLOBS)
    return text(dice).encode()


def document(dice: Dice) -> str:
    """A JSON message as text; one in sixteen is not JSON."""
    shape = dice.below(16)
    if shape < 5:
        return dice.pick(edges.DOCUMENTS)
    if shape < 12:
        return mapping(dice, 2)
    if shape < 14:
        return value(dice, 2)
    if shape < 15:
        return sequence(dice, 2)
    return "" if dice.one_in(3) else dice.pick(edges.BROKEN_DOCUMENTS)


def value(dice: Dice, depth: int) -> str:
    """Any JSON value as text, nested at most `depth` levels beyond the tables' own nesting."""
    shape = dice.below(8)
    if shape < 3 or depth == 0:
        return dice.pick(edges.SCALARS)
    if shape < 5:
        return quote(dice.pick(edges.WORDS))
    if shape < 6:
        return str(dice.below(100))
    return mapping(dice, depth - 1) if shape < 7 else sequence(dice, depth - 1)


def mapping(dice: Dice, depth: int) -> str:
    """A JSON object as text, with 0-3 keys, the same key twice now and then."""
    members = [f"{quote(dice.pick(edges.KEYS))}: {value(dice, depth)}" for _ in range(dice.below(4))]
    return "{" + ", ".join(members) + "}"


def sequence(dice: Dice, depth: int) -> str:
    """A JSON array of 0-3 values as text."""
    return "[" + ", ".join([value(dice, depth) for _ in range(dice.below(4))]) + "]"


def message(dice: Dice) -> Payload:
    """A message of any kind: text, JSON and bytes, about 2:2:1."""
    return of_kind(dice.pick(_KINDS), dice)


def of_kind(kind: Kind, dice: Dice) -> Payload:
    """A message of one kind."""
    if kind == "bytes":
        return kind, blob(dice)
    return kind, text(dice) if kind == "text" else document(dice)


def misfit(kinds: tuple[Kind, ...], dice: Dice) -> Payload:
    """Mostly a frame of the other kind than a handler of `kinds` reads, often empty; any message if it reads both."""
    if dice.one_in(4):
        return ("bytes", b"") if kinds == ("bytes",) else ("text", "")
    if "bytes" not in kinds:
        return "bytes", b"" if dice.one_in(2) else blob(dice)
    if kinds == ("bytes",):
        return "text", "" if dice.one_in(2) else text(dice)
    return message(dice)


def huge(dice: Dice, size: int) -> Payload:
    """A message of `size` bytes exactly, or one less."""
    length = max(0, size - dice.below(2))
    shape = dice.below(3)
    if shape == 0:
        return "text", "a" * length
    if shape == 1:
        return "json", '"' + "a" * (length - 2) + '"' if length >= 2 else "0"[:length]
    return "bytes", b"\x00" * length


def fitted(payload: Payload, size: int) -> Payload:
    """The payload, cut to `size` bytes if it is longer."""
    kind, data = payload
    if isinstance(data, bytes):
        return kind, data[:size]
    if len(data) * 4 <= size:
        return payload
    encoded = data.encode()
    if len(encoded) <= size:
        return payload
    return kind, encoded[:size].decode(errors="ignore")
