"""Types that a handler validates messages with: their fields, as nodes."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import inspect
import types
import typing
import uuid
from collections.abc import Mapping

from wsreplay.generation.knowledge import Use
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.notes import Notes

_USES: Mapping[object, Use] = {
    str: "str",
    int: "int",
    float: "float",
    decimal.Decimal: "decimal",
    bool: "bool",
    list: "list",
    dict: "dict",
    uuid.UUID: "uuid",
    datetime.datetime: "datetime",
    datetime.date: "date",
}
_PYDANTIC: Mapping[str, tuple[Use, str]] = {
    # By their names, so that pydantic is not imported: what they are made of, and a text that they take.
    "AwareDatetime": ("datetime", ""),
    "NaiveDatetime": ("datetime", ""),
    "PastDatetime": ("datetime", ""),
    "FutureDatetime": ("datetime", ""),
    "PastDate": ("date", ""),
    "FutureDate": ("date", ""),
    "ByteSize": ("int", ""),
    "SecretStr": ("str", ""),
    "EmailStr": ("str", "ann@example.org"),
    "AnyUrl": ("str", "https://example.org/"),
    "AnyHttpUrl": ("str", "https://example.org/"),
    "HttpUrl": ("str", "https://example.org/"),
    "IPvAnyAddress": ("str", "127.0.0.1"),
}
_DEEPEST = 5


def is_model(thing: object) -> bool:
    """Whether `thing` is a class with declared fields: pydantic, msgspec, dataclass, attrs, TypedDict or NamedTuple."""
    return inspect.isclass(thing) and (
        dataclasses.is_dataclass(thing)
        or typing.is_typeddict(thing)
        or any(hasattr(thing, name) for name in ("model_fields", "__struct_fields__", "__attrs_attrs__", "__fields__"))
    )


def validates(cls: type) -> bool:
    """Whether a class is there for what is sent: its objects hold data, and a constant on it is only a default."""
    return (is_model(cls) and not dataclasses.is_dataclass(cls)) or issubclass(cls, enum.Enum | tuple | dict | str)


def learn(annotation: object, node: Node, notes: Notes, depth: int = 0) -> None:
    """Note what an annotation says of a value: models and their fields, literals, members of enums, plain types."""
    origin, members = typing.get_origin(annotation), typing.get_args(annotation)
    if depth > _DEEPEST or annotation is None:
        return
    if origin is typing.Annotated:
        learn(members[0], node, notes, depth)
        _bounds(members[1:], node)
    elif origin in (typing.Union, types.UnionType):
        for member in members:
            learn(member, node, notes, depth + 1)
        told = _told_apart([_plain(member) for member in members])
        node.calls |= {command: tuple(fields) for command, fields in told.items()}
        _unlike(told, node, notes, depth)
    elif origin is typing.Literal:
        node.equals(_bare(one) for one in members)
    elif origin in (typing.NotRequired, typing.Required):
        learn(members[0], node, notes, depth)
    elif isinstance(annotation, type) and is_model(annotation):
        notes.models[annotation] = None
        node.modelled = True
        _fields(annotation, node, notes, depth + 1)
    elif isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        node.equals(member.value for member in annotation)
    elif (use := _USES.get(origin or annotation)) is not None:
        node.used(use)
        if use == "list" and members:
            learn(members[0], node.item(), notes, depth + 1)
    elif isinstance(annotation, type) and annotation.__module__.startswith("pydantic."):
        use, sample = _PYDANTIC.get(annotation.__name__, ("str", ""))
        node.used(use)
        node.stands(sample)


def spread(model: type, node: Node, notes: Notes) -> None:
    """Note what the keys of an object are that are given to a model one by one: it is not all that there is in it."""
    known = model in notes.models
    learn(model, node, notes)
    if not known:
        del notes.models[model]


def hints_of(model: type) -> dict[str, object]:
    """The annotations of a class, evaluated where that can be done."""
    try:
        return typing.get_type_hints(model, include_extras=True)
    except Exception:  # noqa: BLE001 - evaluating a user's annotation can raise anything
        return dict(getattr(model, "__annotations__", {}))


def _fields(model: type, node: Node, notes: Notes, depth: int) -> None:
    declared = getattr(model, "model_fields", None)
    hints = hints_of(model)
    if isinstance(declared, dict):
        # pydantic has resolved what a generic model's fields are.
        hints |= {name: field.annotation for name, field in declared.items() if hasattr(field, "annotation")}
        if set(declared) == {"root"}:
            learn(hints["root"], node, notes, depth)
            return
    tagged = _tag(model)
    if tagged is not None:
        node.key(tagged[0], required=True).equals([tagged[1]])
    optional = _optional(model)
    for name, hint in hints.items():
        if not _is_field(name, hint):
            continue
        required = name not in optional and typing.get_origin(hint) is not typing.NotRequired
        part = node.key(_alias(model, name), required)
        learn(hint, part, notes, depth)
        _bounds([getattr(model, "model_fields", {}).get(name)], part)


def _is_field(name: str, hint: object) -> bool:
    return not name.startswith("_") and typing.get_origin(hint) is not typing.ClassVar


def _bare(value: object) -> object:
    """What a member of an enum is in JSON."""
    return value.value if isinstance(value, enum.Enum) else value


def _plain(annotation: object) -> object:
    """`Circle` of `Annotated[Circle, Tag("circle")]`."""
    marked = typing.get_origin(annotation) is typing.Annotated
    return typing.get_args(annotation)[0] if marked else annotation


def _fields_of(model: type) -> dict[str, object]:
    """The annotations of a model's fields, by their names in JSON."""
    return {_alias(model, name): hint for name, hint in hints_of(model).items() if _is_field(name, hint)}


