"""What a `case` of a `match` statement says of its subject, and what its names stand for."""

from __future__ import annotations

import ast

from wsreplay.generation.reading import models
from wsreplay.generation.reading.code import Live
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import This, Value, constant_of


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
        case ast.MatchClass():
            _class(walk, pattern, subject)


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


def _class(walk: Walk, pattern: ast.MatchClass, subject: Value) -> None:
    """`case str(text)`, `case Login(name=name)`; of an object of the app's own, `case Request("join", body)`."""
    cls = walk.value(pattern.cls)
    by_name = zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)
    if isinstance(subject, This):
        places: tuple[str, ...] = getattr(subject.owner, "__match_args__", ())
        for name, one in (*zip(places, pattern.patterns, strict=False), *by_name):
            match(walk, one, walk.reader.field(subject.owner, name))
    elif isinstance(subject, Node) and isinstance(cls, Live):
        models.learn(cls.value, subject, walk.notes)
        for one in pattern.patterns[:1]:
            match(walk, one, subject)
        for name, one in by_name:
            match(walk, one, subject.key(name))
