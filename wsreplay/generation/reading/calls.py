"""What calls mean: receiving, parsing, validating, splitting, looking up, dispatching, waiting; tables first.

Frameworks and libraries are known by the names of their functions, so that none is imported here.
"""

from __future__ import annotations

import ast
import datetime
import enum
import inspect
from collections.abc import Mapping
from functools import partial
from operator import itemgetter

from wsreplay.generation.knowledge import Use
from wsreplay.generation.reading import commands, dispatching, grammars, handshake, matches, models, objects, texts
from wsreplay.generation.reading.arguments import arguments_of
from wsreplay.generation.reading.code import Live, attribute, member
from wsreplay.generation.reading.comparisons import compare
from wsreplay.generation.reading.framing import digest_of, format_of, integer, unpacked, unpacked_end
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.notes import Notes
from wsreplay.generation.reading.places import schema_of
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import (
    Callees,
    Digest,
    Ending,
    Inner,
    Length,
    Matched,
    OneOf,
    Parts,
    Rows,
    Several,
    Stream,
    This,
    TypeOf,
    Value,
    Variables,
    constant_of,
    constants_of,
    is_unknown,
    live,
    texts_of,
)
from wsreplay.generation.reading.waiting import waits

_RECEIVES: Mapping[str, tuple[str, str | None]] = {
    # The name of a method, which note it gives, and the kind of message that it takes.
    "receive_json": ("json", "json"),
    "receive_media": ("json", "json"),
    "iter_json": ("json", "json"),
    "receive_text": ("text", "text"),
    "iter_text": ("text", "text"),
    "receive_bytes": ("blob", "bytes"),
    "iter_bytes": ("blob", "bytes"),
    "receive_data": ("event", None),
    "iter_data": ("event", None),
    "receive": ("event", None),
}
_SAME = frozenset(
    (
        "getvalue",
        "getbuffer",
        "tobytes",
        "removesuffix",
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "casefold",
        "title",
        "encode",
        "decode",
        "copy",
        "replace",
    )
)
_LOOKS_UP = frozenset(("get", "pop", "setdefault", "getlist", "get_list"))
_SPLITS = frozenset(("splitlines", "split", "rsplit", "partition", "rpartition"))
_MATCHES = frozenset(("match", "fullmatch", "search", "findall", "finditer"))
_UNPACKS = frozenset(("unpack", "unpack_from", "iter_unpack"))
_VALIDATES = frozenset(("model_validate", "parse_obj", "from_dict", "from_json", "convert", "validate_python"))
_VALIDATES |= frozenset(("model_validate_json", "parse_raw", "validate_json", "decode", "structure", "cast"))
_CONVERTS: Mapping[str, Use] = {
    "int": "int",
    "range": "int",
    "float": "float",
    "Decimal": "decimal",
    "Fraction": "float",
    "bool": "bool",
    "list": "list",
    "dict": "dict",
    "UUID": "uuid",
    "fromisoformat": "datetime",
}
_HANDS_ON = frozenset(("str", "bytes", "tuple", "set", "frozenset", "sorted", "reversed", "sum", "max", "min"))
_HANDS_ON |= frozenset(
    (
        "StringIO",
        "BytesIO",
        "iter",
        "ord",
        "next",
        "aiter",
        "anext",
        "abs",
        "round",
        "wait_for",
        "shield",
        "cast",
        "unquote",
        "escape",
        "memoryview",
        "normpath",
        "basename",
        "dirname",
    )
)


def called(walk: Walk, node: ast.Call) -> Value:
    """What a call gives, after noting what it says of the messages that it is given."""
    given = arguments_of(walk, node)
    by_name = {keyword.arg or "": walk.value(keyword.value) for keyword in node.keywords}
    if isinstance(node.func, ast.Attribute) and node.func.attr == "from_bytes" and node.args:
        order = by_name.get("byteorder", given[1] if len(given) > 1 else None)
        if (field := integer(walk, node.args[0], order)) is not None:
            return field
    handshake.accepted(walk.notes, given)
    if isinstance(node.func, ast.Attribute):
        base = walk.value(node.func.value)
        grammars.called(walk, node.func.attr, base, given)
        return _method(walk, node.func, base, given, by_name)
    function = walk.value(node.func)
    if isinstance(function, Live) and function.value is getattr and len(given) > 1:
        return dispatching.by_name_of(walk, given[0], node.args[1])
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in ("Template", "fnmatch", "fnmatchcase"):
        grammars.called(walk, name, None, given)
    if name == "receive" and function is None:
        # The second argument of a bare ASGI app.
        return walk.notes.event
    return _function(walk, function, given, by_name, name)


