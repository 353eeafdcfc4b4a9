"""Where the statements of a file begin and which of them branch; where the instructions of a function lead."""

from __future__ import annotations

import ast
import dis
from collections.abc import Callable, Iterator
from types import CodeType


class Statements:
    """The statements of a file, by line: where each begins, and which of them branch. None where there is no source."""

    def __init__(self, source: str) -> None:
        self._heads: dict[int, int] = {}
        self._branching: set[int] = set()
        self._handlers: set[int] = set()
        self._usual: set[tuple[int, int]] = set()
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):
            return
        for node in _in_order(tree):
            self._take(node)

    def _take(self, node: ast.AST) -> None:
        if isinstance(node, ast.match_case):
            head, end = node.pattern.lineno, node.body[-1].end_lineno
        elif isinstance(node, ast.stmt | ast.ExceptHandler):
            head, end = node.lineno, node.end_lineno
        else:
            return
        # Statements inside come later and take their own lines.
        self._heads.update(dict.fromkeys(range(head, (end or head) + 1), head))
        if isinstance(node, ast.AsyncFor):
            # Every turn goes from the head to the body; only the end of the loop tells something.
            self._usual.add((head, node.body[0].lineno))
        if isinstance(node, ast.ExceptHandler):
            self._handlers.add(head)
        if _branches(node):
            self._branching.add(head)

    def same(self, line: int, other: int) -> bool:  # pragma: no cover - from Python 3.12 on
        """Whether two lines belong to one statement."""
        return self._heads.get(line) == self._heads.get(other)

    def arc(self, before: int, now: int) -> tuple[int, int] | None:
        """The heads of the statements on the lines `before` (negative: an exception led away from it) and `now`, if
        there was a choice.
        """
        first, second = self._heads.get(abs(before)), self._heads.get(now)
        if first is None or second is None or first == second:
            return None
        if second in self._handlers:
            return first, second
        if before < 0 or first not in self._branching or (first, second) in self._usual:
            return None
        return first, second


def _in_order(tree: ast.AST) -> Iterator[ast.AST]:
    # No recursion: a sum of a thousand terms is a thousand deep.
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(list(ast.iter_child_nodes(node))))


def _branches(node: ast.AST) -> bool:
    if isinstance(node, ast.If | ast.While):
        return not isinstance(node.test, ast.Constant)
    if isinstance(node, ast.match_case):
        anything = isinstance(node.pattern, ast.MatchAs) and node.pattern.pattern is None
        return node.guard is not None or not anything
    if isinstance(node, ast.ExceptHandler):
        return node.type is not None
    return isinstance(node, ast.For | ast.AsyncFor)


class Bytecode:  # pragma: no cover - from Python 3.12 on
    """The instructions of a function: on which line each is, and which comes next."""

    def __init__(self, code: CodeType) -> None:
        self._instructions = list(dis.get_instructions(code))
        self._places = {one.offset: place for place, one in enumerate(self._instructions)}
        self._lines = [one.positions.lineno if one.positions else None for one in self._instructions]

    def line(self, offset: int) -> int:
        """The line of an instruction, 0 if it has none."""
        return self._lines[self._places[offset]] or 0

    def follow(self, offset: int, same: Callable[[int], bool]) -> int | None:
        """The first line from `offset` on for which `same` is false; None when the code branches or ends before it."""
        passed: set[int] = set()
        while offset in self._places and offset not in passed:
            passed.add(offset)
            place = self._places[offset]
            line, one = self._lines[place], self._instructions[place]
            if line is not None and not same(line):
                return line
            name = one.opname
            if name.startswith(("RETURN", "RAISE", "RERAISE", "POP_JUMP", "FOR_ITER")) and name != "RETURN_GENERATOR":
                return None
            # From Python 3.14 on END_ASYNC_FOR says where its loop begins, to which it does not jump.
            jumps = name != "END_ASYNC_FOR" and (one.opcode in dis.hasjrel or one.opcode in dis.hasjabs)
            if jumps:
                offset = one.argval
            elif place + 1 < len(self._instructions):
                offset = self._instructions[place + 1].offset
        return None
