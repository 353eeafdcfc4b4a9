"""What is in a value at an index: a key of a message, a part of a text, an entry of a table of the app's."""

from __future__ import annotations

from collections.abc import Mapping

from wsreplay.generation.reading.code import Live
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.notes import Notes
from wsreplay.generation.reading.values import (
    Callees,
    Ending,
    Matched,
    OneOf,
    Parts,
    Rows,
    Several,
    Tail,
    Value,
    column_of,
    constant_of,
    constants_of,
    is_called,
    members_of,
)

_SCOPE: Mapping[str, str] = {
    "subprotocols": "offers",
    "query_string": "query",
    "headers": "headers",
    "path_params": "path",
    "kwargs": "path",  # of Channels' `url_route`
}
"""What an ASGI scope holds of a handshake, and which note it is."""


_MOST_TYPED = 40


def at(notes: Notes, base: Value, index: Value, required: bool) -> Value:
    """What is in `base` at `index`; `required` when the handler breaks without it."""
    key = constant_of(index)
    if isinstance(base, Node):
        return _in_message(notes, base, index, required)
    if isinstance(key, str) and key in _SCOPE:
        found: Node = getattr(notes, _SCOPE[key])
        return found
    if isinstance(base, Parts):
        if isinstance(key, slice) and base.step == 1 and (key.start is None or key.start >= 0):
            return Parts(base.text, base.separator, base.start + (key.start or 0))
        return base.part(key) if isinstance(key, int) else base.part(1)
    if isinstance(base, Matched):
        return base.group(key)
    if isinstance(base, Rows):
        return base.item if isinstance(key, int) else base
    if isinstance(base, Tail):
        return base.place(key) if isinstance(key, int) else base
    if isinstance(base, Several):
        inside = isinstance(key, int) and -len(base.items) <= key < len(base.items)
        return base.items[key] if inside and isinstance(key, int) else None
    if isinstance(base, OneOf):
        return part_of(base, key) if type(key) is int else _in_one_of(base, index)
    return _in_table(base, index) if isinstance(base, Live) else None


def part_of(value: Value, number: int) -> Value:
    """The part of a value with this number, as an assignment to several names takes it."""
    if isinstance(value, Tail | Node):
        return value.place(number)
    if isinstance(value, Several):
        return value.items[number] if number < len(value.items) else None
    if isinstance(value, OneOf):
        return column_of(
            value, lambda row: row[number] if isinstance(row, tuple | list) and -len(row) <= number < len(row) else None
        )
    if isinstance(value, Live) and isinstance(value.value, list | tuple):
        return Live(value.value[number]) if number < len(value.value) else None
    return value.part(number) if isinstance(value, Parts) else None


def bounds_of(values: list[Value], begun: bool) -> slice:
    """A slice, as far as its bounds are known. Where it does not begin at the beginning, but nobody knows where, it has
    a step.
    """
    start, end = [bound if isinstance(bound := constant_of(value), int) else None for value in values]
    return slice(start, end, None if begun or start is not None else 1)


def _in_message(notes: Notes, base: Node, index: Value, required: bool) -> Value:
    key = constant_of(index)
    if isinstance(index, OneOf):
        names = [one for one in index.values if isinstance(one, str)]
        return Several(tuple(base.key(name, required) for name in names))
    if base is notes.event and key in ("text", "bytes"):
        notes.asked[str(key)] = None
        return notes.text if key == "text" else notes.blob
    if isinstance(key, bytes) and base is notes.headers:
        key = key.decode("latin-1")
    if isinstance(index, Node) and index.of is base and len(base.words) > 1:
        # The text holds a name and what it stands for.
        return base.words[1]
    if isinstance(key, str):
        return base.key(key, required)
    if isinstance(key, slice):
        if notes.is_blob(base) and key.stop is None and isinstance(key.start, int) and key.start < 0:
            return Ending(-key.start)
        base.cut(key)
        if notes.is_blob(base):
            return _bytes_of(notes, base, key)
        if isinstance(key.start, int) and key.stop is None and "list" in base.uses:
            return Tail(base, key.start)
        return base
    if notes.is_blob(base):
        return notes.ended("B") if key == -1 else notes.byte(base, key) if type(key) is int else base.item()
    return base.place(key) if isinstance(key, int) else base.item()


def _bytes_of(notes: Notes, message: Node, bounds: slice) -> Node:
    """A part of a binary message: `data[2:4]`, `data[at:]`."""
    start, stop = bounds.start or 0, bounds.stop
    if bounds.step is not None or start < 0:
        return notes.part(message, None)
    size = stop - start if isinstance(stop, int) and stop > start else None
    if size == 1 and notes.cuts is not None and message.start is not None:
        return notes.cuts.slice(message.start + start, notes.opened_by) or message
    return notes.part(message, start, size)


def _in_one_of(base: OneOf, index: Value) -> Value:
    if isinstance(index, Node):
        index.equals(members_of(base.values))
    held = tuple(value for one in base.values if isinstance(one, dict) for value in one.values())
    return OneOf(members_of(held)) if held else None


def _in_table(base: Live, index: Value) -> Value:
    """An entry of a table; what a client sends picks it by one of the table's keys."""
    if isinstance(index, Node):
        index.equals(constants_of(base))
    table, key = base.value, constant_of(index)
    if not isinstance(table, dict):
        if isinstance(table, list | tuple) and type(key) is int and -len(table) <= key < len(table):
            return Live(table[key])
        return Callees(()) if isinstance(index, Node) else None
    if isinstance(key, str | int):
        held = table.get(key)
        return held if isinstance(held, Node | Parts) else Live(held)
    if not table:
        return Callees(())
    by, names = _column(table, index) if isinstance(index, Several) else (index, tuple(table))
    rows = OneOf(tuple(table.values()), by if isinstance(by, Node) else None, names)
    return column_of(rows, lambda row: row if is_called(row) else None) or rows


def _column(table: Mapping[object, object], index: Several) -> tuple[Node | None, tuple[object, ...]]:
    """A table's keys are tuples, and a part of one comes from a client: the first such part, and what it may be."""
    found: tuple[Node | None, tuple[object, ...]] = (None, tuple(table))
    for place, part in enumerate(index.items):
        if isinstance(part, Node) and all(isinstance(key, tuple) and len(key) > place for key in table):
            names = tuple(constant_of(Live(key[place])) for key in table)  # type: ignore[index]
            part.equals(names)
            found = found if found[0] is not None else (part, names)
    return found


def schema_of(value: Value) -> Several | None:
    """The names in a table of the app's and the type of each, pair by pair: `{"at": int, "text": str}`, or one of some
    such tables. None where it is no such table.
    """
    tables = value.values if isinstance(value, OneOf) else (constant_of(value),)
    pairs = [pair for table in tables if isinstance(table, dict) for pair in table.items()]
    typed = [(name, kind) for name, kind in pairs if isinstance(name, str) and isinstance(kind, type | tuple)]
    if not pairs or len(typed) < len(pairs) or len(pairs) > _MOST_TYPED:
        return None
    return Several(tuple(Several((Live(name), Live(kind))) for name, kind in typed))
