"""Which app a directory holds, read from its files: none of them is imported."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CLASSES = frozenset(
    {"Starlette", "FastAPI", "Litestar", "Quart", "ProtocolTypeRouter", "ASGIApp", "App", "Application", "GraphQL"}
)
"""Classes whose instances are apps."""

_ATTRIBUTES = ("app", "application", "asgi_app", "asgi", "api")
_FILES = ("main", "app", "asgi", "server", "application", "api", "__init__")
_FACTORIES = ("create_app", "make_app", "get_app", "build_app", "app_factory", "create_application")
_LEFT_OUT = frozenset({"tests", "test", "docs", "node_modules", "venv", "env", "build", "dist", "site-packages"})

DEEPEST = 4
"""Directories below the first in which nobody keeps an app any more."""

MOST_FILES = 2000
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class App:
    """An app: its target, whether that is a factory, and the directory from which it is imported."""

    target: str
    factory: bool = False
    app_dir: str = "."


def guess(directory: Path) -> tuple[App, ...]:
    """The apps in the files of `directory`, the likeliest first."""
    found = []
    for number, path in enumerate(_files(directory)):
        if number >= MOST_FILES:
            break
        for attribute, factory in _apps(path):
            module, app_dir = _module(path.relative_to(directory))
            rank = (factory, len(path.parts), _place(path.stem, _FILES), _place(attribute, _ATTRIBUTES))
            found.append((rank, App(f"{module}:{attribute}", factory, app_dir)))
    return tuple(app for _, app in sorted(found, key=lambda one: (one[0], one[1].target)))


def _files(directory: Path) -> Iterator[Path]:
    for here, below, names in os.walk(directory):
        depth = len(Path(here).relative_to(directory).parts)
        below[:] = sorted(
            name
            for name in below
            if depth < DEEPEST and not name.startswith((".", "_")) and name.lower() not in _LEFT_OUT
        )
        for name in sorted(names):
            if name.endswith(".py") and not name.startswith("test_") and name != "conftest.py":
                yield Path(here) / name


def _module(path: Path) -> tuple[str, str]:
    """The module of a file, and the directory that it is imported from."""
    parts = list(path.with_suffix("").parts)
    app_dir = "."
    if len(parts) > 1 and parts[0] == "src":
        app_dir = parts.pop(0)
    if len(parts) > 1 and parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts), app_dir


def _apps(path: Path) -> Iterator[tuple[str, bool]]:
    """The names in a file that are apps, and whether they are factories."""
    try:
        if path.stat().st_size > _LARGEST:
            return
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if _makes_app(node.value):
                yield from ((one.id, False) for one in targets if isinstance(one, ast.Name))
        elif isinstance(node, ast.AsyncFunctionDef):
            if [argument.arg for argument in node.args.args] == ["scope", "receive", "send"]:
                yield node.name, False
        elif isinstance(node, ast.FunctionDef) and _is_factory(node):
            yield node.name, True


def _is_factory(node: ast.FunctionDef) -> bool:
    return (node.name in _FACTORIES or _returns_app(node)) and not any(_needed(node))


def _makes_app(value: ast.expr | None) -> bool:
    if not isinstance(value, ast.Call):
        return False
    name = value.func
    called = name.id if isinstance(name, ast.Name) else name.attr if isinstance(name, ast.Attribute) else ""
    return called in _CLASSES or called in _FACTORIES or called == "get_asgi_application"


def _returns_app(node: ast.FunctionDef) -> bool:
    returns = node.returns
    name = returns.id if isinstance(returns, ast.Name) else returns.attr if isinstance(returns, ast.Attribute) else ""
    return name in _CLASSES


def _needed(node: ast.FunctionDef) -> Iterator[str]:
    """The arguments without which the function cannot be called."""
    positional = [*node.args.posonlyargs, *node.args.args]
    yield from (argument.arg for argument in positional[: len(positional) - len(node.args.defaults)])
    for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if default is None:
            yield argument.arg


def _place(name: str, names: tuple[str, ...]) -> int:
    return names.index(name) if name in names else len(names)
