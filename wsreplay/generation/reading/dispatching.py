"""Methods that are chosen by what a client sends: `getattr(self, f"on_{action}")`."""

from __future__ import annotations

import ast
import types

from wsreplay.generation.reading.code import Live, member
from wsreplay.generation.reading.expressions import computed_name
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import (
    Callees,
    OneOf,
    Rows,
    Several,
    This,
    Value,
    live,
    owner_of,
    texts_of,
)


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
        known_as = {name: one.value for name in called if (one := member(owner, name)) is not None}
        owned = {name: one for name, one in known_as.items() if walk.reader.owns(one)}
        return Callees(tuple(owned.values()), asked if isinstance(asked, Node) else None, tuple(owned))
    prefix, rest = computed
    names = [one for cls in owner.__mro__ for one in vars(cls) if one.startswith(prefix)]
    found = {one: member(owner, one) for one in names}
    methods = {one: live.value for one, live in found.items() if live is not None and walk.reader.owns(live.value)}
    asked = walk.value(rest)
    if isinstance(asked, Node):
        asked.equals(one.removeprefix(prefix) for one in (*methods, *_attributes(owner, prefix)))
    by = asked if isinstance(asked, Node) else None
    return Callees(tuple(methods.values()), by, tuple(one.removeprefix(prefix) for one in methods))


def members_of(walk: Walk, name: str, given: list[Value]) -> Rows | None:
    """What `inspect.getmembers(self)` goes through: methods by their names, or by what a decorator has put on them."""
    owner = owner_of(given[0]) if given and name == "getmembers" else None
    if owner is None:
        return None
    names = dict.fromkeys(one for cls in owner.__mro__ for one in vars(cls))
    stored = {one: live.value for one in names if (live := member(owner, one)) is not None}
    found = {one: method for one, method in stored.items() if walk.reader.owns(method)}
    marks = [(mark, one) for one in found.values() for mark in getattr(one, "__dict__", {}).values()]
    marked = {mark: one for mark, one in marks if isinstance(mark, str)}
    # Else those that carry any mark at all.
    carrying = {one: method for one, method in found.items() if getattr(method, "__dict__", {})}
    known = marked or carrying or {one: method for one, method in found.items() if not one.startswith("__")}
    return Rows(Several((OneOf(tuple(known)), Callees(tuple(known.values()), None, tuple(known)))))


def table_of(walk: Walk, node: ast.DictComp, over: Value) -> Live | None:
    """The table that is made of some functions or classes: `{one.__name__: one for one in (join, leave)}`."""
    target = node.generators[0].target
    things = over.items if isinstance(over, Several) else ()
    if not things or not isinstance(target, ast.Name) or not all(isinstance(one, Live) for one in things):
        return None
    table: dict[str, object] = {}
    for one in things:
        walk.variables[target.id] = one
        table |= {key: live(walk.value(node.value)) for key in texts_of([walk.value(node.key)])}
    return Live(table)


def _attributes(owner: type, prefix: str) -> list[str]:
    """What else of that prefix the methods of a class speak of: `getattr` finds it, too, and it cannot be called."""
    functions = [one for cls in owner.__mro__ for one in vars(cls).values() if isinstance(one, types.FunctionType)]
    names = dict.fromkeys(name for function in functions for name in function.__code__.co_names)
    return [name for name in names if name.startswith(prefix) and name != prefix and not hasattr(owner, name)]
