"""How a binary message is framed: what it ends with, integers that are cut out of it, checksums over it."""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Mapping

from wsreplay.generation.checksums import CHECKSUMS
from wsreplay.generation.reading.branches import opcodes_at
from wsreplay.generation.reading.code import Live
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.notes import Notes
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import Digest, Ending, OneOf, Rows, Several, Value, Written, constant_of

_COUNTED = re.compile("[<>!=@]?%d[a-zA-Z?]")
_INTEGERS: Mapping[int, str] = {1: "B", 2: "H", 4: "I", 8: "Q"}


def trailer(notes: Notes, size: int, order: str) -> Node:
    """The last `size` bytes of a message, as an integer where there are integers of this size."""
    return notes.ended(f"{order}{_INTEGERS[size]}" if size in _INTEGERS else f"{size}s")


def integer(walk: Walk, node: ast.expr, order: Value) -> Value:
    """`int.from_bytes(data[2:4], "big")`: a field of as many bytes as are cut out."""
    sign = "<" if constant_of(order) == "little" else ">"
    match node:
        case ast.Subscript(value=source, slice=ast.Slice(lower=lower, upper=ast.expr() as upper)):
            start, end = constant_of(walk.value(lower)) if lower else 0, constant_of(walk.value(upper))
            if isinstance(start, int) and isinstance(end, int) and end - start in _INTEGERS:
                message, layout = walk.value(source), sign + _INTEGERS[end - start]
                if isinstance(message, Node):
                    return walk.notes.taken(message, start, layout)[0]
                return walk.notes.laid_out(layout)[0]
    value = walk.value(node)
    return trailer(walk.notes, value.size, sign) if isinstance(value, Ending) and value.size in _INTEGERS else None


def unpacked(walk: Walk, name: str, message: Node, holder: Value, given: list[Value]) -> Value:
    """A message is unpacked by `struct`: gives its fields."""
    notes = walk.notes
    if message is notes.event:
        notes.kinds["bytes"] = None
    if isinstance(holder, OneOf) and all(isinstance(one, struct.Struct) for one in holder.values):
        return _by_table(walk, holder)
    layout, at = format_of(holder, given), _offset(holder, given, name)
    if given and isinstance(given[0], Written) and given[0].text:
        # `struct.unpack(f">{count}f", body)`: as many of these as there are.
        layout, at = given[0].text, None
    if not isinstance(layout, str):
        return message
    fields = Several(tuple(notes.taken(message, at, layout)))
    if name == "iter_unpack":
        notes.repeated.add(layout)
        return Rows(fields)
    return fields


def _offset(holder: Value, given: list[Value], name: str) -> int | None:
    """The last argument of `struct.unpack_from(">I", data, 4)`, and of `HEADER.unpack_from(data, 4)`; None is nobody
    knows where.
    """
    if name != "unpack_from":
        return 0 if name == "unpack" else None
    places = given[1:] if isinstance(constant_of(holder), struct.Struct) else given[2:]
    at = constant_of(places[0]) if places else 0
    return at if isinstance(at, int) and at >= 0 else None


def _by_table(walk: Walk, table: OneOf) -> Value:
    """`PAYLOADS[kind].unpack(payload)`: one of some layouts. What is done with a field is done with those at its
    place.
    """
    notes, around = walk.notes, walk.notes.opened_by
    shared: list[Node] = []
    for value, name in zip(table.values, table.names or table.values, strict=True):
        layout = str(format_of(Live(value), []))
        notes.opened_by = opcodes_at(walk, table.by, Live(name)) or around
        shared += notes.laid_out(layout)[len(shared) :]
        notes.layouts[layout] = shared[: len(notes.layouts[layout])]
    notes.opened_by = around
    return Several(tuple(shared))


def format_of(holder: Value, given: list[Value]) -> object:
    """The format of a `struct` object, or the one that a function of `struct` is given."""
    source = constant_of(holder)
    layout = source.format if isinstance(source, struct.Struct) else constant_of(given[0] if given else None)
    return layout.decode("latin-1") if isinstance(layout, bytes) else layout


def unpacked_end(notes: Notes, layout: object) -> Node | None:
    """`struct.unpack(">I", frame[-4:])`."""
    return notes.ended(layout) if isinstance(layout, str) else None


def digest_of(walk: Walk, name: str, given: list[Value]) -> Digest | None:
    """What a call gives that computes a checksum of a message, or writes one as bytes."""
    if any(walk.notes.is_blob(value) or (name != "sum" and isinstance(value, Node)) for value in given):
        if name in CHECKSUMS:
            return Digest(name)
        if name == "reduce":
            return Digest("xor")
    made = next((value for value in given if isinstance(value, Digest)), None)
    if made is not None and name == "pack" and isinstance(layout := constant_of(given[0]), str):
        return Digest(made.name, layout)
    return made


def is_byte(notes: Notes, value: Node) -> bool:
    """Whether a value is one byte of a message."""
    return value is notes.blob.items or (notes.cuts is not None and bool(notes.cuts.numbers(value)))


def computed(walk: Walk, operator: ast.operator, left: Value, right: Value) -> Digest | Written | None:
    """What is computed of a checksum or of a byte, `crc & 0xFF` and `crc ^ byte`; or a format of `struct` whose count
    is filled in, `">%dH" % count`.
    """
    for value in (left, right):
        if isinstance(value, Digest):
            return value
    if isinstance(operator, ast.BitXor):
        return added(walk, operator, left, right)
    text = constant_of(left)
    counted = isinstance(operator, ast.Mod) and isinstance(text, str) and _COUNTED.fullmatch(text)
    return Written(text.replace("%d", "")) if counted and isinstance(text, str) else None


def added(walk: Walk, operator: ast.operator, left: Value, right: Value) -> Digest | None:
    """What the bytes of a message add up to, one by one: `crc ^= byte`."""
    byte = walk.notes.blob.items
    if isinstance(operator, ast.BitXor) and isinstance(right, Node) and not isinstance(left, Node):
        return Digest("xor")
    return Digest("sum") if isinstance(operator, ast.Add) and byte is not None and right is byte else None