def _method(walk: Walk, node: ast.Attribute, base: Value, given: list[Value], by_name: Variables) -> Value:
    name = node.attr
    if name == "accept":
        walk.notes.subprotocols.update(texts_of([by_name.get("subprotocol", given[0] if given else None)]))
    own = _own_method(walk, base, name)
    if own is not None:
        return walk.reader.returned(own, given, by_name)
    if (asked := handshake.asked(walk.notes, name, given)) is not None:
        return asked
    if (validated := _bound(walk, base, name, given, by_name)) is not None:
        return validated
    if name.lstrip("_") in _RECEIVES and not isinstance(base, Node):
        return _received(walk.notes, name.lstrip("_"), given, by_name)
    if isinstance(base, Matched):
        return matches.method(base, name, given)
    if name == "to_bytes" and isinstance(base, Digest):
        return base
    joined = next((one for one in reversed(given) if isinstance(one, Parts | Node)), None) if name == "join" else None
    if joined is not None:
        # What was split is put together again, or a path: what counts is what it leads to.
        return joined.text if isinstance(joined, Parts) else joined
    if isinstance(base, Node | Parts) or (isinstance(base, OneOf) and name in _SAME):
        return base if isinstance(base, OneOf) else _of_message(walk, base, name, given)
    if name == "setdefault" and len(given) > 1:
        walk.filled(node.value, *given[:2])
    if name in _LOOKS_UP and given:
        return walk.at(base, given[0], required=False)
    return _function(walk, walk.value(node), given, by_name, name, base)


def _bound(walk: Walk, base: Value, name: str, given: list[Value], by_name: Variables) -> Value:
    """What is done with the arguments of a function before it is called, or by one of the models of a table."""
    if name in ("bind", "bind_partial") and (isinstance(base, Callees) or walk.reader.owns(live(base))):
        _function(walk, base, given, by_name)
    message = given[0] if given else None
    if name in _VALIDATES and isinstance(base, Callees) and isinstance(message, Node):
        return objects.validated(walk, base, texts.parsed(walk.notes, base, None, name, message))
    return None


def _own_method(walk: Walk, base: Value, name: str) -> object | None:
    """A method of the app's own, whatever a framework has under the same name."""
    found: Live | None = None
    if isinstance(base, This):
        found = member(base.owner, name)
    elif isinstance(base, Live):
        found = attribute(base.value, name)
    elif is_unknown(base):
        found = walk.reader.method_named(walk.unit, name)
    return found.value if found is not None and walk.reader.owns(found.value) else None


def _received(notes: Notes, name: str, given: list[Value], by_name: Variables) -> Value:
    place, kind = _RECEIVES[name]
    if name.endswith("_data"):
        mode = constant_of(by_name.get("mode", given[0] if given else None))
        place, kind = {"text": ("text", "text"), "binary": ("blob", "bytes")}.get(str(mode), ("event", None))
    if kind is not None:
        notes.kinds[kind] = None
    message: Node = getattr(notes, place)
    return Stream(message) if name.startswith("iter_") else message


def _of_message(walk: Walk, base: Node | Parts, name: str, given: list[Value]) -> Value:
    """A method of a message, or of a part of one."""
    if isinstance(base, Parts):
        return base.part(0 if given and constant_of(given[0]) == 0 else 1) if name == "pop" else None
    if name == "read":
        # From where the last one ended.
        return walk.notes.part(base, None)
    if name in _SAME:
        return base
    if name in _LOOKS_UP and given:
        found = walk.at(base, given[0], required=name == "pop" and len(given) == 1)
        if isinstance(found, Node) and name == "get":
            found.asked_for = True
        if isinstance(found, Node) and len(given) > 1:
            found.stands(constant_of(given[1]))
        return found
    if name in ("startswith", "removeprefix") and given:
        return _beginning(walk.notes, base, given[0])
    if name == "endswith" and given:
        base.suffixes.update(texts_of(given[:1]))
        return None
    if name in _SPLITS:
        separator = "\n" if name == "splitlines" else constant_of(given[0]) if given else None
        return Parts(base, separator if isinstance(separator, str) else None, step=2 if "partition" in name else 1)
    if name in ("isdigit", "isdecimal", "isnumeric"):
        base.used("int")
    elif name in ("items", "keys"):
        base.used("dict")
        return Rows(Several((None, None)), base) if name == "items" else None
    return None


def _beginning(notes: Notes, message: Node, begins: Value) -> Node:
    """`data.startswith(b"PK")`."""
    message.prefixes.update(texts_of([begins]))
    for chunk in constants_of(begins):
        if isinstance(chunk, bytes):
            notes.part(message, 0, len(chunk)).begins(chunk)
    return message


