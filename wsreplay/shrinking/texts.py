"""Simplifying texts and bytes: nothing, one plain character, as many as it takes, and only then piece by piece."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from wsreplay.shrinking.chunks import PIECES, SHORT, ends_off, halvings, least, without_pieces
from wsreplay.shrinking.numbers import simplify_int

D = TypeVar("D", str, bytes)

FEW = 4
"""Bytes other than zero that are looked at as numbers: more are data."""

_SYMBOL = re.compile(r"\{\{\w{1,16}:[^{}]{1,64}\}\}")
_SYMBOL_IN_BYTES = re.compile(rb"\{\{bytes:[0-9a-f:]{1,16}\}\}")
_DIGIT = re.compile(r"[0-9]")
_OLDER = re.compile(r"~[1-9]\}\}")

_LARGE = re.compile(r"[0-9]{8,}|1e([0-9]{1,3})")
"""A number that nobody would write out, where it may be written with an exponent."""

_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
"""Code points that no encoding has: one is as odd as another. The first is what `order` takes for the plainest."""


def simplify_text(text: str, attempt: Callable[[str], bool]) -> str:
    """Return the simplest text found: short first, then of `a`s, then of `0`s where a digit is needed."""
    text = _abbreviated(_without_symbols(text, attempt), attempt)
    # The length that counts may be the one on the wire.
    wire = len(text.encode("utf-8", "surrogatepass"))
    text = _simplify(text, ("a", "0") if _DIGIT.search(text) else ("a",), wire, attempt)
    halves = _HALF_A_PAIR.sub("\ud800", text)
    text = halves if halves != text and attempt(halves) else text
    zeros = _DIGIT.sub("0", text)
    if zeros == text or attempt(zeros):
        return zeros
    for digit in list(_DIGIT.finditer(text))[:PIECES]:
        candidate = text[: digit.start()] + "0" + text[digit.end() :]
        text = candidate if attempt(candidate) else text
    return text


def _without_symbols(text: str, attempt: Callable[[str], bool]) -> str:
    """What a symbol stands for may be anything; then what the app has said before is not needed. Or it may be what was
    said last.
    """
    plain = [_SYMBOL.sub(simple, text) for simple in ("", "0", "a", "a" * SHORT) if "{{" in text]
    latest = _OLDER.sub("}}", text)
    return next((one for one in (*plain, latest) if one != text and attempt(one)), text)


def _abbreviated(text: str, attempt: Callable[[str], bool]) -> str:
    """A large number with the smallest exponent that does."""
    large = _LARGE.fullmatch(text)
    if large is None:
        return text
    most = int(large[1] or len(text))
    if large[1] is None and not attempt(f"1e{most}"):
        return text
    return f"1e{least(0, most, lambda exponent: attempt(f'1e{exponent}'))}"


def simplify_bytes(data: bytes, attempt: Callable[[bytes], bool]) -> bytes:
    """Return the simplest bytes found: few first, then zeros, then small numbers."""
    data = _simplify(data, (b"\x00",), len(data), attempt)
    symbols = {index for symbol in _SYMBOL_IN_BYTES.finditer(data) for index in range(*symbol.span())}
    places = [index for index, byte in enumerate(data) if byte and index not in symbols]
    for index in places if len(places) <= FEW else ():
        before, after = data[:index], data[index + 1 :]

        def with_byte(value: int, before: bytes = before, after: bytes = after) -> bool:
            return attempt(before + bytes((value,)) + after)

        data = before + bytes((simplify_int(data[index], with_byte),)) + after
    return data


def _simplify(data: D, plains: tuple[D, ...], wire: int, attempt: Callable[[D], bool]) -> D:
    if not data or attempt(data[:0]):
        return data[:0]
    for plain in plains:
        if data == plain or attempt(plain):
            return plain
    for plain in plains:
        if data == plain * len(data) or attempt(plain * wire):
            return _run(plain, wire, attempt)
    data = ends_off(data, attempt)
    if data != data[:1] * len(data):
        filled = _filled(data, plains[0], attempt)
        if filled == data and data.isalpha():
            # Each letter matters, as in a keyword.
            return data
        data = filled
    return without_pieces(data, attempt)


def _run(plain: D, longest: int, attempt: Callable[[D], bool]) -> D:
    """As few as will do."""
    return plain * least(1, longest, lambda length: attempt(plain * length))


def _filled(data: D, plain: D, attempt: Callable[[D], bool]) -> D:
    """Make plain what need not be special. Afterwards leaving out any of it gives the same, and is tried once."""
    for chunk in halvings(len(data)) if len(data) > SHORT else (1,):
        for start in reversed(range(0, len(data), chunk)):
            piece = data[start : start + chunk]
            if piece != plain * len(piece):
                candidate = data[:start] + plain * len(piece) + data[start + chunk :]
                data = candidate if attempt(candidate) else data
    return data
