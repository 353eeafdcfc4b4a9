"""How the frozen dataclasses of the model become plain lists and back, derived once from their annotations.

A dataclass is the list of its fields in their order; trailing fields that hold their default are left out, so that a
field added later changes no bytes of what is already there. A member of a union (steps, events) has its tag first.
What is decoded is checked to the last field. Nothing here knows msgpack or files.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Mapping
from operator import attrgetter, index
from typing import Any

from wsreplay.corpus.compiling import Agreement, Convert, Element, compiled
from wsreplay.corpus.limits import MAX_DIGITS

# A codec is generic in the value it carries, and the table below mixes all of them: Any is meant.
Accepts = dict[type, Convert | None]

_NOTHING = object()
_FITS = range(-(2**63), 2**64)
_NAMES = {
    str: "text",
    bytes: "bytes",
    int: "an integer",
    float: "a float",
    bool: "a boolean",
    list: "a list",
    dict: "a map",
    type(None): "nothing",
}


class WrongError(Exception):
    """A value that the schema does not allow; `where` is the way to it."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(what, where)
        self.what = what
        self.where = where

    def inside(self, place: str) -> WrongError:
        """The same, seen from the value that holds it."""
        gap = "" if not self.where or self.where.startswith("[") else "."
        return WrongError(self.what, f"{place}{gap}{self.where}")

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


@dataclasses.dataclass(frozen=True, slots=True)
class Codec:
    """Both directions for one type. `accepts` maps the raw types a value may have to what is left to do with it;
    `words` are the values of a literal.
    """

    encode: Convert
    accepts: Accepts
    words: tuple[str, ...] = ()

    def decode(self, raw: object) -> Any:
        """Check and convert one raw value. Raises WrongError."""
        try:
            convert = self.accepts[type(raw)]
        except KeyError:
            raise WrongError(f"expected {self.expected}, found {shown(raw)}") from None
        return raw if convert is None else convert(raw)

    @property
    def expected(self) -> str:
        """What may stand here, in words."""
        return f"one of {', '.join(self.words)}" if self.words else " or ".join(_NAMES[kind] for kind in self.accepts)


def shown(raw: object) -> str:
    """A raw value in a few words."""
    name = _NAMES.get(type(raw), type(raw).__name__)
    if isinstance(raw, bool | int | float | str):
        text = ascii(raw[:20] if isinstance(raw, str) else raw)[:40]
        return f"{name} ({text})"
    return name


def schema(hint: Any, tags: Mapping[type, str], agreements: Mapping[type, Agreement]) -> Codec:
    """Build the codec for a type annotation.

    `tags` names the members of unions; `agreements` are the rules between fields of a dataclass. Raises TypeError for
    an annotation that has no place in the model.
    """
    return _Builder(tags, agreements).build(hint)


class _Builder:
    def __init__(self, tags: Mapping[type, str], agreements: Mapping[type, Agreement]) -> None:
        self._tags = tags
        self._agreements = agreements
        self._classes: dict[tuple[type, bool], Codec] = {}

    def build(self, hint: Any) -> Codec:
        if hint in _ATOMS:
            return _ATOMS[hint]
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Literal:
            return _literal(arguments)
        if origin in (types.UnionType, typing.Union):
            return self._union(arguments)
        if origin is tuple and arguments[-1] is Ellipsis:
            return _many(self.build(arguments[0]))
        if origin is tuple:
            return _fixed([self.build(argument) for argument in arguments])
        if dataclasses.is_dataclass(hint):
            return self._class(hint, tagged=False)
        raise TypeError(f"no place in the corpus for {hint!r}")

    def _union(self, members: tuple[Any, ...]) -> Codec:
        if all(member in self._tags for member in members):
            codecs = {member: self._class(member, tagged=True) for member in members}
            return _tagged({self._tags[member]: codec for member, codec in codecs.items()}, codecs)
        codecs = {member: self.build(member) for member in members}
        accepts: Accepts = {}
        for codec in codecs.values():
            accepts.update(codec.accepts)
        if types.NoneType in codecs:
            (member,) = (codec for member, codec in codecs.items() if member is not types.NoneType)
            inner = member.encode
            return Codec(lambda value: None if value is None else inner(value), accepts)
        return Codec(_first_fitting(codecs), accepts)

    def _class(self, cls: Any, tagged: bool) -> Codec:
        known = self._classes.get((cls, tagged))
        if known is None:
            hints = typing.get_type_hints(cls)
            fields = dataclasses.fields(cls)
            codecs = {field.name: self.build(hints[field.name]) for field in fields}
            head = [self._tags[cls]] if tagged else []
            decode = _class_decoder(cls, len(head), codecs, self._agreements.get(cls))
            known = Codec(_class_encoder(cls, head, codecs), {list: decode})
            self._classes[cls, tagged] = known
        return known


