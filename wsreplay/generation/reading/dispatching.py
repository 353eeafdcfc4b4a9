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

_MOST_THINGS = 64


def by_name_of(walk: Walk, base: Value, expression: ast.expr) -> Value:
    """The methods of `base` that `getattr` may find, whose names, or ends of names, are what a client may send."""
    computed = computed_name(expression)
    owner = base.owner if isinstance(base, This) else type(base.value) if isinstance(base, Live) else None
    if owner is None:
        return None
    if computed is None:
        return _named(walk, owner, walk.value(expression))
    prefix, rest = computed
    names = [one for cls in owner.__mro__ for one in vars(cls) if one.startswith(prefix)]
    found = {one: member(owner, one) for one in names}
    methods = {one: live.value for one, live in found.items() if live is not None and walk.reader.owns(live.value)}
    asked = walk.value(rest)
    if not isinstance(asked, Node):
        return Callees(tuple(methods.values()), None, tuple(one.removeprefix(prefix) for one in methods))
    # What it was compared with before, in other letters: `"do_" + verb.lower()`.
    spelled = {one.lower(): one for _, one in asked.constants if isinstance(one, str)}
    called = {one: one.removeprefix(prefix) for one in (*methods, *_attributes(owner, prefix))}
    called = {one: spelled.get(name.lower(), name) for one, name in called.items()}
    asked.equals(called.values())
    return Callees(tuple(methods.values()), asked, tuple(called[one] for one in methods))


def _named(walk: Walk, owner: type, asked: Value) -> Callees:
    """The methods that have the names themselves, in these letters or in small ones, or those that a table gives for
    them: `getattr(store, ALIASES.get(verb, verb.lower()))`.
    """
    aliases = dict(zip(asked.names, asked.values, strict=False)) if isinstance(asked, OneOf) else {}
    by = asked.by if isinstance(asked, OneOf) else asked if isinstance(asked, Node) else None
    # What it was compared with before.
    known = [one for _, one in by.constants] if by is not None else []
    methods: dict[str, object] = {}
    for name in texts_of([asked if by is None else None, OneOf(tuple(known))]):
        called = aliases.get(name, name)
        spellings = (called, called.lower()) if isinstance(called, str) else ()
        found = next((one.value for spelling in spellings if (one := member(owner, spelling)) is not None), None)
        if walk.reader.owns(found):
            methods[name] = found
    return Callees(tuple(methods.values()), by, tuple(methods))


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
    """The table that is made of some functions or classes, or of objects of these: `{one.__name__: one for one in
    (join, leave)}`, `{cls.name: cls() for cls in COMMANDS}`.
    """
    target = node.generators[0].target
    things: tuple[Value, ...] = over.items if isinstance(over, Several) else ()
    if isinstance(over, Live) and isinstance(over.value, list | tuple):
        things = tuple(Live(one) for one in over.value[:_MOST_THINGS] if callable(one))
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
