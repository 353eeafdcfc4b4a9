"""What an expression is, by its form alone."""

from __future__ import annotations

import ast

_CLOCKS = frozenset(("monotonic", "time", "perf_counter", "now", "utcnow"))


def computed_name(expression: ast.expr) -> tuple[str, ast.expr] | None:
    """The constant beginning of a computed name and what follows it: of `f"on_{x}"` and `"on_" + x`, `on_` and `x`."""
    match expression:
        case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), ast.FormattedValue(value=rest), *_]):
            return prefix, rest
        case ast.BinOp(left=ast.Constant(value=str(prefix)), op=ast.Add(), right=rest):
            return prefix, rest
    return None


def written_out(expression: ast.expr) -> bool:
    """Whether an expression is something else, as text: `str(number)`."""
    match expression:
        case ast.Call(func=ast.Name(id="str" | "repr" | "format")):
            return True
    return False


def is_beginning(expression: ast.expr, text: str) -> bool:
    """Whether an expression is what something begins with, as long as `text`: `line[:5]`, `line[:5].upper()`."""
    match expression:
        case ast.Call(func=ast.Attribute(value=inner), args=[]):
            return is_beginning(inner, text)
        case ast.Subscript(slice=ast.Slice(lower=None | ast.Constant(value=0), upper=ast.Constant(value=int(size)))):
            return size == len(text)
        case ast.Subscript(slice=ast.Slice(lower=None, upper=ast.Call(func=ast.Name(id="len")))):
            return True
    return False


def tells_time(expression: ast.expr) -> bool:
    """Whether an expression is the time, by its name: `time.monotonic()`, `loop.time()`, `now`."""
    match expression:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in _CLOCKS
        case ast.Name(id=name):
            return name == "now"
    return False
