# ruff: noqa: D102 - the names and the meaning of `visit_` methods are those of `ast.NodeVisitor`.
"""What one function of an app without a table compares the path of its scope with."""

from __future__ import annotations

import ast
import itertools
import re
import types
from dataclasses import dataclass, field

from wsreplay.discovery.naming import Names
from wsreplay.discovery.pieces import ANY, Pieces

_REST = f"(?:|/{ANY})"
_SAME = {"strip", "rstrip", "lstrip", "lower", "casefold", "removeprefix", "removesuffix"}
_KINDS = {"websocket", "http", "lifespan"}


@dataclass(slots=True)
class Told:
    """What has been read. `paths` are regular expressions, in the order of the source; `websocket` is whether the code
    speaks of it at all.
    """

    paths: list[str] = field(default_factory=list)
    websocket: bool = False


class Looking(ast.NodeVisitor):
    """Reads one function into `told`. `reached` are the functions and classes that it names."""

    def __init__(self, told: Told, names: Names) -> None:
        self.reached: list[object] = []
        self._told = told
        self._names = names
        # An argument called `path` is what a caller took from its scope.
        self._paths = {"path"}
        self._pieces = Pieces(names, self._is_path)

    def read(self, tree: ast.AST) -> None:
        """Read the function's tree."""
        self.visit(tree)
        template = self._pieces.template()
        self._told.paths += [template] if template else []

    def visit_If(self, node: ast.If) -> None:
        # What is for HTTP only has paths of its own.
        for_us = _for_websockets(node.test)
        if for_us is not False:
            self._visit_all(node.test, *node.body)
        if for_us is not True:
            self._visit_all(*node.orelse)

    def _visit_all(self, *nodes: ast.AST) -> None:
        for node in nodes:
            self.visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        self._told.websocket |= isinstance(node.value, str) and node.value.startswith("websocket")

    def visit_Name(self, node: ast.Name) -> None:
        self._reach(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._reach(node)
        self.visit(node.value)

    def _reach(self, node: ast.expr) -> None:
        found = self._names.live(node)
        if isinstance(found, types.FunctionType | types.MethodType | type):
            self.reached.append(found)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._assign(node.target, node.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, other in zip(target.elts, value.elts, strict=False):
                self._assign(one, other)
        elif self._is_path(value):
            self._paths.add(ast.unparse(target))
        self._pieces.assign(target, value)

    def _is_path(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name | ast.Attribute):
            return ast.unparse(node) in self._paths
        if isinstance(node, ast.Subscript):
            return _is_scope(node.value) and self._names.live(node.slice) == "path"
        if isinstance(node, ast.NamedExpr | ast.BoolOp):
            return self._is_path(node.value if isinstance(node, ast.NamedExpr) else node.values[0])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in _SAME:
                return self._is_path(node.func.value)
            return _is_scope(node.func.value) and bool(node.args) and self._names.live(node.args[0]) == "path"
        return False

    # --- what it is compared with ---

    def visit_Compare(self, node: ast.Compare) -> None:
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        for left, right in itertools.pairwise(sides):
            for one, other in ((left, right), (right, left)):
                self._pieces.compare(one, other)
                if self._is_path(one):
                    self._exactly(other)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.generic_visit(node)
        if self._is_path(node.slice):
            self._exactly(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute) or not node.args:
            return
        of, name, last = node.func.value, node.func.attr, node.args[-1]
        if name == "startswith" and self._is_path(of):
            self._told.paths += [
                re.escape(text) + (ANY if text.endswith("/") else _REST) for text in self._names.texts(last)
            ]
        elif name == "endswith" and self._is_path(of):
            self._told.paths += [f"/{ANY}" + re.escape(text) for text in self._names.texts(last)]
        elif name == "get" and self._is_path(node.args[0]):
            self._exactly(of)
        elif name in ("match", "fullmatch", "search") and self._is_path(last):
            pattern = self._names.live(of if len(node.args) == 1 else node.args[0])
            text = pattern.pattern if isinstance(pattern, re.Pattern) else pattern
            self._told.paths += [text] if isinstance(text, str) else []

    def visit_Match(self, node: ast.Match) -> None:
        front = self._pieces.front(node.subject)
        for case in node.cases:
            pattern = case.pattern
            if front is not None and isinstance(pattern, ast.MatchSequence):
                self._told.paths.append(self._pieces.sequence(pattern, front))
            elif self._is_path(node.subject):
                for part in ast.walk(pattern):
                    if isinstance(part, ast.MatchValue):
                        self._exactly(part.value)
        self.generic_visit(node)

    def _exactly(self, node: ast.AST) -> None:
        self._told.paths += [re.escape(text) for text in self._names.texts(node)]


def _is_scope(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).endswith("scope")


def _for_websockets(test: ast.expr) -> bool | None:
    """Whether what a condition lets through is a WebSocket: True, False, or None when it does not ask."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return False if any(_for_websockets(value) is False for value in test.values) else None
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    asked = {part.value for part in ast.walk(test) if isinstance(part, ast.Constant)} & _KINDS
    return ("websocket" in asked) == isinstance(test.ops[0], ast.Eq | ast.In) if asked else None
