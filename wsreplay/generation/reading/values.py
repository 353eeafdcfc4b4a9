"""What an expression can stand for while a function is read."""

from __future__ import annotations

import ast
import enum
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import ModuleType
from typing import TypeAlias

from wsreplay.generation.reading.code import Definition, Live
from wsreplay.generation.reading.nodes import Node


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a text that was split at `separator` (None: white space), from the one numbered `start` on.
    `step` is 2 for `partition`, whose result holds the separator too.
    """

    text: Node
    separator: str | None
    start: int = 0
    step: int = 1

    def part(self, number: int) -> Node:
        """The node of one part."""
        return self.text.word(number // self.step + self.start if number >= 0 else number, self.separator)

    def each(self) -> list[Node]:
        """The nodes that a loop goes through: of all parts, where several are known, else of one that is like all."""
        known = len(self.text.words) - self.start
        return (
            [self.part(number) for number in range(known)]
            if known > 2 and self.step == 1
            else [self.part(0 if self.start else 1)]
        )


@dataclass(frozen=True, slots=True)
class Stream:
    """What yields messages one after another."""

    message: Node


@dataclass(frozen=True, slots=True)
class Length:
    """The length of a value, and something `more` or less."""

    of: Node
    more: int = 0


@dataclass(frozen=True, slots=True)
class This:
    """`self` in a method: an object of a class, of which there may be none yet."""

    owner: type


@dataclass(frozen=True, slots=True)
class Callees:
    """Functions of which one is called, depending on what a client sent: on one of `names`, if it is known what is
    looked up `by`.
    """

    functions: tuple[object, ...]
    by: Node | None = None
    names: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Inner:
    """A function that is defined in another: its tree and the variables that it sees."""

    tree: Definition
    around: Variables = field(repr=False)


@dataclass(frozen=True, slots=True)
class Several:
    """A tuple, known item by item."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some constants: what a loop over a collection goes through, or what a table holds under `names` of which
    one is looked up `by` what a client sent.
    """

    values: tuple[object, ...]
    by: Node | None = None
    names: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Tail:
    """The items of an array from the one numbered `start` on."""

    of: Node
    start: int

    def place(self, number: int) -> Node:
        """The node of one item."""
        return self.of.place(self.start + number) if number >= 0 else self.of.item()


@dataclass(frozen=True, slots=True)
class Written:
    """A text written as `f"..."`, without what is filled in."""

    text: str


@dataclass(frozen=True, slots=True)
class TypeOf:
    """The type of a value."""

    of: Node


@dataclass(frozen=True, slots=True)
class Ending:
    """The last bytes of a message: so many."""

    size: int


@dataclass(frozen=True, slots=True)
class Digest:
    """A checksum over a message or a part of it, by its name; written by a format of `struct` where that is known."""

    name: str
    layout: str = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """What a text was matched with: one of these regular expressions."""

    text: Node
    patterns: tuple[str, ...]

    def group(self, key: object) -> Node | None:
        """The node of a group, by its number or name."""
        if key == 0:
            return self.text
        if not isinstance(key, int | str):
            return None
        return next((node for one in self.patterns if (node := self.text.group(one, key)) is not None), None)

    def groups(self) -> Several:
        """The nodes of all groups, of the first of the expressions."""
        count = re.compile(self.patterns[0]).groups
        return Several(tuple(self.group(number) for number in range(1, count + 1)))

    def named(self) -> Live:
        """The nodes of all groups that have names, by their names."""
        names = dict.fromkeys(name for one in self.patterns for name in re.compile(one).groupindex)
        return Live({name: self.group(name) for name in names})


@dataclass(frozen=True, slots=True)
class Spread:
    """The parts of a text, or items of an array, handed on with a star to whichever function is called: as many as it
    takes.
    """

    parts: Parts | Tail

    def one(self, number: int) -> Node:
        """The node of one of them."""
        return self.parts.part(number) if isinstance(self.parts, Parts) else self.parts.place(number)

    def rest(self, number: int) -> Parts | Tail:
        """Those from there on."""
        parts = self.parts
        if isinstance(parts, Parts):
            return Parts(parts.text, parts.separator, parts.start + number, parts.step)
        return Tail(parts.of, parts.start + number)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table that is written in a text; each is this `item`. Or the items `of` an object."""

    item: Value
    of: Node | None = None


Value: TypeAlias = (
    Ending
    | Rows
    | Matched
    | Spread
    | Digest
    | Tail
    | TypeOf
    | OneOf
    | Written
    | Node
    | Parts
    | Stream
    | Length
    | This
    | Callees
    | Inner
    | Several
    | Live
    | None
)
Variables: TypeAlias = dict[str, Value]

_NOTHING = object()
_GREATEST_POWER = 128
_COMPUTES: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
}
_MOST_MEMBERS = 1000


def constant_of(value: Value) -> object:
    """The plain constant that a value stands for, or a private object that equals nothing."""
    thing = value.value if isinstance(value, Live) else _NOTHING
    return thing.value if isinstance(thing, enum.Enum) else thing


def computed(left: object, sign: ast.operator, right: object) -> int | None:
    """The number that is written as a small sum: `64 * 1024`, `2**63 - 1`, `1 << 20`. None where it is none."""
    if type(left) is not int or type(right) is not int:
        return None
    if isinstance(sign, ast.Pow | ast.LShift) and not (abs(left) <= 1 << 16 and 0 <= right <= _GREATEST_POWER):
        return None
    perform = _COMPUTES.get(type(sign))
    number = perform(left, right) if perform is not None else None
    return number if number is not None and abs(number) < 1 << 512 else None


