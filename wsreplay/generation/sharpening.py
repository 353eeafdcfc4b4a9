"""One value of a message that is as good as it was, but for a value at the edge of what its type can be.

What got far in a protocol is said again with one such value in it: far from the beginning a message of random values
hardly ever comes, and it is there that values are kept, counted, cut and handed on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import islice
from json.encoder import encode_basestring_ascii as quote
from typing import Any, TypeAlias

from wsreplay.generation.dice import Dice

Json: TypeAlias = Any
"""A parsed JSON document, or a part of one."""

TEXTS = ("\ud800", "", "日" * 130, " ", "a" * 300, "²", "😀", "İ", "\x00", "0", "-1", "a\nb")
"""Texts that are none, too long in letters or only in bytes, no text in UTF-8, or numbers to some only."""

NUMBERS = ("0", "-1", "1", "true", "NaN", "1e308", "0.5", "9223372036854775808", "1e-300", "5", "1e999")
"""Numbers, as JSON text."""

OTHERS = ("null", "[]", "{}", "false", "0", '""')
"""What may stand for any value."""

_MOST_VALUES = 100
_LOOKED_AT = 4096
_MARK = "\x00edge\x00"
_WORD = re.compile(r"[^\s:;,|=]+")


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
    if len(text) > _LOOKED_AT:
        return None
    try:
        document = json.loads(text)
        places = _places(document)
        if not places:
            return None
        holder, key = dice.pick(places)
        value = holder[key]
        holder[key] = _MARK
        new = _edge(value, dice)
        changed = json.dumps(document).replace(json.dumps(_MARK), new, 1)
        return Sharp(changed, json.dumps(value), new, isinstance(value, str))
    except (ValueError, RecursionError):
        return _worded(text, dice)


def _worded(text: str, dice: Dice) -> Sharp | None:
    """One word of a text, mostly not the first: that is its command."""
    words = [*islice(_WORD.finditer(text), _MOST_VALUES)]
    words = words[1:] if len(words) > 1 and not dice.one_in(8) else words
    if not words:
        return None
    word = dice.pick(words)
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


def _places(document: Json) -> list[tuple[Json, str | int]]:
    """Where in a document the values are that hold nothing else, and the arrays: each as its holder and its key."""
    found: list[tuple[Json, str | int]] = []
    holders = [document]
    for holder in holders:
        if isinstance(holder, dict | list):
            for key in holder if isinstance(holder, dict) else range(len(holder)):
                holders.append(holder[key])
                if not isinstance(holder[key], dict):
                    found.append((holder, key))
        if len(found) >= _MOST_VALUES:
            break
    return found
