"""How much of a handler's code was reached: the ways it can go where it has a choice, and those that it went.

Ways are counted as features are told (see the package): a function that is entered, a branching statement that goes
into its body or past it, an exception that is handled. What no line tells apart (a body on the line of its `if`, a last
statement that falls out of its function) is no way.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import CodeType

from wsreplay.coverage.features import PREFIX, qualname

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Reach:
    """How many ways were gone, of how many that are known."""

    gone: int = 0
    known: int = 0


class Ways:
    """The ways of some functions; `name(filename)` shortens a file's name as it does for the features."""

    def __init__(self, functions: Iterable[CodeType], name: Callable[[str], str]) -> None:
        self._known: set[str] = set()
        self._bodies: dict[str, int] = {}
        self._gone: set[str] = set()
        trees: dict[str, dict[int, Function]] = {}
        for code in functions:
            file = code.co_filename
            if file not in trees:
                trees[file] = dict(_functions("".join(linecache.getlines(file))))
            tree = trees[file].get(code.co_firstlineno)
            if tree is not None:
                self._learn(f"{PREFIX}{name(file)}:{qualname(code)}:", code.co_firstlineno, tree)

    def _learn(self, prefix: str, first: int, tree: Function) -> None:
        self._known.add(f"{prefix}0")
        for head, body, way in _ways(tree.body, None):
            place = f"{prefix}{head - first}"
            self._known.add(f"{place} {way}")
            if body is not None:
                self._bodies[place] = body - first

    def take(self, features: Iterable[str]) -> None:
        """Go the ways that these features tell of."""
        for feature in features:
            if feature.startswith(PREFIX):
                self._gone.update(self._told(feature))

    def _told(self, feature: str) -> Iterator[str]:
        before, dash, now = feature.rpartition("-")
        if not dash or not now.isdigit():
            yield feature
            return
        caught = f"{before.rpartition(':')[0]}:{now} caught"
        if caught in self._known:
            yield caught
        else:
            yield f"{before} {'in' if self._bodies.get(before) == int(now) else 'past'}"

    @property
    def reach(self) -> Reach:
        """How many were gone."""
        return Reach(len(self._known & self._gone), len(self._known))


def _functions(source: str) -> Iterator[tuple[int, Function]]:
    """The functions of a file, each with its first line: that of its first decorator, as a code object has it."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield min([node.lineno, *(one.lineno for one in node.decorator_list)]), node


_Way = tuple[int, int | None, str]


def _ways(body: list[ast.stmt], after: int | None) -> Iterator[_Way]:
    """The ways in a body, each as (head of the statement, line of its body, `in`, `past` or `caught`). `after` is the
    line on which it goes on after the body; None where the function ends.
    """
    for number, statement in enumerate(body):
        following = body[number + 1].lineno if number + 1 < len(body) else after
        match statement:
            case ast.If():
                constant = isinstance(statement.test, ast.Constant)
                yield from _choice(statement, _first(statement.orelse, following), constant)
                yield from _ways(statement.body, following)
                yield from _ways(statement.orelse, following)
            case ast.While() | ast.For() | ast.AsyncFor():
                constant = isinstance(statement, ast.While) and isinstance(statement.test, ast.Constant)
                # Every turn of an `async for` goes into the body: no feature tells of it.
                usual = isinstance(statement, ast.AsyncFor)
                choice = _choice(statement, _first(statement.orelse, following), constant)
                yield from (way for way in choice if not (usual and way[2] == "in"))
                yield from _ways(statement.body, statement.lineno)
                yield from _ways(statement.orelse, following)
            case ast.Match():
                yield from _cases(statement, following)
            case ast.Try() | ast.TryStar():
                yield from _tried(statement, following)
            case ast.With() | ast.AsyncWith():
                yield from _ways(statement.body, following)


def _choice(statement: ast.If | ast.While | ast.For | ast.AsyncFor, past: int | None, constant: bool) -> Iterator[_Way]:
    if constant:
        return
    head, body = statement.lineno, statement.body[0].lineno
    if body != head:
        yield head, body, "in"
    if past is not None and past != head:
        yield head, body, "past"


def _cases(statement: ast.Match, following: int | None) -> Iterator[_Way]:
    cases = statement.cases
    for number, case in enumerate(cases):
        head, body = case.pattern.lineno, case.body[0].lineno
        past = cases[number + 1].pattern.lineno if number + 1 < len(cases) else following
        anything = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
        if not anything:
            if body != head:
                yield head, body, "in"
            if past is not None:
                yield head, body, "past"
        yield from _ways(case.body, following)


def _tried(statement: ast.Try | ast.TryStar, following: int | None) -> Iterator[_Way]:
    last = _first(statement.finalbody, following)
    yield from _ways(statement.body, _first(statement.orelse, last))
    for handler in statement.handlers:
        yield handler.lineno, None, "caught"
        yield from _ways(handler.body, last)
    yield from _ways(statement.orelse, last)
    yield from _ways(statement.finalbody, following)


def _first(body: list[ast.stmt], otherwise: int | None) -> int | None:
    return body[0].lineno if body else otherwise
