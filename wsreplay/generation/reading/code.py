"""From live functions to syntax trees, and from names to live objects, without running anything of the app.

Only the app's own code is opened; what a name stands for is looked up, never computed.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import struct
import sys
import textwrap
import types
from collections import namedtuple
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from wsreplay.sources import Sources

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

_BIGGEST_SOURCE = 200_000


@dataclass(frozen=True, slots=True)
class Live:
    """An object of the running program that an expression stands for."""

    value: object


@dataclass(frozen=True, slots=True)
class Unit:
    """One function of the app: its object, its syntax tree, and for a method the class and, if there is one yet, the
    object that it was reached through.
    """

    function: types.FunctionType
    tree: Definition
    owner: type | None = None
    instance: object | None = None

    def parameters(self) -> list[str]:
        """The names of the parameters that take one argument each, without `self`."""
        return names_of(self.tree, bound=self.owner is not None)


def names_of(tree: Definition, bound: bool) -> list[str]:
    """The names of a function's parameters in order; without the first for a method of an object."""
    arguments = [argument.arg for argument in tree.args.posonlyargs + tree.args.args]
    return arguments[1:] if bound and arguments else arguments


class Code:
    """Opens the functions that belong to the same application as `handler`."""

    def __init__(self, handler: object) -> None:
        file = inspect.getsourcefile(handler)  # type: ignore[arg-type]
        self._sources = Sources(Path(file).parent if file else Path(), file, getattr(handler, "__module__", ""))
        self._trees: dict[types.CodeType, Definition | None] = {}

    def owns(self, function: types.FunctionType) -> bool:
        """Whether a function is application code."""
        return self._sources.owns(function.__code__.co_filename)

    def owns_class(self, cls: type) -> bool:
        """Whether a class is defined in application code."""
        file = getattr(sys.modules.get(cls.__module__), "__file__", None)
        return isinstance(file, str) and self._sources.owns(file)

    def unit(self, thing: object, owner: type | None = None) -> Unit | None:
        """The unit of a function or method; None for anything else, and for code of others."""
        instance: object | None = None
        if isinstance(thing, types.MethodType):
            bound = thing.__self__
            owner, instance = (bound, None) if inspect.isclass(bound) else (type(bound), bound)
            thing = thing.__func__
        if isinstance(thing, types.FunctionType):
            thing = inspect.unwrap(thing)
        if not isinstance(thing, types.FunctionType) or not self.owns(thing):
            return None
        tree = self._tree(thing)
        return Unit(thing, tree, owner, instance) if tree is not None else None

    def _tree(self, function: types.FunctionType) -> Definition | None:
        code = function.__code__
        if code not in self._trees:
            self._trees[code] = _parsed(function)
        return self._trees[code]

    def methods(self, owner: type) -> list[Unit]:
        """The methods that a class has of its own or from the app's own classes, in order of definition."""
        units: dict[str, Unit] = {}
        for cls in owner.__mro__:
            for name, member in vars(cls).items():
                unit = self.unit(plain_member(member), owner)
                if unit is not None:
                    units.setdefault(name, unit)
        return list(units.values())


def _parsed(function: types.FunctionType) -> Definition | None:
    try:
        source = inspect.getsource(function)
        if len(source) > _BIGGEST_SOURCE:
            return None
        tree = ast.parse(textwrap.dedent(source)).body[0]
    except (OSError, TypeError, SyntaxError, ValueError, IndexError, RecursionError):
        return None
    return tree if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef) else None


def plain_member(member: object) -> object:
    """The function inside a static or class method; anything else as it is."""
    return member.__func__ if isinstance(member, staticmethod | classmethod) else member


def named(function: types.FunctionType, name: str) -> Live | None:
    """What a name stands for in a function: a variable around it, a global, or a builtin."""
    code = function.__code__
    if name in code.co_freevars and function.__closure__:
        cell = function.__closure__[code.co_freevars.index(name)]
        try:
            return Live(cell.cell_contents)
        except ValueError:
            return None
    if name in function.__globals__:
        return Live(function.__globals__[name])
    return Live(getattr(builtins, name)) if hasattr(builtins, name) else None


def kept_in_state(function: types.FunctionType, node: ast.Attribute) -> Live | None:
    """What an app of the function's module keeps of its own: `websocket.app.state.rooms`, as it is before the start."""
    match node:
        case ast.Attribute(
            value=ast.Attribute(value=ast.Attribute(attr="app") | ast.Name(id="app"), attr="state"), attr=name
        ):
            states = (inspect.getattr_static(app, "state", None) for app in function.__globals__.values())
            held = (vars(state).get("_state") for state in states if type(state).__name__ == "State")
            return next((Live(one[name]) for one in held if isinstance(one, dict) and name in one), None)
    return None


_STORED = (types.MemberDescriptorType, type(vars(namedtuple("_Named", "one"))["one"]))


def attribute(thing: object, name: str) -> Live | None:
    """An attribute as it is stored, without running a property or `__getattr__`; a function found on an object's class
    is bound to it.
    """
    if name == "__name__" and isinstance(thing, types.FunctionType | types.MethodType | type):
        return Live(thing.__name__)
    try:
        found = inspect.getattr_static(thing, name)
    except AttributeError:
        return None
    laid_out = isinstance(thing, struct.Struct) and isinstance(found, types.GetSetDescriptorType)
    if laid_out or (isinstance(found, _STORED) and not inspect.isclass(thing)):
        # Fields of a named tuple, or of a class with slots; the size and the format of a layout.
        return Live(getattr(thing, name, None))
    if isinstance(found, classmethod) or (isinstance(found, types.FunctionType) and _has_methods(thing)):
        return Live(types.MethodType(plain_member(found), thing))  # type: ignore[arg-type]
    return Live(plain_member(found))


def member(owner: type, name: str) -> Live | None:
    """An attribute of an object of a class, of which there may be none yet; a method is bound to the class instead."""
    try:
        found = inspect.getattr_static(owner, name)
    except AttributeError:
        return None
    if isinstance(found, types.FunctionType | classmethod):
        return Live(types.MethodType(plain_member(found), owner))  # type: ignore[arg-type]
    return Live(plain_member(found))


def definer(owner: type, function: types.FunctionType) -> type:
    """The class that defines a method of `owner`; this itself where it is none."""
    code, name = function.__code__, function.__name__
    return next(
        (cls for cls in owner.__mro__ if getattr(plain_member(vars(cls).get(name)), "__code__", None) is code), owner
    )


def _has_methods(thing: object) -> bool:
    return not isinstance(thing, types.ModuleType) and not inspect.isclass(thing)
