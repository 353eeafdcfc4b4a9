"""What a loop over a value goes through."""

from __future__ import annotations

from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.values import (
    OneOf,
    Parts,
    Rows,
    Stream,
    Tail,
    Value,
    constants_of,
    is_collection,
    members_of,
)


def each_of(value: Value) -> list[Value]:
    """What a loop over a value binds, turn by turn: mostly once for all."""
    if isinstance(value, Tail):
        return [value.of.item()]
    if isinstance(value, Rows):
        return [value.item]
    if isinstance(value, Stream):
        return [value.message]
    if isinstance(value, Parts):
        return [*value.each()]
    if isinstance(value, Node):
        return [value.item()]
    if isinstance(value, OneOf) and all(isinstance(one, list | tuple) for one in value.values):
        # One of some lists: what is in any of them.
        return [OneOf(members_of(value.values))]
    constants = constants_of(value) if is_collection(value) else []
    return [OneOf(tuple(constants)) if constants else None]
