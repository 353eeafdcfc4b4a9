"""What a function asks of the pieces of a path that it has split at its slashes."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from wsreplay.discovery.naming import Names

ANY = "[^/]+"


@dataclass(slots=True)
class Pieces:
    """`is_path` tells the path. A path that keeps its first slash has an empty piece in front: `names` has, for what
    holds the pieces, how many such there are.
    """

    values: Names
    is_path: Callable[[ast.AST], bool]
    names: dict[str, int] = field(default_factory=dict)
    number: int = 0
    words: dict[int, str] = field(default_factory=dict)

    def front(self, node: ast.AST) -> int | None:
        """How many pieces come before the first of the path; None when this is no split path."""
        if isinstance(node, ast.Name | ast.Attribute):
            return self.names.get(ast.unparse(node))
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            front, cut = self.front(node.value), node.slice.lower
            cut_off = cut.value if isinstance(cut, ast.Constant) and isinstance(cut.value, int) else 0
            return None if front is None else max(0, front - cut_off)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
            whole = node.func.value
            return (0 if "strip" in ast.unparse(whole) else 1) if self.is_path(whole) else None
        return None

    def assign(self, target: ast.expr, value: ast.expr) -> None:
        """Note what an assignment makes of a split path."""
        front = self.front(value)
        if front is None:
            return
        if isinstance(target, ast.Tuple | ast.List):
            self.number = max(self.number, len(target.elts) - front)
        self.names[ast.unparse(target)] = front

    def compare(self, one: ast.expr, other: ast.expr) -> None:
        """Note that `one` is compared with `other`: the number of pieces, or one of them."""
        if isinstance(one, ast.Call) and len(one.args) == 1 and ast.unparse(one.func) == "len":
            front, number = self.front(one.args[0]), self.values.live(other)
            if front is not None and isinstance(number, int):
                self.number = max(self.number, number - front)
        elif isinstance(one, ast.Subscript):
            front, index, texts = self.front(one.value), self.values.live(one.slice), self.values.texts(other)
            if front is not None and texts and isinstance(index, int) and index >= front:
                self.words.setdefault(index - front, texts[0])

    def sequence(self, pattern: ast.MatchSequence, front: int) -> str:
        """The path that a `case ["rooms", name]` asks for, as a regular expression."""
        values = (one.value if isinstance(one, ast.MatchValue) else None for one in pattern.patterns[front:])
        return "".join("/" + (re.escape(text[0]) if (text := self.values.texts(value)) else ANY) for value in values)

    def template(self) -> str:
        """All that is known of the pieces as a regular expression; empty when nothing is."""
        number = max(self.number, *(index + 1 for index in self.words), 0)
        return "".join("/" + (re.escape(self.words[at]) if at in self.words else ANY) for at in range(number))
