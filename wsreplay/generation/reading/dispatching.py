"""Methods that are chosen by what a client sends: `getattr(self, f"on_{action}")`."""

from __future__ import annotations

import ast
import types

from wsreplay.generation.reading.code import Live, member
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import Callees, OneOf, This, Value, computed_name, texts_of


def by_name_of(walk: Walk, base: Value, expression: ast.expr) -> Value:
    """The methods of `base` that `getattr` may find, whose names, or ends of names, are what a client may send."""
    computed = computed_name(expression)
    owner = base.owner if isinstance(base, This) else type(base.value) if isinstance(base, Live) else None
    if owner is None:
        return None
    if computed is None:
        asked = walk.value(expression)
        # What it was compared with before.
        known = [one for _, one in asked.constants] if isinstance(asked, Node) else []
        called = texts_of([asked, OneOf(tuple(known))])
        members = [member(owner, name) for name in called]
        return Callees(tuple(one.value for one in members if one is not None and walk.reader.owns(one.value)))
    prefix, rest = computed
    names = [one for cls in owner.__mro__ for one in vars(cls) if one.startswith(prefix)]
    found = {one: member(owner, one) for one in names}
    methods = {one: live.value for one, live in found.items() if live is not None and walk.reader.owns(live.value)}
    asked = walk.value(rest)
    if isinstance(asked, Node):
        asked.equals(one.removeprefix(prefix) for one in (*methods, *_attributes(owner, prefix)))
    return Callees(tuple(methods.values()))


def _attributes(owner: type, prefix: str) -> list[str]:
    """What else of that prefix the methods of a class speak of: `getattr` finds it, too, and it cannot be called."""
    functions = [one for cls in owner.__mro__ for one in vars(cls).values() if isinstance(one, types.FunctionType)]
    names = dict.fromkeys(name for function in functions for name in function.__code__.co_names)
    return [name for name in names if name.startswith(prefix) and name != prefix and not hasattr(owner, name)]
