"""The arguments of a call, one by one: what is handed on with a star, too."""

from __future__ import annotations

import ast
import inspect

from wsreplay.generation.reading.code import Definition, Live, names_of
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import Callees, Inner, Parts, Several, Spread, Tail, Value, Variables


def arguments_of(walk: Walk, node: ast.Call) -> list[Value]:
    """What the arguments of a call stand for that are given by their places."""
    starred = any(isinstance(argument, ast.Starred) for argument in node.args)
    function = walk.value(node.func) if starred else None
    last = walk.value(node.args[-1]) if isinstance(function, Callees) else None
    last = Tail(last, 0) if isinstance(last, Node) else last
    if isinstance(last, Parts | Tail) and isinstance(node.args[-1], ast.Starred):
        return [*(walk.value(argument) for argument in node.args[:-1]), Spread(last)]
    room = _room(node, function) if starred else 0
    return [value for argument in node.args for value in _spread(walk, argument, room)]


def given_to(tree: Definition, names: list[str], given: list[Value], by_name: Variables) -> Variables:
    """What the parameters of a function stand for, by their names; those that take one argument each are `names`."""
    rest = tree.args.vararg
    spread = given[-1] if given else None
    left: Value = Several(tuple(given[len(names) :]))
    if isinstance(spread, Spread):
        room = max(0, len(names) - len(given) + 1)
        given = [*given[:-1], *(spread.one(number) for number in range(room))]
        left = spread.rest(room)
        if isinstance(spread.parts, Tail) and rest is None:
            spread.parts.of.measured(spread.parts.start + room)
    arguments = dict(zip(names, given, strict=False)) | ({rest.arg: left} if rest is not None else {})
    message = by_name.get("")
    if isinstance(message, Node):
        # `handler(**message)`
        arguments |= {
            name: message.key(name) for name in _keywords(tree, names) if name not in arguments and name not in by_name
        }
    return arguments | by_name


def keywords_of(function: object, given: int) -> tuple[str, ...] | None:
    """The names of the arguments that a function takes after the first ones `given`; None where it takes any."""
    if isinstance(function, Inner):
        if function.tree.args.kwarg is not None:
            return None
        return _keywords(function.tree, names_of(function.tree, bound=False)[given:])
    try:
        parameters = list(inspect.signature(function).parameters.values())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
        return None
    return tuple(one.name for one in parameters[given:] if one.kind is not inspect.Parameter.VAR_POSITIONAL)


def _keywords(tree: Definition, names: list[str]) -> tuple[str, ...]:
    """The names by which arguments may be given, where those with a place are `names`."""
    return (*names, *(argument.arg for argument in tree.args.kwonlyargs))


def _room(node: ast.Call, function: Value) -> int:
    """How many arguments what is called takes, beside those that are given one by one."""
    if isinstance(function, Inner):
        takes = len(function.tree.args.args)
    else:
        code = getattr(function.value, "__code__", None) if isinstance(function, Live) else None
        # A method of the app's own is given its object, too.
        takes = code.co_argcount - isinstance(node.func, ast.Attribute) if code is not None else 0
    return max(0, takes - sum(not isinstance(argument, ast.Starred) for argument in node.args))


def _spread(walk: Walk, argument: ast.expr, room: int) -> list[Value]:
    """What an argument stands for; `room` of what is handed on with a star."""
    value = walk.value(argument)
    if not isinstance(argument, ast.Starred):
        return [value]
    if isinstance(value, Parts):
        return [value.part(number) for number in range(room)]
    if isinstance(value, Several):
        return list(value.items)
    return [value.place(number) for number in range(room)] if isinstance(value, Node) else []
