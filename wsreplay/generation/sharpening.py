"""One value of a message that is as good as it was, but for a value at the edge of what its type can be.

What got far in a protocol is said again with one such value in it: far from the beginning a message of random values
hardly ever comes, and it is there that values are kept, counted, cut and handed on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as quote

from wsreplay.generation.dice import Dice
from wsreplay.generation.pieces import LOOKED_AT, Json, places, words, written

TEXTS = ("\ud800", "", "日" * 130, "日" * 48, " ", "a" * 300, "²", "😀", "İ", "\x00", "0", "-1", "a\nb")
"""Texts that are none, too long in letters or only in bytes, no text in UTF-8, or numbers to some only."""

NUMBERS = ("0", "-1", "1", "true", "NaN", "1e308", "0.5", "9223372036854775808", "1e-300", "5", "1e999")
"""Numbers, as JSON text."""

OTHERS = ("null", "[]", "{}", "false", "0", '""')
"""What may stand for any value."""


@dataclass(frozen=True, slots=True)
class Sharp:
    """A message with one value changed: what was there, and what is there now. Texts of JSON are `whole`, with their
    quotes: where another message has the same, it can be changed there, too.
    """

    text: str
    old: str
    new: str
    whole: bool = False


def sharpened(text: str, dice: Dice) -> Sharp | None:
    """The message with one value at the edge of what it can be; None where it has none."""
    if len(text) > LOOKED_AT:
        return None
    try:
        document = json.loads(text)
        # Values that hold nothing else, and arrays.
        known = [(value, place) for place in places(document) if not isinstance(value := place[0][place[1]], dict)]
        if not known:
            return None
        value, place = dice.pick(known)
        new = _edge(value, dice)
        return Sharp(written(document, place, new), json.dumps(value), new, isinstance(value, str))
    except (ValueError, RecursionError):
        return _worded(text, dice)


def _worded(text: str, dice: Dice) -> Sharp | None:
    """One word of a text, mostly not the first: that is its command."""
    known = words(text)
    known = known[1:] if len(known) > 1 and not dice.one_in(8) else known
    if not known:
        return None
    word = dice.pick(known)
    number = word[0].lstrip("-").replace(".", "", 1).isdigit()
    new = dice.pick(NUMBERS if number and not dice.one_in(4) else TEXTS[1:])
    return Sharp(text[: word.start()] + new + text[word.end() :], word[0], new)


def _edge(value: Json, dice: Dice) -> str:
    """As JSON text what may stand for a value."""
    if dice.one_in(8):
        return dice.pick(OTHERS)
    if isinstance(value, str):
        return quote(dice.pick(TEXTS))
    if isinstance(value, list):
        # Just one, twice the same, none.
        return dice.pick((json.dumps(value[:1]), json.dumps(value + value[:1]), "[]"))
    if isinstance(value, bool) or value is None:
        return dice.pick(("false", "true", "null", "1"))
    return dice.pick(NUMBERS)
