"""Texts that a regular expression of the app matches, from its parsed form. What it looks around for is left out."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, TypeAlias

from wsreplay.generation.dice import BLOCK_SIZE, Dice

Parsed: TypeAlias = Any
"""A part of a parsed expression: `re` has no types for it."""

Told: TypeAlias = Callable[[str, str], str]
"""From what would be in a group, and from what is in the group before it, to what it shall be."""

_NOTHING: Mapping[int, Told] = {}
_MOST_REPEATS = 4
_MANY_REPEATS = 40
_MOST_PARTS = 2000
_LONGEST = 400
_REPEATS_FREELY = 16
"""From so many repetitions on a part can be repeated ambiguously enough to take for ever."""

_RUNS = (28, 28, 40, 60)
"""How often what is ambiguous is repeated: each time doubles the ways to read it, or nearly so."""

_REFUSED = ("!", "\x00", "  !", ",,!")
"""What hardly any class of characters holds, or what separates them, twice."""

_WORD = string.ascii_lowercase + string.digits + "_"
_OTHER = "a1 -.Z_é"
_CLASSES: Mapping[object, str] = {
    codes.CATEGORY_DIGIT: string.digits,
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_WORD: _WORD,
    codes.CATEGORY_NOT_DIGIT: "a-Z ",
    codes.CATEGORY_NOT_SPACE: _WORD,
    codes.CATEGORY_NOT_WORD: " -.!",
}


class Pattern:
    """One regular expression. False when it cannot be parsed."""

    def __init__(self, source: str) -> None:
        try:
            self._parsed: Parsed = parser.parse(source)
        except (re.error, RecursionError, OverflowError):
            self._parsed = ()
        self._runs = tuple(dict.fromkeys(_runs(self._parsed, ())))

    def __bool__(self) -> bool:
        return len(self._parsed) > 0

    def text(self, dice: Dice, told: Mapping[int, Told] = _NOTHING) -> str:
        """A text that it mostly matches; or a long one that it matches up to the last character. `told` puts others
        into some of its groups.

        The second kind is what an expression with ambiguous repetitions takes exponential time to refuse. Where it can
        be seen which those are, it is a run of what they repeat.
        """
        if self._runs and dice.one_in(6):
            before, repeated = dice.pick(self._runs)
            refused = dice.pick(_REFUSED)
            return (before + repeated * dice.pick(_RUNS))[: _LONGEST - len(refused)] + refused
        if dice.one_in(8):
            return _Writer(dice, _MANY_REPEATS).sequence(self._parsed)[:_LONGEST] + dice.pick("!a ")
        # Half of them are so plain that two of a scenario mostly name the same thing.
        return _Writer(dice, _MOST_REPEATS, plain=dice.one_in(2), told=told).sequence(self._parsed)[:_LONGEST]

    def long(self, dice: Dice, length: int) -> str:
        """A text that it mostly matches, of this length, as far as its repetitions allow."""
        spare = length - len(_shortest(self._parsed))
        return _Writer(dice, 0, spare=spare).sequence(self._parsed)


class _Writer:
    def __init__(
        self, dice: Dice, repeats: int, plain: bool = False, told: Mapping[int, Told] = _NOTHING, spare: int = 0
    ) -> None:
        self._dice = dice
        self._spare = spare
        self._told = told
        self._plain = plain
        self._repeats = repeats
        self._left = _MOST_PARTS
        self._groups: dict[int, str] = {}

    def sequence(self, parsed: Parsed) -> str:
        written = ""
        for code, argument in parsed:
            write = _WRITE.get(code)
            self._left -= 1
            if write is not None and self._left > 0:
                written += write(self, argument)
        return written

    def repeat(self, argument: Parsed) -> str:
        least, most, inner = argument
        times = least
        if not self._simply():
            times += self._dice.below(min(int(most) - least, self._repeats) + 1)
        written = "".join([self.sequence(inner) for _ in range(min(times, _MOST_PARTS)) if self._left > 0])
        return written + self._filled(int(most) - times, inner)

    def _filled(self, times: int, inner: Parsed) -> str:
        """What is left to be written, by a part that may come so many `times` more."""
        written = ""
        while times > 0 and (spare := self._spare) > 0 and self._left > 0 and (more := self.sequence(inner)):
            # What is within has taken of it as well.
            self._spare = spare - len(more)
            times -= 1
            written += more
        return written

    def _simply(self) -> bool:
        return self._plain and not self._dice.one_in(4)

    def group(self, argument: Parsed) -> str:
        number, _, _, inner = argument
        written = self.sequence(inner)
        if number in self._told:
            written = self._told[number](written, self._groups.get(number - 1, ""))
        self._groups[number] = written
        return written

    def branch(self, argument: Parsed) -> str:
        return self.sequence(self._dice.pick(argument[1]))

    def reference(self, argument: Parsed) -> str:
        return self._groups.get(argument, "")

    def member(self, argument: Parsed) -> str:
        members = list(argument)
        if members[0][0] is codes.NEGATE:
            denied = "".join(map(_members, members[1:]))
            return self._dice.pick([char for char in _WORD + _OTHER if char not in denied] or ["~"])
        if self._simply():
            return _members(members[0])[0]
        return self._dice.pick(_members(self._dice.pick(members)))

    def any(self, _: Parsed) -> str:
        return self._dice.pick(_OTHER)

    def literal(self, argument: Parsed) -> str:
        return chr(argument)

    def other(self, argument: Parsed) -> str:
        return "b" if argument == ord("a") else "a"


def _members(member: Parsed) -> str:
    """Some of the characters that one member of a set stands for; never none."""
    code, argument = member
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.RANGE:
        return "".join(map(chr, range(argument[0], min(argument[1], argument[0] + 63) + 1)))
    return _CLASSES[argument]


def _runs(parsed: Parsed, before: tuple[Parsed, ...]) -> Iterator[tuple[str, str]]:
    """What a text begins with, and what can then be repeated so that there are many ways to read it: a repetition
    within a repetition, or alternatives within one.
    """
    for number, (code, argument) in enumerate(parsed):
        earlier = (*before, *parsed[:number])
        if code in _REPEATS:
            _, most, inner = argument
            repeated = list(_ambiguous(inner)) if most >= _REPEATS_FREELY else []
            if repeated:
                start = _shortest(earlier)
                yield from ((start, text) for text in (_shortest(inner), *map(_shortest, repeated)) if text)
        for inner in _insides(code, argument):
            yield from _runs(inner, earlier)


def _ambiguous(parsed: Parsed) -> Iterator[Parsed]:
    """What is repeated within a part of an expression, and the alternatives in it."""
    for code, argument in parsed:
        if code in _REPEATS and argument[1] > 1:
            yield argument[2]
        if code is codes.BRANCH:
            yield from argument[1]
        for inner in _insides(code, argument):
            yield from _ambiguous(inner)


def _insides(code: object, argument: Parsed) -> tuple[Parsed, ...]:
    """The parts of a part in which what was read can be read another way: not so if it is atomic."""
    if code in _REPEATS:
        return (argument[2],)
    if code is codes.SUBPATTERN:
        return (argument[3],)
    return tuple(argument[1]) if code is codes.BRANCH else ()


def _shortest(parsed: Parsed) -> str:
    """The simplest text that a part matches."""
    return _Writer(Dice(bytes(BLOCK_SIZE)), 0).sequence(parsed)


_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)
_WRITE: Mapping[object, Callable[[_Writer, Parsed], str]] = {
    codes.LITERAL: _Writer.literal,
    codes.NOT_LITERAL: _Writer.other,
    codes.ANY: _Writer.any,
    codes.IN: _Writer.member,
    codes.MAX_REPEAT: _Writer.repeat,
    codes.MIN_REPEAT: _Writer.repeat,
    codes.POSSESSIVE_REPEAT: _Writer.repeat,
    codes.SUBPATTERN: _Writer.group,
    codes.ATOMIC_GROUP: _Writer.sequence,
    codes.BRANCH: _Writer.branch,
    codes.GROUPREF: _Writer.reference,
}
