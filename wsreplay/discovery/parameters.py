"""Path parameters: which values a route takes, from converters, templates and the annotations of its handler."""

from __future__ import annotations

import datetime
import decimal
import enum
import inspect
import re
import types
import typing
import uuid
from collections.abc import Iterable
from dataclasses import replace

from wsreplay.model import Parameter, Route

_TYPES: dict[object, str] = {
    int: "int",
    float: "float",
    uuid.UUID: "uuid",
    datetime.date: "date",
    datetime.datetime: "datetime",
    datetime.time: "time",
    datetime.timedelta: "timedelta",
    decimal.Decimal: "decimal",
}
_PATTERNS = {"path": ".*", "int": r"-?\d+", "float": r"-?\d+(?:\.\d+)?", "uuid": r"[0-9A-Fa-f-]{32,36}"}
_SEGMENT = "[^/]+"
_HOLE = re.compile(r"\{(?P<name>[^{}:]+)(?::(?P<converter>\w+))?\}")


def template(path: str) -> tuple[str, tuple[Parameter, ...]]:
    """A path as `/chat/{room}/{number:int}` without its converters, and its parameters."""
    parameters = tuple(Parameter(hole["name"], hole["converter"] or "str") for hole in _HOLE.finditer(path))
    return _HOLE.sub(r"{\g<name>}", path), parameters


def alternatives(parameter: Parameter, values: Iterable[object]) -> Parameter:
    """The parameter, limited to `values` that one path segment can carry; itself when there is none."""
    texts = [re.escape(str(value)) for value in values if re.fullmatch(_SEGMENT, str(value))]
    return replace(parameter, converter="enum", pattern="|".join(texts)) if texts else parameter


def fits(route: Route, path: str) -> bool:
    """Whether the concrete, percent-decoded `path` is one of the route's."""
    patterns = {parameter.name: _pattern(parameter) for parameter in route.parameters}
    pieces = re.split(r"\{([^{}]+)\}", route.path)
    for index, piece in enumerate(pieces):
        pieces[index] = f"(?:{patterns.get(piece, _SEGMENT)})" if index % 2 else re.escape(piece)
    try:
        return re.fullmatch("".join(pieces), path, re.DOTALL) is not None
    except re.error:
        # A pattern that is only valid where the framework puts it, a back-reference for example.
        return False


def _pattern(parameter: Parameter) -> str:
    return parameter.pattern or _PATTERNS.get(parameter.converter, _SEGMENT)


def narrowed(parameters: tuple[Parameter, ...], calls: Iterable[object]) -> tuple[Parameter, ...]:
    """The parameters, those that accept any text limited to what the annotations in `calls` take.

    For frameworks that validate path parameters by annotation: a value of another kind would never reach the handler.
    """
    wanted: dict[str, inspect.Parameter] = {}
    for call in calls:
        for name, argument in _arguments(call).items():
            wanted.setdefault(name, argument)
    return tuple(
        _narrow(parameter, wanted[parameter.name])
        if parameter.converter == "str" and parameter.name in wanted
        else parameter
        for parameter in parameters
    )


def _arguments(call: typing.Any) -> dict[str, inspect.Parameter]:
    for evaluate in (True, False):
        try:
            return dict(inspect.signature(call, eval_str=evaluate).parameters)
        except Exception:  # noqa: BLE001, S112 - evaluating a user's annotation can raise anything
            continue
    return {}


def _narrow(parameter: Parameter, argument: inspect.Parameter) -> Parameter:
    kind, extras = _plain(argument.annotation)
    pattern = _declared_pattern([*extras, argument.default])
    if pattern is not None:
        return replace(parameter, converter="regex", pattern=pattern)
    if typing.get_origin(kind) is typing.Literal:
        return alternatives(parameter, typing.get_args(kind))
    if inspect.isclass(kind) and issubclass(kind, enum.Enum):
        return alternatives(parameter, [member.value for member in kind])
    if kind is bool:
        return alternatives(parameter, ["true", "false"])
    converter = _TYPES.get(kind) if inspect.isclass(kind) else None
    return replace(parameter, converter=converter) if converter else parameter


def _plain(annotation: object) -> tuple[object, list[object]]:
    """The annotation without Annotated, NewType and `| None`, and what Annotated carried."""
    extras: list[object] = []
    while True:
        members = [member for member in typing.get_args(annotation) if member is not types.NoneType]
        if typing.get_origin(annotation) is typing.Annotated:
            annotation, *more = typing.get_args(annotation)
            extras += more
        elif typing.get_origin(annotation) in (typing.Union, types.UnionType) and len(members) == 1:
            annotation = members[0]
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        else:
            return annotation, extras


def _declared_pattern(extras: list[object]) -> str | None:
    """The pattern of a pydantic constraint, where it says how the whole value looks."""
    for extra in extras:
        for constraint in (extra, *(getattr(extra, "metadata", None) or ())):
            pattern = getattr(constraint, "pattern", None)
            if isinstance(pattern, str) and pattern.startswith("^") and pattern.endswith("$"):
                return pattern[1:-1]
    return None
