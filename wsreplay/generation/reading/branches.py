"""Which opcodes lead to a branch of a handler of binary messages: what is unpacked there follows them."""

from __future__ import annotations

import ast

from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import Value, constants_of

Opcodes = tuple[tuple[int, int], ...]
"""What a field of a header is, by its number; -1 is the first byte of a message where no header is unpacked."""


def opcodes(walk: Walk, test: ast.expr) -> Opcodes:
    """What a message's opcode is in the body of an `if`: `frame[0] == 1`, `op in (1, 2)`. Empty is unknown."""
    match test:
        case ast.BoolOp(op=ast.And(), values=parts):
            return next((found for part in parts if (found := opcodes(walk, part))), ())
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is() | ast.In()], comparators=[right]):
            return opcodes_at(walk, walk.value(left), walk.value(right))
    return ()


def opcodes_past(walk: Walk, guard: ast.If) -> Opcodes:
    """What it is after an `if` that leaves where it is something else: `if op != 1: return`."""
    match guard.test:
        case ast.Compare(left=left, ops=[ast.NotEq() | ast.IsNot() | ast.NotIn()], comparators=[right]):
            leaves = isinstance(guard.body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)
            return opcodes_at(walk, walk.value(left), walk.value(right)) if leaves else ()
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
    bytes_ = walk.notes.blob.items
    if node is not None and bytes_ is not None:
        for bits, upper in bytes_.shifts.items():
            if node is upper:
                return tuple((-1, one << bits) for _, one in _numbers(-1, value) if one << bits < 256)
    place = _place(walk, node)
    return () if place is None else _numbers(place, value)


def _place(walk: Walk, value: Value) -> int | None:
    """Which part of a message its opcode may be: the first byte, or a field of the first layout."""
    notes = walk.notes
    if value is not None and value is notes.blob.items:
        return -1
    header = next(iter(notes.layouts.values()), [])
    return next((place for place, field in enumerate(header) if field is value), None)


def _numbers(place: int, value: Value) -> Opcodes:
    most = 256 if place < 0 else 1 << 32
    return tuple((place, one) for one in constants_of(value) if type(one) is int and 0 <= one < most)
