"""What a comparison says of the values that come from a client."""

from __future__ import annotations

import ast
from dataclasses import replace

from wsreplay.generation.reading import models
from wsreplay.generation.reading.framing import trailer
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.notes import Notes
from wsreplay.generation.reading.values import (
    Digest,
    Ending,
    Length,
    OneOf,
    Parts,
    Several,
    TypeOf,
    Value,
    constant_of,
    constants_of,
    members_of,
    texts_of,
)

_MOST_KEYS = 16
_EQUALITY = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)


def compare(notes: Notes, operator: ast.cmpop, left: Value, right: Value) -> None:
    """Take note of `left operator right`."""
    if isinstance(operator, ast.In | ast.NotIn):
        _contained(notes, left, right)
        return
    for one, other in ((left, right), (right, left)):
        _compared(notes, operator, one, other, is_left=one is left)


def _compared(notes: Notes, operator: ast.cmpop, one: Value, other: Value, is_left: bool) -> None:
    known = constant_of(other)
    if other is None and isinstance(operator, _EQUALITY) and one in notes.trailers.values():
        # It may be a checksum that is computed in some other way.
        one.digests[""] = None  # type: ignore[union-attr]
    if isinstance(one, TypeOf):
        _typed(notes, one.of, other)
    elif isinstance(one, Length):
        one.of.measured(known - one.more if isinstance(known, int) else known)
    elif isinstance(one, Node) and isinstance(other, Length):
        one.measures = True
    elif isinstance(one, Ending | Digest):
        _ended(notes, one, other)
    elif isinstance(one, Node) and isinstance(operator, _EQUALITY):
        one.equals(constants_of(other))
    elif isinstance(one, Node):
        for bound in other.values if isinstance(other, OneOf) else (known,):
            one.compared(bound)
    elif isinstance(one, Parts) and isinstance(other, Several):
        _spelled(one, other)
    elif isinstance(one, Parts) and isinstance(known, int):
        # `if len(words) != 3` asks for three, `if len(words) > 3` for more.
        more = isinstance(operator, ast.Gt if is_left else ast.Lt)
        one.part(known if more else max(0, known - 1))
    elif one is None and type(known) is int and 0 <= known < 256:
        notes.codes[known] = None


def _spelled(parts: Parts, whole: Several) -> None:
    """`words == ["AUTH", SECRET]`: what comes after the first word is a part of this command alone."""
    names = [*texts_of([*whole.items[:1]])] if not parts.start else []
    if names:
        parts.part(0)
        parts = replace(parts, text=parts.text.variant(names))
    for number, item in enumerate(whole.items):
        parts.part(number).equals(constants_of(item))


def _ended(notes: Notes, one: Ending | Digest, other: Value) -> None:
    """A field, or the end of a message, is compared with a checksum; or the end with bytes: `frame[-1:] != b";"`."""
    if isinstance(one, Digest):
        if isinstance(other, Ending):
            other = notes.ended(one.layout) if one.layout else trailer(notes, other.size, ">")
        if isinstance(other, Node):
            other.digests[one.name] = None
    elif other is None:
        trailer(notes, one.size, ">").digests[""] = None
    elif not isinstance(other, Digest):
        trailer(notes, one.size, ">").equals(constants_of(other))


def _contained(notes: Notes, left: Value, right: Value) -> None:
    if isinstance(left, TypeOf):
        _typed(notes, left.of, right)
    elif isinstance(left, Node) and isinstance(right, OneOf):
        left.equals(members_of(right.values))
    elif isinstance(left, Node) and isinstance(span := constant_of(right), range) and span:
        left.compared(span[0])
        left.compared(span[-1])
    elif isinstance(left, Node):
        letters = constant_of(right)
        left.equals(letters if isinstance(letters, str) and len(letters) > 1 else constants_of(right))
    elif isinstance(left, Ending):
        _ended(notes, left, right)
    elif isinstance(right, Node | Parts):
        for key in constants_of(left)[:_MOST_KEYS]:
            if isinstance(key, str):
                _contains(notes, right, key)
    else:
        _elsewhere(notes, left, right)


def _elsewhere(notes: Notes, left: Value, right: Value) -> None:
    """What is looked for is nothing that comes from a client."""
    if isinstance(left, OneOf) and isinstance(right, Several):
        # `USERS[name] in (None, password)`
        for item in right.items:
            if isinstance(item, Node):
                item.equals(members_of(left.values))
    elif left is None:
        notes.codes.update({one: None for one in constants_of(right) if type(one) is int and 0 <= one < 256})


def _typed(notes: Notes, node: Node, types: Value) -> None:
    """`type(value) is int`."""
    for kind in constants_of(types):
        models.learn(kind, node, notes)


def _contains(notes: Notes, node: Node | Parts, text: str) -> None:
    """`"x" in data` asks for a key of an object, for a part of a text, or for one of its words."""
    if isinstance(node, Parts):
        for number in (0, 1):
            node.part(number * node.step).equals([text])
    elif node is notes.offers:
        node.equals([text])
    elif node in (notes.text, notes.event):
        node.equals([text])
        node.infixes[text] = None
    elif text.isidentifier() and len(text) > 1:
        node.key(text).asked_for = True
    else:
        node.infixes[text] = None
