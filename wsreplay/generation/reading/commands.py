"""Commands of a text protocol: what follows the first word, where it is one or another.

Each command has a node of its own, a variant of the text: what is done with its parts where the command is known says
nothing of the parts of another.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from wsreplay.generation.reading.arguments import keywords_of
from wsreplay.generation.reading.branches import opcodes_at
from wsreplay.generation.reading.code import Live
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import (
    Callees,
    OneOf,
    Parts,
    Several,
    Spread,
    Tail,
    This,
    Value,
    Variables,
    constant_of,
    texts_of,
)

Call: TypeAlias = Callable[[object, list[Value], Variables], Value]
"""Calls something with arguments by their places and by their names."""


def called(walk: Walk, callees: Callees, given: list[Value], by_name: Variables, call: Call) -> Value:
    """What the functions of a table give; each is called where a client has said its name. Of classes it is one of the
    objects that they make.
    """
    message = by_name.get("")
    results: list[Value] = []
    around = walk.notes.opened_by
    for number, function in enumerate(callees.functions):
        name = Live(callees.names[number]) if callees.by is not None else None
        by, names = callees.by, [*texts_of([name])]
        walk.notes.opened_by = opcodes_at(walk, by, name) or around
        told = [under(value, by, names) for value in given]
        results.append(call(function, told, by_name))
        takes = keywords_of(function, len(given)) if isinstance(message, Node) else None
        if isinstance(message, Node) and takes is not None:
            # `handler(**message)` breaks where there is a key too many.
            message.calls |= {one: tuple(key for key in takes if key not in by_name) for one in names}
    walk.notes.opened_by = around
    objects = tuple(dict.fromkeys(result for result in results if isinstance(result, This)))
    if len(objects) > 1:
        return OneOf(objects)
    return next((result for result in results if result is not None), None)


def chosen(walk: Walk, test: ast.expr) -> tuple[Node | None, list[str]]:
    """The first word of a text, and what it is where a test is true: `verb == "JOIN"`."""
    match test:
        case ast.BoolOp(op=ast.And(), values=parts):
            found = [chosen(walk, part) for part in parts]
            return next((one for one in found if one[1]), (None, []))
        case ast.BoolOp(values=parts):
            found = [chosen(walk, part) for part in parts]
            names = [name for _, told in found for name in told]
            return found[0][0], names if all(by is found[0][0] and told for by, told in found) else []
        case ast.Compare(ops=[ast.Eq() | ast.In()]):
            by, right = walk.sides(test)
            return (by, [*texts_of([right])]) if isinstance(by, Node) and _leads(by) else (None, [])
    return None, []


def matched(walk: Walk, pattern: ast.pattern, subject: Value) -> tuple[Node | None, list[str]]:
    """The same for a `case`: `case "JOIN":`, `case ["JOIN", room]:`."""
    if (isinstance(subject, Parts) and not subject.start) or (isinstance(subject, Several) and subject.items):
        # `match words:`, or `match verb, rest:`
        sequences = pattern.patterns if isinstance(pattern, ast.MatchOr) else [pattern]
        firsts = [one.patterns[0] for one in sequences if isinstance(one, ast.MatchSequence) and one.patterns]
        pattern = ast.MatchOr(firsts)
        subject = subject.part(0) if isinstance(subject, Parts) else subject.items[0]
    if not isinstance(subject, Node) or not _leads(subject):
        return None, []
    return subject, [*texts_of([Live(one) for one in _literals(walk, pattern)])]


def _literals(walk: Walk, pattern: ast.pattern) -> Iterator[object]:
    match pattern:
        case ast.MatchValue(value=value):
            yield constant_of(walk.value(value))
        case ast.MatchOr(patterns=patterns):
            for one in patterns:
                yield from _literals(walk, one)
        case ast.MatchAs(pattern=ast.pattern() as inner):
            yield from _literals(walk, inner)


def _leads(node: Node) -> bool:
    return node.of is not None and node.of.words[0] is node


def under(value: Value, by: Node | None, names: list[str]) -> Value:
    """What a value is where the first word of its text, `by`, is one of `names`."""
    if by is None or by.of is None or not names or not _leads(by):
        return value
    text = by.of
    if isinstance(value, Spread):
        told = under(value.parts, by, names)
        return Spread(told) if isinstance(told, Parts | Tail) else value
    if isinstance(value, Several):
        return Several(tuple(under(item, by, names) for item in value.items))
    if isinstance(value, Parts) and value.text is text:
        return Parts(text.variant(names), value.separator, value.start, value.step)
    if isinstance(value, Node) and value.of is text and not value.words:
        return text.variant(names).word(text.words.index(value), text.separator)
    return value


@contextmanager
def narrowed(variables: Variables, by: Node | None, names: list[str]) -> Iterator[None]:
    """What variables stand for while the first word of a text is known."""
    before = {name: value for name, value in variables.items() if names and value is not None}
    told = {name: under(value, by, names) for name, value in before.items()}
    variables.update(told)
    try:
        yield
    finally:
        variables.update({name: before[name] for name, value in told.items() if variables.get(name) is value})
