"""Which opcodes lead to a branch of a handler of binary messages: what is unpacked there follows them.

They are what a field of a header is, by its number; -1 is the first byte of a message where no header is unpacked.
"""

from __future__ import annotations

import ast

from wsreplay.generation.reading.cuts import Cuts, Opcodes
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import Value, constants_of


def opcodes(walk: Walk, test: ast.expr) -> Opcodes:
    """What a message's opcode is in the body of an `if`: `frame[0] == 1`, `op in (1, 2)`. Empty is unknown."""
    match test:
        case ast.BoolOp(op=ast.And(), values=parts):
            return next((found for part in parts if (found := opcodes(walk, part))), ())
        case ast.Compare(ops=[ast.Eq() | ast.Is() | ast.In()]):
            return opcodes_at(walk, *walk.sides(test))
    return ()


def opcodes_past(walk: Walk, guard: ast.If) -> Opcodes:
    """What it is after an `if` that leaves where it is something else: `if op != 1: return`."""
    if walk.notes.cuts is not None:
        # What is compared is known: that it must be so needs no saying.
        return ()
    match guard.test:
        case ast.Compare(ops=[ast.NotEq() | ast.IsNot() | ast.NotIn()]):
            leaves = isinstance(guard.body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)
            return opcodes_at(walk, *walk.sides(guard.test)) if leaves else ()
    return ()


def opcodes_of_case(walk: Walk, pattern: ast.pattern, subject: Value) -> Opcodes:
    """The same for a case of a `match`."""
    match pattern:
        case ast.MatchValue(value=value):
            return opcodes_at(walk, subject, walk.value(value))
        case ast.MatchOr(patterns=patterns):
            return tuple(one for part in patterns for one in opcodes_of_case(walk, part, subject))
    return ()


def opcodes_at(walk: Walk, node: Value, value: Value) -> Opcodes:
    """The same where an opcode picks one of the functions of a table."""
    cuts, bytes_ = walk.notes.cuts, walk.notes.blob.items
    if cuts is not None:
        return _of_cuts(cuts, node, value)
    if node is not None and bytes_ is not None:
        for bits, upper in bytes_.shifts.items():
            if node is upper:
                return tuple((-1, one << bits) for _, one in _numbers(-1, value) if one << bits < 256)
    place = _place(walk, node)
    return () if place is None else _numbers(place, value)


def _of_cuts(cuts: Cuts, node: Value, value: Value) -> Opcodes:
    """The same where fields are told apart by their places."""
    if not isinstance(node, Node):
        return ()
    plain = [(number, one) for number in cuts.numbers(node) for _, one in _numbers(0, value)]
    upper = [(number, one << bits) for number, bits in cuts.shifted(node) for _, one in _numbers(0, value)]
    return (*plain, *upper)


def _place(walk: Walk, value: Value) -> int | None:
    """Which part of a message its opcode may be: the first byte, or a field of the first layout."""
    notes = walk.notes
    if value is not None and value is notes.blob.items:
        return -1
    header = next(iter(notes.layouts.values()), [])
    return next((place for place, field in enumerate(header) if field is value), None)


def _numbers(place: int, value: Value) -> Opcodes:
    most = 256 if place < 0 else 1 << 32
    known = [one[0] if isinstance(one, bytes) and len(one) == 1 else one for one in constants_of(value)]
    return tuple((place, one) for one in known if type(one) is int and 0 <= one < most)
