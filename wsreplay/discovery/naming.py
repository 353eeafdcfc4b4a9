"""What the names in a function of an app stand for: looked up, never computed."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one function. `app` is the object that the app is, for what hangs on `self`."""

    function: types.FunctionType
    app: object

    def live(self, node: ast.AST | None) -> object | None:
        """The object that an expression names; None for any other expression."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self.app if node.id in ("self", "cls") else self._named(node.id)
        if isinstance(node, ast.Attribute):
            base = self.live(node.value)
            found = inspect.getattr_static(base, node.attr, None) if base is not None else None
            return found.__func__ if isinstance(found, staticmethod | classmethod) else found
        return None

    def texts(self, node: ast.AST | None) -> list[str]:
        """The strings that an expression names: one, those of a collection, or the keys of a mapping."""
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return [text for element in node.elts for text in self.texts(element)]
        if isinstance(node, ast.Dict):
            return [text for key in node.keys for text in self.texts(key)]
        value = self.live(node)
        if isinstance(value, str):
            return [value]
        return [text for text in value if isinstance(text, str)] if isinstance(value, Collection) else []

    def _named(self, name: str) -> object | None:
        code = self.function.__code__
        if name not in code.co_freevars or not self.function.__closure__:
            return self.function.__globals__.get(name)
        cell = self.function.__closure__[code.co_freevars.index(name)]
        try:
            return cell.cell_contents  # type: ignore[no-any-return]
        except ValueError:  # it is still empty
            return None