# --- atoms -----------------------------------------------------------------------------------------------------------


def _encode_int(value: Any) -> int | str:
    number = int(index(value))
    if number in _FITS:
        return number
    if abs(number) >= 10**MAX_DIGITS:
        raise WrongError(f"an integer of more than {MAX_DIGITS} digits")
    return str(number)


def _decode_long_int(raw: str) -> int:
    """Integers beyond 64 bits, which msgpack does not know, are decimal text."""
    digits = raw.removeprefix("-")
    if len(digits) <= MAX_DIGITS and digits.isascii() and digits.isdigit() and digits[0] != "0":
        number = int(raw)
        if number not in _FITS:
            return number
    raise WrongError(f"expected an integer, found {shown(raw)}")


def _encode_float(value: Any) -> float:
    # One value, one encoding: -0.0 equals 0.0, an int equals its float, and the sign and payload of a NaN mean nothing.
    number = float(value + 0.0)
    return math.nan if number != number else number


def _encode_bytes(value: Any) -> bytes:
    # Through a view, because bytes(5) is five bytes.
    return value if type(value) is bytes else bytes(memoryview(value))


def _same(value: Any) -> Any:
    return value


def _first_fitting(codecs: dict[Any, Codec]) -> Convert:
    """Subclasses of text (enumerations) and other kinds of buffers are stored as what they are over the wire."""
    *others, last = codecs.items()

    def encode(value: Any) -> Any:
        for kind, codec in others:
            if isinstance(value, kind):
                return codec.encode(value)
        return last[1].encode(value)

    return encode


_ATOMS: dict[Any, Codec] = {
    str: Codec(_same, {str: None}),
    bytes: Codec(_encode_bytes, {bytes: None}),
    int: Codec(_encode_int, {int: None, str: _decode_long_int}),
    float: Codec(_encode_float, {float: None}),
    bool: Codec(lambda value: bool(index(value)), {bool: None}),
    types.NoneType: Codec(_same, {types.NoneType: None}),
}


def _literal(words: tuple[str, ...]) -> Codec:
    def decode(raw: str) -> str:
        if raw not in words:
            raise WrongError(f"expected one of {', '.join(words)}, found {shown(raw)}")
        return raw

    return Codec(_same, {str: decode}, words)


# --- tuples ----------------------------------------------------------------------------------------------------------


def _many(item: Codec) -> Codec:
    encode, decode, convert = item.encode, item.decode, item.accepts.get(list) or item.decode
    plain = frozenset(kind for kind, left in item.accepts.items() if left is None)

    def encode_list(values: Any) -> list[Any]:
        parts: list[Any] = []
        try:
            for one in values:
                parts.append(encode(one))  # noqa: PERF401 - it counts them
        except WrongError as wrong:
            raise wrong.inside(f"[{len(parts)}]") from None
        return parts

    def decode_list(raw: list[Any]) -> tuple[Any, ...]:
        if plain.issuperset(map(type, raw)):
            return tuple(raw)
        values: list[Any] = []
        try:
            for one in raw:
                values.append(convert(one) if type(one) is list else decode(one))  # noqa: PERF401 - it counts them
        except WrongError as wrong:
            raise wrong.inside(f"[{len(values)}]") from None
        return tuple(values)

    return Codec(encode_list, {list: decode_list})


def _placed(convert: Convert, value: Any, place: str) -> Any:
    try:
        return convert(value)
    except WrongError as wrong:
        raise wrong.inside(place) from None


def _fixed(items: list[Codec]) -> Codec:
    def encode(values: Any) -> list[Any]:
        return [item.encode(value) for item, value in zip(items, values, strict=True)]

    def decode(raw: list[Any]) -> tuple[Any, ...]:
        if len(raw) != len(items):
            raise WrongError(f"expected a list of {len(items)}, found one of {len(raw)}")
        return tuple([item.decode(one) for item, one in zip(items, raw, strict=True)])

    return Codec(encode, {list: decode})