def _function(
    walk: Walk, function: Value, given: list[Value], by_name: Variables, name: str = "", holder: Value = None
) -> Value:
    """A call of a class, a builtin, a library's function or the app's own; `holder` is what it is a method of."""
    if isinstance(function, Inner):
        return walk.inner(function.tree, function.around, given, by_name)
    if isinstance(function, Callees):
        return commands.called(walk, function, given, by_name, partial(objects.one_of_table, walk))
    thing = function.value if isinstance(function, Live) else None
    name = (getattr(thing, "__name__", "") if holder is None else "") or name
    holder = _bound_to(thing) if holder is None else holder
    if walk.reader.owns(thing):
        return walk.reader.returned(thing, given, by_name)
    if name == "fromkeys" and given:
        # A table of the app's, before it is filled.
        return Live(dict.fromkeys(constants_of(given[0])))
    _noted(walk, name, given, by_name)
    if name in ("parse_qs", "parse_qsl"):
        return texts.form(walk.notes, given)
    if (members := dispatching.members_of(walk, name, given)) is not None:
        return members
    values = [*given, *by_name.values()]
    made = (
        objects.made(walk, thing, given, by_name)
        or _given_back(walk, thing, given)
        or (schema_of(holder) if name == "items" else None)
        or _framed(walk, name, holder, given)
        or texts.held(thing, name, given, by_name)
    )
    if made is not None:
        return made
    message = next((value for value in values if isinstance(value, Node)), None)
    if message is None:
        return next((value for value in given if isinstance(value, Stream | Parts)), None)
    if name == "split" and message is given[0]:
        # `shlex.split(line)`
        return Parts(message, None)
    if name in _MATCHES:
        return matches.matched(message, name, holder, given)
    if name in _UNPACKS:
        return unpacked(walk, name, message, holder, given)
    message = texts.parsed(walk.notes, holder, thing, name, message)
    return _understood(walk, thing, name, message, [holder, *given, *by_name.values()])


def _bound_to(thing: object) -> Live | None:
    """What a method was taken from that has a name of its own: `decode = Decoder(Message).decode`."""
    owner = getattr(thing, "__self__", None)
    return Live(owner) if owner is not None and not inspect.ismodule(owner) else None


def _given_back(walk: Walk, thing: object, given: list[Value]) -> Value:
    """What two functions of the standard library give: `itemgetter("a", "b")(message)`, `signature(handler)`."""
    if isinstance(thing, itemgetter) and given:
        taken = tuple(walk.at(given[0], Live(key), required=True) for key in thing.__reduce__()[1])
        return Several(taken) if len(taken) > 1 else taken[0]
    if thing is bytes and given and isinstance(given[0], Several):
        known = [number for one in given[0].items if type(number := constant_of(one)) is int and 0 <= number < 256]
        return Live(bytes(known)) if len(known) == len(given[0].items) else None
    # What is bound to a signature is what the function is called with.
    return given[0] if thing is inspect.signature and given else None


def _framed(walk: Walk, name: str, holder: Value, given: list[Value]) -> Value:
    """A checksum of a frame, or the fields at its end."""
    if name in _UNPACKS and any(isinstance(value, Ending) for value in given):
        return Several((unpacked_end(walk.notes, format_of(holder, given)),))
    return digest_of(walk, name, given)


def _noted(walk: Walk, name: str, given: list[Value], by_name: Variables) -> None:
    """What a call says whatever it gives: how long it waits, that two things are compared. A library that is given a
    function of the app's calls it with what follows, in a thread or a task.
    """
    waits(walk.notes, name, given, by_name)
    if name == "compare_digest" and len(given) == 2:
        compare(walk.notes, ast.Eq(), *given)
    for number, value in enumerate(given):
        if isinstance(value, Live) and walk.reader.owns(value.value):
            following = given[number + 1 :]
            if name in ("map", "filter"):
                following = [one.item() if isinstance(one, Node) else None for one in following]
            walk.reader.returned(value.value, following, by_name)


def _understood(walk: Walk, thing: object, name: str, message: Node, values: list[Value]) -> Value:
    """What becomes of a message that is passed to a type, a builtin or a validator; None for anything else."""
    if thing is len:
        return Length(message) if message.whole is None else Length(message.whole, -(message.start or 0))
    if thing is type:
        return TypeOf(message)
    if thing is isinstance:
        for kind in constants_of(values[-1]):
            models.learn(kind, message, walk.notes)
        return None
    if isinstance(thing, type) and issubclass(thing, enum.Enum):
        message.equals(constants_of(Live(thing)))
    elif isinstance(thing, type) and models.is_model(thing):
        models.learn(thing, message, walk.notes)
    elif name in _CONVERTS:
        dated = name == "fromisoformat" and constant_of(values[0]) is datetime.date
        message.used("date" if dated else _CONVERTS[name])
        if name == "range":
            # What it counts is not in the message.
            return None
    elif name in _VALIDATES:
        for value in values:
            models.learn(_target(value), message, walk.notes)
    elif name not in _HANDS_ON and name not in texts.PARSES:
        return None
    return message


def _target(value: Value) -> object:
    """The type that a validator makes: a class itself, or what a pydantic or msgspec validator object was made for."""
    thing = value.value if isinstance(value, Live) else None
    if inspect.ismodule(thing) or isinstance(thing, type):
        return thing if isinstance(thing, type) else None
    for name in ("_type", "type"):
        found = attribute(thing, name)
        if found is not None:
            # msgspec keeps it in a slot, where it is not stored as a plain attribute.
            return getattr(thing, name, None)
    return thing
