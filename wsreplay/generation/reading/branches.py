"""Which opcodes lead to a branch of a handler of binary messages: what is unpacked there follows them."""

from __future__ import annotations

import ast

from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import Value, constants_of


def opcodes(walk: Walk, test: ast.expr) -> tuple[int, ...]:
    """What the first byte of a message is in the body of an `if`: `frame[0] == 1`, `op in (1, 2)`. Empty is unknown."""
    match test:
        case ast.BoolOp(op=ast.And(), values=parts):
            return next((found for part in parts if (found := opcodes(walk, part))), ())
        case ast.Compare(left=left, ops=[ast.Eq() | ast.In()], comparators=[right]):
            return _bytes(walk.value(right)) if _opens(walk, walk.value(left)) else ()
    return ()


def opcodes_of_case(walk: Walk, pattern: ast.pattern, subject: Value) -> tuple[int, ...]:
    """The same for a case of a `match`."""
    match pattern:
        case ast.MatchValue(value=value) if _opens(walk, subject):
            return _bytes(walk.value(value))
        case ast.MatchOr(patterns=patterns):
            return tuple(one for part in patterns for one in opcodes_of_case(walk, part, subject))
    return ()


def _opens(walk: Walk, value: Value) -> bool:
    return value is not None and value is walk.notes.blob.items


def _bytes(value: Value) -> tuple[int, ...]:
    return tuple(one for one in constants_of(value) if type(one) is int and 0 <= one < 256)
