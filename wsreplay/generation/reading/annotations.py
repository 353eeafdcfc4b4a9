"""What the parameters of functions are annotated with, and what that says of what is passed for them."""

from __future__ import annotations

import types
import typing
import warnings

from wsreplay.generation.reading import models
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.notes import Notes
from wsreplay.generation.reading.values import Variables


def annotated(function: types.FunctionType, arguments: Variables, message: Node, notes: Notes) -> None:
    """Take note of what a function says that it takes from a message, by the names of its keys."""
    for name, hint in annotations_of(function).items():
        known = message.keys.get(name)
        if known is not None and arguments.get(name) is known:
            models.learn(hint, known, notes)


def annotations_of(function: types.FunctionType) -> dict[str, object]:
    """The annotations of a function, evaluated where that can be done."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return typing.get_type_hints(function, include_extras=True)
    except Exception:  # noqa: BLE001 - evaluating a user's annotation can raise anything
        return dict(function.__annotations__)


def unmarked(hint: object) -> object:
    """The annotation without Annotated and `| None`."""
    if typing.get_origin(hint) is typing.Annotated:
        return unmarked(typing.get_args(hint)[0])
    members = [member for member in typing.get_args(hint) if member is not types.NoneType]
    return members[0] if typing.get_origin(hint) in (typing.Union, types.UnionType) and len(members) == 1 else hint
