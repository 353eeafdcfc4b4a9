"""Single values of what is known of a shape, as JSON text: plausible, unusual, or plainly wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quote
from math import prod

from wsreplay.generation import edges, payloads
from wsreplay.generation.dice import Dice
from wsreplay.generation.knowledge import DATED, Knowledge, Scalar, Shape, Use
from wsreplay.generation.patterns import Pattern

_UNKNOWN = "unknown"
_LONGEST_WORD = 64
"""Letters that a text of known letters has at most."""

LONGEST = 128
"""Items that an array has at most."""

_SHORT = 33
"""Texts of less are as good as any."""

_FEW = 8
"""Numbers below are small."""

_LONG = 1000
"""Texts of this length cost time, and are tried less often."""

_COUNTS = ("n", "count", "number", "amount", "quantity", "qty", "price", "page", "limit", "offset", "size", "index")
_PLURALS = ("items", "ids", "tags", "list", "args", "values", "users", "topics", "channels", "numbers", "points")
_FLAGS = ("is_", "has_", "enable", "active", "flag")
_UNUSUAL_INTEGERS = (
    *("-1", "-4", "100", "2147483648", "9223372036854775808", "9223372036854775783", "true", '"1"'),
    # What is a digit, or a number, to some of Python's ways of asking, and not to others.
    *(quote(text) for text in ("²", "٣", "\uff11", "+1", "1_0", " 1")),
)
_FLOATS = (
    *(
        "1.5",
        "0.5",
        "1",
        "0",
        "-1.5",
        "1e308",
        "1.7e308",
        "-1e308",
        "NaN",
        "Infinity",
        "1.5",
        "0.5",
        "1.5",
        "-0.5",
        "1e-300",
        "0.1",
    ),
    *("2", "100", '"NaN"', '"1/0"', '"1.5"'),
)
_WRITTEN = ("NaN", "1/0", "Infinity", "-Infinity", "1e999", "sNaN", "-1", "0.5", "1.5", "2", "1", "100", "-0", "1_0")
_DECIMALS = (
    *("1.50", "0.01", "1e30", "0.001", "1E+400", "1e-30", "9" * 40, "1e-400", "-0.0", "100", "0.333333333333"),
    "1.005",
)
"""Decimals as they are written; some have more digits than the context of `decimal` has."""

_UUIDS = ("3fa85f64-5717-4562-b3fc-2c963f66afa6", "11111111-1111-4111-8111-111111111111")
_NUMERIC = frozenset(("int", "float", "decimal"))
_DATETIMES = (
    "2024-01-31T12:00:00",
    "2024-01-31T12:00:00Z",
    "2024-02-29T12:00:00Z",
    "1970-01-01T00:00:00+00:00",
    "2024-10-27T02:30:00+02:00",
    "2024-01-31T13:30:00",
    "2024-01-31T13:30:00Z",
    "2024-01-31T14:00:00",
    "2024-01-31T14:00:00+00:00",
    # Far apart, and still dates that somebody means.
    "2000-01-01",
    "2049-12-31",
    "2000-01-01T00:00:00Z",
    "2049-12-31T23:59:59Z",
    "9999-12-31T23:59:59",
    "9999-12-31",
    "0001-01-01",
    "0001-01-01T00:00:00+14:00",
)
_DAYS = ("01-01", "12-31", "06-30")
_DATES = ("2024-01-31", "2024-02-29", "1970-01-01", "9999-12-31", "0001-01-01", "2024-02-30")


ENOUGH = 4
"""A message that is known to the letter takes no more than one in so many."""


def value(dice: Dice, name: str, shape: Shape) -> str:
    """A value of this shape as JSON text, apart from constants that it is compared with."""
    if "int" in shape.uses and dice.one_in(24):
        return dice.pick(("true", "false"))
    if not DATED.isdisjoint(shape.uses) and not dice.one_in(4):
        return quote(_dated(dice, shape))
    if shape.patterns and not dice.one_in(4):
        pattern = pattern_of(dice.pick(shape.patterns))
        if _measured(shape) and is_limited(dice, shape):
            return quote(pattern.long(dice, limit(dice, shape)))
        return quote(pattern.text(dice))
    if shape.infixes and not dice.one_in(4):
        return quote(dice.pick(("a", "", "ab ")) + dice.pick(shape.infixes) + dice.pick(("b.c", "a", "", "1")))
    if "decimal" in shape.uses and dice.one_in(2):
        return _decimal(dice)
    if "str" in shape.uses and not _NUMERIC.isdisjoint(shape.uses) and not dice.one_in(3):
        # A number that is written in a text.
        number = dice.pick(_WRITTEN) if dice.one_in(2) else str(_number(dice, shape.numbers or (1, 10)))
        return quote(number)
    if shape.numbers and not dice.one_in(4):
        return str(_number(dice, shape.numbers))
    if _measured(shape) and is_limited(dice, shape):
        return quote(_letters(dice, shape, limit(dice, shape)))
    if "list" in shape.uses and is_limited(dice, shape):
        return _many(dice, min(limit(dice, shape), LONGEST))
    use = _use(dice, shape.uses) if shape.uses else _guessed(name)
    return _BY_USE[use](dice) if use in _BY_USE else _plausible(dice)


def _dated(dice: Dice, shape: Shape) -> str:
    """A day, or a time of one where a time is asked for; often one of the years that a handler compares with."""
    years = [number for number in shape.numbers if 1000 <= number < 9999]
    if years and dice.one_in(3):
        return f"{dice.pick(years) + dice.pick((0, 0, 1, -1)):04}-{dice.pick(_DAYS)}"
    return dice.pick(_DATES if "date" in shape.uses else _DATETIMES)


def _measured(shape: Shape) -> bool:
    """Whether a length may be that of a text."""
    return "str" in shape.uses or {"dict", "list"}.isdisjoint(shape.uses)


def limit(dice: Dice, shape: Shape) -> int:
    """A length that is compared with, or one beside it."""
    return max(0, dice.pick(shape.lengths) + dice.pick((0, 1, -1)))


def is_limited(dice: Dice, shape: Shape) -> bool:
    """Whether a value has a length that is compared with this time."""
    return bool(shape.lengths) and dice.one_in(_seldom(min(shape.lengths)))


def _seldom(length: int) -> int:
    """One value in so many has a length that is compared with."""
    return 2 if length < _SHORT else 4 if length < _LONG else 16


def _letters(dice: Dice, shape: Shape, length: int) -> str:
    """A text of some length: of digits where a number is asked for, and now and then of letters that are not one of
    everything: of code units, of bytes, in capitals.
    """
    if "int" in shape.uses and not dice.one_in(3):
        return dice.pick(("1", "9", "0")) * length
    if not dice.one_in(3):
        return "a" * length
    if length == 1:
        return dice.pick(("ß", "İ", "ﬁ", "²", "é", "日", "😀"))
    letters = dice.pick(("é", "日", "😀", "a😀", "ß")) * length
    return letters[:length] if letters[:1] != "a" else "a" + "😀" * (length - 1)


def _many(dice: Dice, items: int) -> str:
    """An array of so many items: one again and again, or each another."""
    same = dice.one_in(2)
    item = _plausible(dice) if same else ""
    return "[" + ", ".join([item if same else f'"a{number}"' for number in range(items)]) + "]"


def is_constant(dice: Dice, constants: tuple[Scalar, ...]) -> bool:
    """Whether a value is one of its constants this time."""
    return dice.below(16) < _constancy(constants)


def wrong(dice: Dice, shape: Shape) -> str:
    """A value that is not what the shape says, as JSON text."""
    if shape.constants and dice.one_in(2):
        return quote(_UNKNOWN)
    odd = dice.below(16)
    if odd == 0:
        return quote(dice.pick("aé") * dice.pick((130, 300, 5000)))
    if odd == 1 or (odd < 5 and (shape.item is not None or shape.places or "list" in shape.uses)):
        depth = dice.pick((1, 2, 100, 300, edges.DEEP))
        return "[" * depth + dice.pick(("", "0", '"a"')) + "]" * depth
    if odd < 5:
        return quote(dice.pick(edges.TEXTS))
    return dice.pick(edges.SCALARS)


@lru_cache(maxsize=64)
def names_in(knowledge: Knowledge) -> tuple[str, ...]:
    """The words that an app compares parts of messages with."""
    found: dict[str, None] = {}
    pending = [knowledge.text, knowledge.json]
    while pending:
        shape = pending.pop()
        found.update({one: None for one in shape.constants if isinstance(one, str) and one.isidentifier()})
        pending += [inner for _, inner in (*shape.keys, *shape.variants)] + [*shape.words, *shape.places]
    return tuple(found)


def as_text(shape: Shape) -> Shape:
    """What is known of a part of a text: its items are letters."""
    listed = shape.item is not None or shape.places
    return replace(shape, item=None, places=()) if listed and not spelled(shape) else shape


def spelled(shape: Shape) -> bool:
    """Whether the items of a value are letters of a text."""
    parts = shape.places or ((shape.item,) if shape.item is not None else ())
    if "list" in shape.uses or any(part.keys for part in parts):
        return False
    known = [one for part in parts for one in part.constants]
    return bool(known) and all(isinstance(one, str) and len(one) == 1 for one in known)


def word(dice: Dice, shape: Shape) -> str:
    """A text whose letters are known one by one."""
    if shape.places:
        return quote("".join([_letter(dice, place) for place in shape.places]))
    length = dice.pick(shape.lengths) if shape.lengths and not dice.one_in(8) else 1 + dice.below(4)
    return quote("".join([_letter(dice, shape.item or Shape()) for _ in range(min(length, _LONGEST_WORD))]))


def _letter(dice: Dice, shape: Shape) -> str:
    letters = [one for one in shape.constants if isinstance(one, str) and len(one) == 1]
    return dice.pick(letters) if letters else dice.pick("1a0Z")


def _plausible(dice: Dice) -> str:
    shape = dice.below(16)
    if shape < 11:
        return quote(dice.pick(edges.WORDS))
    if shape < 13:
        return quote(dice.pick(edges.TEXTS))
    return str(dice.below(100)) if shape < 15 else payloads.value(dice, 1)


pattern_of = lru_cache(maxsize=256)(Pattern)


def _use(dice: Dice, uses: tuple[Use, ...]) -> Use:
    """One of the types that are asked for. Where a number is, a bool is mostly asked for to be refused."""
    use = dice.pick(uses)
    refused = use == "bool" and not {"int", "float"}.isdisjoint(uses)
    return dice.pick([one for one in uses if one != "bool"]) if refused and not dice.one_in(4) else use


def _guessed(name: str) -> str:
    """The type that a name suggests."""
    name = name.lower()
    if name.rpartition("_")[2] in _COUNTS:
        return "int"
    if name.startswith(_FLAGS):
        return "bool"
    return "list" if name in _PLURALS else "str"


def _constancy(constants: tuple[Scalar, ...]) -> int:
    """How many times in 16 a value is one of its constants. What it is compared with to tell whether there is one, or
    whether it is true, is not what it usually is.
    """
    if not any(constants):
        return 4
    return 9 if all(isinstance(one, bool) for one in constants) else 15


def _number(dice: Dice, known: tuple[int, ...]) -> int:
    """A number that a handler compares with, one beside it, one somewhere between two of them, or, where what it
    compares with are limits, a small one, as they mostly are.
    """
    number = dice.pick(known)
    if len(known) > 1 and dice.one_in(4):
        low, high = min(known), max(known)
        return low + dice.below(min(high - low + 1, 1 << 24))
    if max(known) > _FEW and dice.one_in(4):
        return dice.below(_FEW)
    return number + dice.pick((0, 1, -1))


def _integer(dice: Dice) -> str:
    return dice.pick(_UNUSUAL_INTEGERS) if dice.one_in(4) else str(dice.below(6))


def _decimal(dice: Dice) -> str:
    """A decimal number, mostly in a string."""
    text = dice.pick(_DECIMALS)
    if dice.one_in(4):
        return text
    return quote(dice.pick(_WRITTEN) if dice.one_in(3) else text)


_BY_USE: dict[str, Callable[[Dice], str]] = {
    "int": _integer,
    "float": lambda dice: dice.pick(_FLOATS),
    "decimal": _decimal,
    "bool": lambda dice: dice.pick(("true", "false")),
    "list": lambda dice: payloads.sequence(dice, 1),
    "dict": lambda dice: payloads.mapping(dice, 1),
    "uuid": lambda dice: quote(dice.pick(_UUIDS)),
    "datetime": lambda dice: quote(dice.pick(_DATETIMES)),
    "date": lambda dice: quote(dice.pick(_DATES)),
}


def named(shape: Shape) -> bool:
    """Whether a text is a name and what it stands for."""
    return bool(shape.keys and shape.words)


def variety(shape: Shape) -> int:
    """How many different messages of a shape there are, at most `ENOUGH` of them counted."""
    if shape.item is not None or shape.places:
        return ENOUGH
    if not shape.keys:
        return len(shape.constants) or ENOUGH
    return min(ENOUGH, prod(variety(inner) for _, inner in shape.keys))
