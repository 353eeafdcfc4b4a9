"""What a `case` of a `match` statement says of its subject, and what its names stand for."""

from __future__ import annotations

import ast

from wsreplay.generation.reading import models
from wsreplay.generation.reading.code import Live
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import Value, constant_of


def match(walk: Walk, pattern: ast.pattern, subject: Value) -> None:
    """Take note of what a pattern asks for, and bind its names."""
    match pattern:
        case ast.MatchValue(value=value) if isinstance(subject, Node):
            subject.equals([constant_of(walk.value(value))])
        case ast.MatchOr(patterns=patterns):
            for one in patterns:
                match(walk, one, subject)
        case ast.MatchAs(pattern=inner, name=name):
            if inner is not None:
                match(walk, inner, subject)
            if name is not None and subject is not None:
                walk.variables[name] = subject
        case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest) if isinstance(subject, Node):
            if rest is not None:
                walk.variables[rest] = subject
            for key, one in zip(keys, patterns, strict=True):
                match(walk, one, walk.at(subject, walk.value(key), required=False))
        case ast.MatchSequence(patterns=patterns):
            _sequence(walk, patterns, subject)
        case ast.MatchClass(cls=cls, patterns=patterns, kwd_attrs=names, kwd_patterns=by_name):
            _class(walk, walk.value(cls), patterns, dict(zip(names, by_name, strict=True)), subject)


def _sequence(walk: Walk, patterns: list[ast.pattern], subject: Value) -> None:
    if isinstance(subject, Node) and not any(isinstance(one, ast.MatchStar) for one in patterns):
        subject.measured(len(patterns))
    for number, one in enumerate(patterns):
        if isinstance(one, ast.MatchStar):
            # `case ["SAY", *words]`
            if one.name is not None:
                walk.variables[one.name] = walk.at(subject, Live(slice(number, None)), required=False)
        else:
            match(walk, one, walk.at(subject, Live(number), required=False))


def _class(
    walk: Walk, cls: Value, patterns: list[ast.pattern], by_name: dict[str, ast.pattern], subject: Value
) -> None:
    if not isinstance(subject, Node) or not isinstance(cls, Live):
        return
    models.learn(cls.value, subject, walk.notes)
    for one in patterns[:1]:
        match(walk, one, subject)
    for name, one in by_name.items():
        match(walk, one, subject.key(name))