def _unlike(told: dict[str, dict[str, object]], node: Node, notes: Notes, depth: int) -> None:
    """A key that is one thing in one of some models and another in another, say a list, has a variant for each."""
    variants: dict[str, dict[str, Node]] = {}
    for command, fields in told.items():
        for name, hint in fields.items():
            part = variants.setdefault(name, {})[command] = Node(depth=node.depth + 1)
            learn(hint, part, notes, depth + 1)
    for name, parts in variants.items():
        if len({frozenset(part.uses) for part in parts.values()}) > 1:
            node.key(name).variants.update(parts)


def _told_apart(members: list[object]) -> dict[str, dict[str, object]]:
    """The fields of each of some models, by the values of the one that tells them apart; they may forbid all others."""
    told: dict[str, dict[str, object]] = {}
    for model in members:
        if not isinstance(model, type) or not is_model(model):
            continue
        fields = _fields_of(model)
        hints = [_plain(hint) for hint in fields.values()]
        tagged = _tag(model)
        values = (
            (tagged[1],)
            if tagged is not None
            else next((typing.get_args(hint) for hint in hints if typing.get_origin(hint) is typing.Literal), ())
        )
        told |= {value: fields for one in values if isinstance(value := _bare(one), str)}
    return told if len(told) > 1 else {}


def _bounds(marks: typing.Iterable[object], node: Node) -> None:
    """Note the bounds and patterns that pydantic, msgspec or annotated-types declare."""
    for mark in marks:
        for constraint in (mark, *(getattr(mark, "metadata", None) or ())):
            for name in ("ge", "gt", "le", "lt"):
                node.compared(getattr(constraint, name, None))
            pattern = getattr(constraint, "pattern", None)
            if isinstance(pattern, str):
                node.patterns[pattern] = None
            for name in ("min_length", "max_length"):
                node.measured(getattr(constraint, name, None))


def _optional(model: type) -> set[str]:
    """The fields that have a default."""
    declared = getattr(model, "model_fields", None)
    if isinstance(declared, dict):
        return {name for name, field in declared.items() if not field.is_required()}
    struct: tuple[str, ...] = getattr(model, "__struct_fields__", ())
    if struct:
        return set(struct[len(struct) - len(getattr(model, "__struct_defaults__", ())) :])
    if dataclasses.is_dataclass(model):
        fields = dataclasses.fields(model)
        missing = dataclasses.MISSING
        return {field.name for field in fields if (field.default, field.default_factory) != (missing, missing)}
    return set(getattr(model, "__optional_keys__", ()))


def _alias(model: type, name: str) -> str:
    """The name that a field has in JSON."""
    fields = getattr(model, "model_fields", None)
    alias = getattr(fields.get(name), "alias", None) if isinstance(fields, dict) else None
    return alias if isinstance(alias, str) else name


def _tag(model: type) -> tuple[str, object] | None:
    """The field by which msgspec tells the members of a union apart, with this member's value."""
    config = getattr(model, "__struct_config__", None)
    field = getattr(config, "tag_field", None)
    return (field, getattr(config, "tag", None)) if isinstance(field, str) else None
