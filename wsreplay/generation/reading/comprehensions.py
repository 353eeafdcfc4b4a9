"""What loops bind, and what those in expressions make: `[part.strip() for part in text.split()]`."""

from __future__ import annotations

import ast

from wsreplay.generation.reading.code import Live
from wsreplay.generation.reading.dispatching import table_of
from wsreplay.generation.reading.expressions import written_out
from wsreplay.generation.reading.loops import each_of
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import (
    Callees,
    OneOf,
    Parts,
    Rows,
    Several,
    Value,
    live,
    named_parts,
    pair_of,
)

_MOST_TURNS = 6


def comprehension(walk: Walk, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
    """What a list, a set, a table or a generator is that a loop in an expression makes."""
    # The loops come after the result in the tree, but bind the names that it uses.
    for loop in node.generators:
        walk.value(loop)
    if isinstance(node, ast.DictComp):
        key, value = walk.value(node.key), walk.value(node.value)
        if isinstance(value, Callees) and value.names:
            return Live(dict(zip(value.names, value.functions, strict=True)))
        if isinstance(key, OneOf) and key.by is None:
            # `{name: [] for name in CHANNELS}`
            return Live(dict.fromkeys(key.values, live(value)))
        over = walk.value(node.generators[0].iter)
        if (table := table_of(walk, node, over)) is not None:
            return table
        # `{key.lower(): value for key, value in row.items()}` is the row still.
        return over.of if isinstance(over, Rows) and over.of is not None else named_parts(key, value)
    made = walk.value(node.elt)
    over = walk.value(node.generators[0].iter)
    target = node.generators[0].target
    same = isinstance(over, Parts) and isinstance(target, ast.Name)
    if isinstance(over, Several) and isinstance(target, ast.Tuple):
        # Pairs, too: `isinstance(message[key], kind) for key, kind in SCHEMA.items()`.
        for one in over.items[:_MOST_TURNS]:
            walk.bind(target, one)
            walk.value(node.elt)
    if isinstance(over, Several | Parts) and isinstance(target, ast.Name):
        for one in over.each() if isinstance(over, Parts) else over.items[:_MOST_TURNS]:
            # The elements, too, are looked at one by one.
            walk.variables[target.id] = one
            same = walk.value(node.elt) is one and same
    if pair_of(made) is not None:
        return Rows(made)
    if isinstance(made, Several):
        return made
    # `[part.strip() for part in text.split()]` are the parts still.
    return over if same or (isinstance(over, Node) and made is over.items) else None


def turns(walk: Walk, iterable: ast.expr) -> list[Value]:
    """What a loop binds, turn by turn: once for all, but each of a few values that come from a client."""
    value = walk.value(iterable)
    if isinstance(value, Node) and written_out(iterable):
        # The letters of a number are no items.
        return [None]
    if isinstance(value, Several) and any(isinstance(item, Node | Several) for item in value.items):
        return list(value.items[: _MOST_TURNS if any(isinstance(item, Node) for item in value.items) else None])
    return each_of(value)
