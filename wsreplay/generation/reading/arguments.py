"""The arguments of a call, one by one: what is handed on with a star, too."""

from __future__ import annotations

import ast

from wsreplay.generation.reading.code import Live
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import Inner, Parts, Several, Value

_MOST_SPREAD = 4


def arguments_of(walk: Walk, node: ast.Call) -> list[Value]:
    """What the arguments of a call stand for that are given by their places."""
    starred = any(isinstance(argument, ast.Starred) for argument in node.args)
    room = _room(walk, node) if starred else 0
    return [value for argument in node.args for value in _spread(walk, argument, room)]


def _room(walk: Walk, node: ast.Call) -> int:
    """How many arguments what is called takes, beside those that are given one by one."""
    function = walk.value(node.func)
    if isinstance(function, Inner):
        takes = len(function.tree.args.args)
    else:
        code = getattr(function.value, "__code__", None) if isinstance(function, Live) else None
        # A method of the app's own is given its object, too.
        takes = code.co_argcount - isinstance(node.func, ast.Attribute) if code is not None else _MOST_SPREAD
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