def is_flag(value: object) -> bool:
    """Whether a constant is one bit: what `flags & value` asks for."""
    return type(value) is int and 0 < value < 1 << 16 and value & (value - 1) == 0


def shifted(length: Length, sign: ast.operator, by: object) -> Length | None:
    """What `len(data) - 2` is the length of: of what follows a head of two. None where it is none."""
    if isinstance(by, int) and isinstance(sign, ast.Add | ast.Sub):
        return Length(length.of, length.more + (by if isinstance(sign, ast.Add) else -by))
    return None


def constants_of(value: Value) -> list[object]:
    """The constants that a value holds: members of a collection, keys of a dict, values of an enum, or itself.

    Sets are sorted, so that a reading never depends on the order of hashes.
    """
    if isinstance(value, OneOf):
        return list(value.values)
    if isinstance(value, Several):
        return [constant_of(item) for item in value.items]
    thing = constant_of(value)
    if isinstance(thing, enum.EnumMeta | list | tuple | dict | set | frozenset):
        members = [constant_of(Live(member)) for member in islice(thing, _MOST_MEMBERS)]
        if isinstance(thing, set | frozenset):
            return sorted((member for member in members if isinstance(member, str | int | float | None)), key=repr)
        return members
    return [thing]


def texts_of(values: list[Value]) -> dict[str, None]:
    """The constants of these values that are texts."""
    constants = [constant for value in values for constant in constants_of(value)]
    return {text: None for text in constants if isinstance(text, str)}


def identity(value: Value) -> object:
    """What tells two arguments apart: a node is itself, a constant its value."""
    if isinstance(value, Live):
        constant = value.value
        return (type(constant), constant if isinstance(constant, str | int | float | bytes) else id(constant))
    if isinstance(value, Parts):
        return (id(value.text), value.separator, value.start, value.step)
    if isinstance(value, Stream):
        return id(value.message)
    if isinstance(value, Tail):
        return (id(value.of), value.start)
    return value.owner if isinstance(value, This) else id(value) if isinstance(value, Node) else type(value)


def owner_of(value: Value) -> type | None:
    """The class of the object that a value stands for; None where it is no object of a class of its own."""
    if isinstance(value, This):
        return value.owner
    if isinstance(value, Live) and not isinstance(value.value, type | ModuleType):
        return type(value.value)
    return None


def members_of(values: tuple[object, ...]) -> tuple[object, ...]:
    """What is in the collections among some constants, and the other constants."""
    members: dict[object, None] = {}
    for value in values:
        inner = constants_of(Live(value)) if isinstance(value, dict | list | tuple | set | frozenset) else [value]
        members.update(dict.fromkeys(one for one in inner if isinstance(one, str | int | float | bytes)))
    return tuple(members)


def is_called(thing: object) -> bool:
    """Whether what a table holds is a function or a class."""
    return callable(thing) or isinstance(thing, Inner)


def column_of(rows: OneOf, item: Callable[[object], object]) -> Callees | OneOf | None:
    """What the rows of a table hold in one of their columns; the functions alone where there are some."""
    names = rows.names or rows.values
    column = [(name, one) for name, row in zip(names, rows.values, strict=True) if (one := item(row)) is not None]
    called = [(name, one) for name, one in column if is_called(one)]
    if called:
        return Callees(tuple(one for _, one in called), rows.by, tuple(name for name, _ in called))
    values = tuple(one for _, one in column)
    return OneOf(values, rows.by, tuple(name for name, _ in column)) if values else None


def named_parts(key: Value, value: Value) -> Node | None:
    """The text that holds a name and what it stands for, `name:value`, where a table is filled with the two of them.
    What is looked up in the table are then its keys. None where they are no parts of one text.
    """
    if isinstance(key, Node) and isinstance(value, Node) and key.of is not None and key.of is value.of:
        return key.of if key is key.of.words[0] is not value else None
    return None


def pair_of(value: Value) -> Node | None:
    """The text that holds a name and what it stands for, where a value is both of them: `key, value` or
    `pair.split("=")`. None where it is not.
    """
    if isinstance(value, Several) and len(value.items) == 2:
        return named_parts(*value.items)
    return value.text if isinstance(value, Parts) and value.text.of is not None and value.step == 1 else None


def live(value: Value) -> object:
    """What a constant is, or a tuple of some, or the value itself."""
    if isinstance(value, Several) and all(isinstance(item, Live) for item in value.items):
        return tuple(live(item) for item in value.items)
    return value.value if isinstance(value, Live) else value


def weaker(value: Value, known: Value) -> bool:
    """Whether a variable that stands for what comes from a client goes on to do so."""
    if isinstance(known, Callees) and known.functions:
        return constant_of(value) is None
    return isinstance(known, Node | Parts | Stream) and isinstance(value, Live | Several | This)


def is_unknown(value: Value) -> bool:
    """Whether a value is an object of which nothing is known; what is taken out of an empty table is."""
    return value is None or (isinstance(value, Callees) and not value.functions)


def first_of(values: list[Value]) -> Value:
    """The first value that a message has to do with, else the first known one."""
    known = [value for value in values if value is not None]
    return next((value for value in known if not _plain(value)), known[0] if known else None)


def _plain(value: Value) -> bool:
    items = value.items if isinstance(value, Several) else (value,)
    return all(isinstance(item, Live | None) for item in items)


def is_collection(value: Value) -> bool:
    """Whether a value holds constants, one by one."""
    return isinstance(value, Several) or (
        isinstance(value, Live) and isinstance(value.value, list | tuple | set | frozenset | dict | enum.EnumMeta)
    )
