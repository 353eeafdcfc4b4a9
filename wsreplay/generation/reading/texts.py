"""Texts that hold something else, by the functions that take it out: CSV, forms, base64, JSON in a text."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import partial
from types import ModuleType

from wsreplay.generation.knowledge import Coding
from wsreplay.generation.reading.code import Live
from wsreplay.generation.reading.loops import each_of
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.notes import Notes
from wsreplay.generation.reading.places import part_of
from wsreplay.generation.reading.values import (
    Parts,
    Rows,
    Several,
    Tail,
    Value,
    Variables,
    constant_of,
    constants_of,
    is_collection,
    pair_of,
)

_MOST_ROWS = 12

_DECODES: Mapping[str, Coding] = {
    "b64decode": "base64",
    "standard_b64decode": "base64",
    "urlsafe_b64decode": "urlsafe",
    "decodebytes": "base64",
    "a2b_base64": "base64",
    "fromhex": "hex",
    "unhexlify": "hex",
    "a2b_hex": "hex",
}

PARSES = frozenset(("unpackb", "loads", "decode", "decode_json", "parse_raw", "model_validate_json", "validate_json"))
_PARSERS = frozenset(("json", "orjson", "ujson", "simplejson", "rapidjson", "msgspec"))
_PACKERS = frozenset(("msgpack", "ormsgpack", "umsgpack", "cbor2"))
_UNPACKS = frozenset(("unpackb", "loads", "decode"))


def _of_packer(holder: Value) -> bool:
    """`msgspec.msgpack`, or a decoder of it."""
    thing = holder.value if isinstance(holder, Live) else None
    name = getattr(thing, "__name__", "") if isinstance(thing, ModuleType) else type(thing).__module__
    return name.startswith("msgspec.") and "msgpack" in name


def held(thing: object, name: str, given: list[Value], by_name: Variables) -> Value:
    """What a call takes out of a text: the rows of a table, or what is written in it in some coding."""
    source = given[0] if given else None
    if isinstance(source, Rows):
        if name == "dict":
            return pair_of(source.item)
        if name == "enumerate":
            return Rows(Several((None, source.item)))
        return source.item if name == "next" else source
    if name in ("deepcopy", "copy") and isinstance(source, Live):
        return source
    if name == "enumerate" and isinstance(source, Node | Parts | Tail):
        return _numbered(source)
    if name == "zip" and any(isinstance(one, Node | Parts | Tail) for one in given):
        return _side_by_side(given)
    if thing in (csv.reader, csv.DictReader):
        return _rows(source, by_name, named=thing is csv.DictReader)
    return source.coded(_DECODES[name]) if name in _DECODES and isinstance(source, Node) else None


def _numbered(source: Node | Parts | Tail) -> Value:
    """What `enumerate` gives: where some parts of a text are known one by one, each with its number."""
    each = each_of(source)
    if len(each) == 1:
        return Rows(Several((None, each[0])))
    return Several(tuple(Several((Live(number), one)) for number, one in enumerate(each)))


def _side_by_side(given: list[Value]) -> Value:
    """What `zip` gives, row by row where it is known how many there are: `zip(words, LIMITS)`."""
    tables = [constants_of(one) if is_collection(one) else None for one in given]
    count = min((len(table) for table in tables if table is not None), default=0)
    if not 0 < count <= _MOST_ROWS:
        return Rows(Several(tuple(each_of(one)[0] for one in given)))
    return Several(tuple(Several(tuple(map(partial(_row, number), given, tables))) for number in range(count)))


def _row(number: int, value: Value, table: list[object] | None) -> Value:
    if isinstance(value, Node | Parts | Several | Tail):
        return part_of(value, number)
    return Live(table[number]) if table is not None else each_of(value)[0]


def form(notes: Notes, given: list[Value]) -> Node:
    """`parse_qs(text)`: what is in a message of the form `a=1&b=2`; of the query string where it is none."""
    text = given[0] if given else None
    if not isinstance(text, Node) or text is notes.query:
        return notes.query
    pair = text.word(1, "&")
    pair.word(1, "=")
    return pair


def _rows(source: Value, by_name: Variables, named: bool) -> Value:
    delimiter = constant_of(by_name.get("delimiter"))
    separator = delimiter if isinstance(delimiter, str) else ","
    if isinstance(source, Several) and len(source.items) == 1:
        # `csv.reader([line])`
        line = source.items[0]
        return Rows(Parts(line, separator)) if isinstance(line, Node) else None
    text = source.text if isinstance(source, Parts) else source
    if not isinstance(text, Node):
        return None
    row = text.row(separator)
    return Rows(row if named else Parts(row, separator))


def parsed(notes: Notes, holder: Value, thing: object, name: str, message: Node) -> Node:
    """The JSON document that a library's reader makes of a message; the message itself if it is no such reader."""
    library = getattr(holder.value, "__name__", "json").split(".")[0] if isinstance(holder, Live) else "json"
    if name in _UNPACKS and (library in _PACKERS or _of_packer(holder)):
        notes.packed = True
        notes.kinds["bytes"] = None
        return notes.json
    if name not in PARSES or (name in ("loads", "decode") and library not in _PARSERS):
        return message
    if message not in (notes.text, notes.event) and not notes.is_blob(message):
        module = getattr(thing, "__module__", None) or ""
        inside = message is not notes.json and module.split(".")[0].lstrip("_") in _PARSERS
        return message.coded("json") if inside else message
    if notes.is_blob(message):
        notes.json_in_bytes = True
    else:
        notes.kinds.pop("text", None)
        notes.kinds["json"] = None
    return notes.json
