"""How the frozen dataclasses of the model become plain lists and back, derived once from their annotations.

A dataclass is the list of its fields in their order; trailing fields that hold their default are left out, so that a
field added later changes no bytes of what is already there. A member of a union (steps, events) has its tag first.
What is decoded is checked to the last field: the types of a list's elements, taken together, must be a combination that
the dataclass allows. Nothing here knows msgpack or files.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import types
import typing
from collections.abc import Callable, Mapping
from operator import attrgetter, index, itemgetter
from typing import Any

from wsreplay.corpus.limits import MAX_DIGITS

# A codec is generic in the value it carries, and the table below mixes all of them: Any is meant.
Convert = Callable[[Any], Any]
Accepts = dict[type, Convert | None]
Check = Callable[[Mapping[str, object]], bool]
Plan = tuple[Convert | None, frozenset[Any], tuple[Any] | None, tuple[tuple[int, str, Convert], ...]]

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


def schema(hint: Any, tags: Mapping[type, str], checks: Mapping[type, Check]) -> Codec:
    """Build the codec for a type annotation.

    `tags` names the members of unions; `checks` are the rules for a dataclass that its types alone do not say: each is
    asked once, about each combination of the fields' words (of literals) and raw types, whether it may be. Raises
    TypeError for an annotation that has no place in the model.
    """
    return _Builder(tags, checks).build(hint)


class _Builder:
    def __init__(self, tags: Mapping[type, str], checks: Mapping[type, Check]) -> None:
        self._tags = tags
        self._checks = checks
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
            known = Codec(
                _class_encoder(cls, head, codecs), {list: _class_decoder(cls, len(head), codecs, self._checks.get(cls))}
            )
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
    # The dataclass that holds it looks at the word.
    return Codec(_same, {str: None}, words)


# --- tuples ----------------------------------------------------------------------------------------------------------


def _many(item: Codec) -> Codec:
    encode, decode, convert = item.encode, item.decode, item.accepts.get(list)
    plain = frozenset(kind for kind, left in item.accepts.items() if left is None)

    def decode_list(raw: list[Any]) -> tuple[Any, ...]:
        if plain.issuperset(map(type, raw)):
            return tuple(raw)
        # The fast way first; what is amiss is found, and named, the slow way.
        if convert is not None:
            try:
                return tuple([convert(one) if type(one) is list else decode(one) for one in raw])
            except WrongError:
                pass
        return tuple([_placed(decode, one, f"[{number}]") for number, one in enumerate(raw)])

    return Codec(
        lambda values: [_placed(encode, one, f"[{number}]") for number, one in enumerate(values)], {list: decode_list}
    )


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


def _class_decoder(cls: type, skip: int, codecs: dict[str, Codec], check: Check | None) -> Convert:
    """`skip` is 1 where the list begins with a tag."""
    plans = _plans(cls, skip, codecs, check)

    def decode(raw: list[Any]) -> Any:
        plan = plans.get(tuple(map(type, raw)))
        if plan is None:
            raise _complaint(cls, raw[skip:], codecs)
        pick, words, default, conversions = plan
        if pick is not None and pick(raw) not in words:
            raise _complaint(cls, raw[skip:], codecs)
        if default is not None and raw[-1] == default[0]:
            raise WrongError("a default that should have been left out", list(codecs)[len(raw) - skip - 1])
        fields = raw[skip:]
        for number, name, convert in conversions:
            try:
                fields[number] = convert(fields[number])
            except WrongError as inner:
                raise inner.inside(name) from None
        return cls(*fields)

    return decode


def _complaint(cls: type, fields: list[Any], codecs: dict[str, Codec]) -> WrongError:
    """Say what is wrong with a list that fits no plan."""
    names = list(codecs)
    shortest = len(names) - len(_defaults(cls, codecs))
    if not shortest <= len(fields) <= len(names):
        return WrongError(f"{cls.__name__} has {shortest} to {len(names)} fields, found {len(fields)}")
    for (name, codec), one in zip(codecs.items(), fields, strict=False):
        if type(one) not in codec.accepts or (codec.words and one not in codec.words):
            return WrongError(f"expected {codec.expected}, found {shown(one)}", name)
    return WrongError(f"fields of {cls.__name__} that contradict each other")


def _plans(cls: type, skip: int, codecs: dict[str, Codec], check: Check | None) -> dict[tuple[type, ...], Plan]:
    """The plan for every combination of raw types that the dataclass allows."""
    defaults = _defaults(cls, codecs)
    plans: dict[tuple[type, ...], Plan] = {}
    for length in range(len(codecs) - len(defaults), len(codecs) + 1):
        shown = list(codecs.items())[:length]
        for kinds in itertools.product(*(codec.accepts for _, codec in shown)):
            default = (defaults[length],) if length in defaults else None
            conversions = tuple(
                (number, name, convert)
                for number, ((name, codec), kind) in enumerate(zip(shown, kinds, strict=True))
                if not codec.words and (convert := codec.accepts[kind]) is not None
            )
            pick, words = _words(skip, dict(shown), kinds, check)
            plans[(str,) * skip + kinds] = pick, words, default, conversions
    return plans


def _words(
    skip: int, codecs: dict[str, Codec], kinds: tuple[type, ...], check: Check | None
) -> tuple[Convert | None, frozenset[Any]]:
    """How to pick a list's literals, and the combinations of them that go with its types."""
    literals = {name: number + skip for number, (name, codec) in enumerate(codecs.items()) if codec.words}
    if not literals:
        return None, frozenset()
    allowed = set()
    for words in itertools.product(*(codecs[name].words for name in literals)):
        seen = {**dict(zip(codecs, kinds, strict=True)), **dict(zip(literals, words, strict=True))}
        if check is None or check(seen):
            allowed.add(words if len(words) > 1 else words[0])
    return itemgetter(*literals.values()), frozenset(allowed)


def _defaults(cls: Any, codecs: dict[str, Codec]) -> dict[int, Any]:
    """The encoded defaults of the trailing fields that have one, by the length of the list that each would end."""
    defaults: dict[int, Any] = {}
    for length, field in enumerate(dataclasses.fields(cls), 1):
        if field.default_factory is not dataclasses.MISSING:
            defaults[length] = codecs[field.name].encode(field.default_factory())
        elif field.default is not dataclasses.MISSING:
            defaults[length] = codecs[field.name].encode(field.default)
    return defaults


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