# --- dataclasses -----------------------------------------------------------------------------------------------------


def _class_encoder(cls: type, head: list[str], codecs: dict[str, Codec]) -> Convert:
    encoders = [(name, codec.encode) for name, codec in codecs.items()]
    defaults = _defaults(cls, codecs)
    shortest = len(encoders) - len(defaults)
    get: Convert = attrgetter(*codecs) if len(codecs) > 1 else lambda value: (getattr(value, next(iter(codecs))),)

    def encode(value: Any) -> list[Any]:
        if not isinstance(value, cls):
            raise WrongError(f"expected a {cls.__name__}, found {type(value).__name__}")
        parts: list[Any] = []
        for (name, convert), one in zip(encoders, get(value), strict=True):
            try:
                parts.append(convert(one))
            except WrongError as wrong:
                raise wrong.inside(name) from None
            except (TypeError, ValueError, OverflowError) as error:
                raise WrongError(f"{type(error).__name__}: {error}", name) from None
        while len(parts) > shortest and parts[-1] == defaults[len(parts)]:
            parts.pop()
        return head + parts

    return encode


def _class_decoder(cls: type, skip: int, codecs: dict[str, Codec], agreement: Agreement | None) -> Convert:
    """`skip` is 1 where the list begins with a tag. `slow` defines what is allowed; what it is made into is fast."""
    defaults = _defaults(cls, codecs)
    names = list(codecs)
    shortest = len(names) - len(defaults)

    def slow(raw: list[Any]) -> Any:
        fields = raw[skip:]
        if not shortest <= len(fields) <= len(names):
            raise WrongError(f"{cls.__name__} has {shortest} to {len(names)} fields, found {len(fields)}")
        values = {name: _placed(codecs[name].decode, one, name) for name, one in zip(names, fields, strict=False)}
        if agreement is not None:
            word, other = values[agreement.field], values[agreement.other]
            if (word == agreement.word) is not (type(other) is agreement.kind):
                raise WrongError(f"{agreement.field} {word!r} with {_NAMES[type(other)]} as {agreement.other}")
        if fields and fields[-1] == defaults.get(len(fields), _NOTHING):
            raise WrongError("a default that should have been left out", names[len(fields) - 1])
        return cls(**values)

    return compiled(cls, skip, [_element(field, codecs[field.name]) for field in _fields(cls)], agreement, slow)


def _element(field: dataclasses.Field[Any], codec: Codec) -> Element:
    optional, default = _default(field)
    convert = codec.accepts.get(list)
    return Element(
        field.name,
        tuple(kind for kind, left in codec.accepts.items() if left is None),
        None if convert is None else functools.partial(_placed, convert),
        codec.words,
        optional,
        codec.encode(default) if optional else None,
        default,
    )


def _defaults(cls: type, codecs: dict[str, Codec]) -> dict[int, Any]:
    """The encoded defaults of the trailing fields that have one, by the length of the list that each would end."""
    defaults: dict[int, Any] = {}
    for length, field in enumerate(_fields(cls), 1):
        optional, default = _default(field)
        if optional:
            defaults[length] = codecs[field.name].encode(default)
    return defaults


def _fields(cls: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cls)


def _default(field: dataclasses.Field[Any]) -> tuple[bool, Any]:
    """Whether the field has a default, and which."""
    if field.default_factory is not dataclasses.MISSING:
        return True, field.default_factory()
    return (False, None) if field.default is dataclasses.MISSING else (True, field.default)


# --- unions of dataclasses -------------------------------------------------------------------------------------------


def _tagged(by_tag: dict[str, Codec], by_class: dict[Any, Codec]) -> Codec:
    decoders: dict[str, Convert] = {}
    for tag, codec in by_tag.items():
        convert = codec.accepts[list]
        assert convert is not None
        decoders[tag] = convert

    def encode(value: Any) -> list[Any]:
        codec = by_class.get(type(value))
        if codec is None:
            raise WrongError(f"expected one of {', '.join(by_tag)}, found {type(value).__name__}")
        parts: list[Any] = codec.encode(value)
        return parts

    def decode(raw: list[Any]) -> Any:
        try:
            convert = decoders[raw[0]]
        except (IndexError, KeyError, TypeError):
            found = shown(raw[0]) if raw else "an empty list"
            raise WrongError(f"expected one of {', '.join(by_tag)}, found {found}") from None
        return convert(raw)

    return Codec(encode, {list: decode})
