"""What the values of options may look like, whether they come from a flag, the environment or a TOML file.

A kind turns what was given into the value that Settings holds, or raises ValueError. Nothing here knows an option.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from wsreplay.masks import Masks

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})

Schema: TypeAlias = Mapping[str, object]

_STRING: Schema = {"type": "string", "minLength": 1}
_VARIABLE: Schema = {"type": "string", "pattern": r"\$"}
"""A text with a variable, of whose value nothing is known."""


def _any_of(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _list_of(item: Schema) -> Schema:
    return _any_of(_STRING, {"type": "array", "items": item})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value. `expected` completes the sentence 'expected ...'; `parse` returns the value or raises
    ValueError; `schema` says in JSON Schema what a file may hold. `many` may be given several times, `switch` takes no
    value as a flag, `path` is a path in the file system, `secret` is never shown.
    """

    expected: str
    parse: Callable[[object], object]
    schema: Schema
    metavar: str = ""
    many: bool = False
    switch: bool = False
    path: bool = False
    secret: bool = False


def whole(least: int = 0, word: str = "") -> Kind:
    """A whole number of at least `least`, or `word`, which stays as it is."""

    def parse(value: object) -> object:
        if word and value == word:
            return word
        if isinstance(value, str):
            value = int(value.strip().replace("_", ""))
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ValueError
        return value

    expected = f"a whole number of at least {least}" + (f" or {word!r}" if word else "")
    words: list[Schema] = [{"const": word}] if word else []
    schema = _any_of({"type": "integer", "minimum": least}, *words, _VARIABLE)
    return Kind(expected, parse, schema, f"N|{word}" if word else "N")


def seconds(optional: bool = False) -> Kind:
    """A positive number of seconds; where `optional`, `none` stands for no limit."""

    def parse(value: object) -> object:
        if optional and value in (None, "none"):
            return None
        if isinstance(value, str):
            value = float(value)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < math.inf:
            raise ValueError
        return float(value)

    words: list[Schema] = [{"const": "none"}] if optional else []
    schema = _any_of({"type": "number", "exclusiveMinimum": 0}, *words, _VARIABLE)
    return Kind("a positive number of seconds" + (" or 'none'" if optional else ""), parse, schema, "S")


def choice(*words: str) -> Kind:
    """One of some words."""

    def parse(value: object) -> object:
        if value not in words:
            raise ValueError
        return value

    schema = _any_of({"enum": list(words)}, _VARIABLE)
    return Kind("one of " + ", ".join(repr(word) for word in words), parse, schema, "|".join(words))


def _boolean(value: object) -> object:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in _YES | _NO:
        raise ValueError
    return word in _YES


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError
    return value


def _listed(value: object, separator: str) -> list[object]:
    """A list as it is, a string taken apart."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(separator) if part.strip()]
    if not isinstance(value, list | tuple):
        raise ValueError
    return list(value)


def _words(value: object) -> object:
    given = [value] if isinstance(value, str) else _listed(value, ",")
    return tuple(str(part) for text in given for part in _listed(_text(text), ","))


def _lines(value: object) -> tuple[str, ...]:
    return tuple(_text(line) for line in _listed(value, "\n"))


def _codes(value: object) -> object:
    codes = []
    for item in _listed(value, ","):
        code = int(item) if isinstance(item, str) else item
        if not isinstance(code, int) or isinstance(code, bool) or not 1000 <= code <= 4999:
            raise ValueError
        codes.append(code)
    return tuple(codes)


def _path(value: object) -> object:
    return os.path.expanduser(_text(value))


def _masks(value: object) -> object:
    masks = _lines(value)
    Masks.parse(masks)
    return masks


_CODE: Schema = {"type": "integer", "minimum": 1000, "maximum": 4999}

BOOLEAN = Kind("true or false", _boolean, _any_of({"type": "boolean"}, _VARIABLE), switch=True)
TEXT = Kind("a text", _text, _STRING, "TEXT")
WORDS = Kind("a list of texts", _words, _list_of(_STRING), "TEXT", many=True)
LINES = Kind("a list of texts", _lines, _list_of(_STRING), "TEXT", many=True)
MASKS = Kind(
    "keys of JSON such as id or user.id, or /regular expressions/", _masks, _list_of(_STRING), "MASK", many=True
)
SECRETS = Kind("a text or a list of texts", _lines, _list_of(_STRING), "TEXT", many=True, secret=True)
CODES = Kind(
    "a list of close codes from 1000 to 4999",
    _codes,
    _any_of({"type": "array", "items": _any_of(_CODE, _VARIABLE)}, _VARIABLE),
    "CODE",
    many=True,
)
PATH = Kind("a path", _path, _STRING, "PATH", path=True)
