"""Values for the arguments of GraphQL fields, written as literals of a document or as JSON for variables."""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as quote

from wsreplay.generation import edges
from wsreplay.generation.dice import Dice
from wsreplay.generation.graphql_schema import Argument, Ref, Schema

_INTEGERS = ("1", "0", "2", "-1", "3", "5", "10", "42", "100", "1000", "2147483647", "-2147483648")
_FLOATS = ("1.5", "0", "1", "-1.5", "0.1", "100.0", "1e308", "-0.0", "1e-7")
_IDS = ('"1"', '"2"', '"0"', '"a"', "1", '""', '"-1"', '"unknown"')
_BOOLEANS = ("true", "false")
_WRONG = ("null", "true", "1", '"a"', "[]", "{}", "1.5", '"1"', "9223372036854775808", "1e999")

_BY_WORD = (
    ("datetime", ('"2024-01-31T12:00:00"', '"2024-01-31T12:00:00Z"', '"1970-01-01T00:00:00+00:00"', '"2024-02-29"')),
    ("date", ('"2024-01-31"', '"2024-02-29"', '"0001-01-01"', '"9999-12-31"', '"2024-13-01"')),
    ("time", ('"12:00:00"', '"00:00"', '"23:59:59.999999"', '"24:00"')),
    ("uuid", ('"3fa85f64-5717-4562-b3fc-2c963f66afa6"', '"00000000-0000-0000-0000-000000000000"', '"x"')),
    ("decimal", ('"1.50"', '"0"', '"-1"', '"1E+400"', '"NaN"', '"x"')),
    ("json", ("{}", "[]", "null", '"a"', "1", "[1, 2]")),
)
"""What scalars of one's own hold, by a word in their names."""

_DEEPEST = 3


class Values:
    """Makes values of a schema's types: mostly valid ones, among them edge cases."""

    def __init__(self, schema: Schema) -> None:
        self._types = schema.types

    def value(self, ref: Ref, dice: Dice, literal: bool, depth: int = 0) -> str:
        """A value of this type, as a literal of a document or as JSON."""
        if dice.one_in(32):
            return dice.pick(_WRONG)
        if not ref.required and dice.one_in(8):
            return "null"
        return self._listed(ref.lists, ref.name, dice, literal, depth)

    def given(self, arguments: tuple[Argument, ...], dice: Dice) -> list[Argument]:
        """The arguments that are to be given: those that are needed, and half of the others."""
        return [one for one in arguments if (one.needed and not dice.one_in(48)) or (not one.needed and dice.one_in(2))]

    def _listed(self, lists: int, name: str, dice: Dice, literal: bool, depth: int) -> str:
        if not lists:
            return self._plain(name, dice, literal, depth)
        items = [self._listed(lists - 1, name, dice, literal, depth + 1) for _ in range(dice.below(4))]
        return "[" + ", ".join(items) + "]"

    def _plain(self, name: str, dice: Dice, literal: bool, depth: int) -> str:
        known = self._types.get(name)
        if known is not None and known.kind == "enum":
            member = "UNKNOWN" if dice.one_in(24) or not known.members else dice.pick(known.members)
            return member if literal else quote(member)
        if known is not None and known.kind == "input":
            return self._object(known.inputs, dice, literal, depth)
        return _scalar(name, dice)

    def _object(self, inputs: tuple[Argument, ...], dice: Dice, literal: bool, depth: int) -> str:
        chosen = self.given(inputs, dice) if depth < _DEEPEST else [one for one in inputs if one.needed]
        if depth > 4 * _DEEPEST:
            # An input object that cannot be had without another of its own kind.
            return "{}"
        pairs = [
            f"{one.name if literal else quote(one.name)}: {self.value(one.type, dice, literal, depth + 1)}"
            for one in chosen
        ]
        return "{" + ", ".join(pairs) + "}"


def _scalar(name: str, dice: Dice) -> str:
    if name == "Int":
        return str(dice.below(12)) if dice.one_in(3) else dice.pick(_INTEGERS)
    if name == "Float":
        return dice.pick(_FLOATS)
    if name == "Boolean":
        return dice.pick(_BOOLEANS)
    if name == "ID":
        return dice.pick(_IDS)
    if name == "String":
        return quote(dice.pick(edges.WORDS) if dice.one_in(2) else dice.pick(edges.TEXTS))
    lowered = name.lower()
    for word, values in _BY_WORD:
        if word in lowered:
            return dice.pick(values)
    return dice.pick(('"a"', "1", '""', "0", "true", "1.5", '"2024-01-31"'))
