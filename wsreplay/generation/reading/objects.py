"""Objects of the app's own classes: how they are made, and what they have."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from wsreplay.generation.reading import models
from wsreplay.generation.reading.code import Live, attribute, member
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import (
    Callees,
    Inner,
    OneOf,
    This,
    Value,
    Variables,
    column_of,
    constant_of,
    first_of,
    live,
    texts_of,
)


def made(walk: Walk, thing: object, given: list[Value], by_name: Variables) -> Value:
    """An object of a class of the app's own, which has methods; a model of a message is not meant."""
    if not isinstance(thing, type) or issubclass(thing, enum.Enum | BaseException):
        return None
    whole = by_name.get("", given[0] if len(given) == 1 and not by_name else None)
    if models.is_model(thing) and isinstance(whole, Node) and not (given and dataclasses.is_dataclass(thing)):
        return None
    if not walk.reader.owns_class(thing):
        return None
    begins = member(thing, "__init__")
    if begins is not None and walk.reader.owns(begins.value):
        walk.reader.returned(begins.value, given, by_name)
    elif models.is_model(thing) or is_row(thing):
        _filled(walk, thing, given, by_name)
    return This(thing)


def is_row(thing: type) -> bool:
    """Whether a class is a `NamedTuple`: it holds what it is given, whatever that is."""
    return issubclass(thing, tuple) and hasattr(thing, "_fields")


def _filled(walk: Walk, model: type, given: list[Value], by_name: Variables) -> None:
    """An object of a class with declared fields is made of values that are known one by one."""
    hints = models.hints_of(model)
    for name, value in (dict(zip(hints, given, strict=False)) | by_name).items():
        walk.reader.keep(model, name, value)
        if isinstance(value, Node) and not dataclasses.is_dataclass(model) and not is_row(model):
            # It validates what it is given.
            models.learn(hints.get(name), value, walk.notes)


def one_of_table(walk: Walk, thing: object, given: list[Value], by_name: Variables) -> Value:
    """What a function or a class of a table gives; of a class that declares its fields they are keys of the message."""
    if isinstance(thing, Inner):
        return walk.inner(thing.tree, thing.around, given, by_name)
    if not isinstance(thing, type):
        return walk.reader.returned(thing, given, by_name)
    message = by_name.get("")
    if not given and isinstance(message, Node) and models.is_model(thing):
        models.spread(thing, message, walk.notes)
        for name in models.hints_of(thing):
            walk.reader.keep(thing, name, message.key(name))
        return This(thing)
    return made(walk, thing, given, by_name)


def completed(message: Node, defaults: Mapping[object, Value]) -> Node:
    """A message with what stands for keys that it need not have."""
    for name, value in defaults.items():
        if isinstance(name, str) and not isinstance(value, Node):
            message.key(name).stands(constant_of(value))
    return message


def validated(walk: Walk, callees: Callees, message: Node) -> Node:
    """What one of the models of a table makes of a message: `MODELS[kind].model_validate(message)`."""
    for name, model in zip(callees.names, callees.functions, strict=False):
        if models.is_model(model) and isinstance(model, type):
            models.spread(model, message, walk.notes)
            message.calls |= {one: tuple(models.hints_of(model)) for one in texts_of([Live(name)])}
    return message


def attribute_of(walk: Walk, rows: OneOf, name: str) -> Value:
    """An attribute of one of some objects."""
    owners = [row.owner for row in rows.values if isinstance(row, This)]
    if owners:
        known = first_of([walk.reader.field(owner, name) for owner in owners])
        return known or column_of(rows, lambda row: live(member(row.owner, name)) if isinstance(row, This) else None)
    owns = walk.reader.owns_class
    return column_of(rows, lambda row: live(attribute(row, name)) if owns(type(row)) else None)
