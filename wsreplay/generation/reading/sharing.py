"""What a handler reaches that outlives its clients: objects in variables of modules and around functions, attributes
of `app.state`, and which of them change. Two handlers that reach the same, which changes, share state.

Nothing of the app is run: objects are looked at as they are before the first client.
"""

from __future__ import annotations

import ast
import collections
import enum
import itertools
import queue
import sqlite3
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from wsreplay.generation.knowledge import Reached
from wsreplay.generation.reading.code import Unit, attribute, named

Owns: TypeAlias = Callable[[type], bool]
"""Whether a class is the app's own."""

_COLLECTIONS = (
    *(list, dict, set, bytearray, collections.deque, collections.UserDict, collections.UserList),
    *(weakref.WeakSet, weakref.WeakKeyDictionary, weakref.WeakValueDictionary),
)
_CHANGING = (
    *(queue.Queue, itertools.count, threading.Event, threading.Condition, threading.Semaphore, sqlite3.Connection),
    collections.defaultdict,
)
_CHANGING_MODULES = ("asyncio.locks", "asyncio.queues")
"""What there is no use for but to change: objects of these classes, and of those of these modules."""

_CHANGES = frozenset(
    (
        *("append", "appendleft", "add", "insert", "extend", "update", "setdefault", "put"),
        *("pop", "popleft", "popitem", "remove", "discard", "clear"),
    )
)
_DEEPEST = 3
_FOREIGN_NAMES = ("__", "_abc_", "model_")
"""Beginnings of the names of what Python and pydantic keep in a class."""


def reached_by(units: Iterable[Unit], owns: Owns) -> Reached:
    """What some functions of the app reach."""
    look = _Look(owns)
    for unit in units:
        look.at(unit)
    return Reached(frozenset(look.touched), frozenset(look.changed))


class _Look:
    def __init__(self, owns: Owns) -> None:
        self.touched: set[object] = set()
        self.changed: set[object] = set()
        self._owns = owns
        self._objects: list[tuple[int, type]] = []
        self._busy: set[type] = set()

    def at(self, unit: Unit) -> None:
        """Take note of what one function reaches."""
        if unit.instance is not None:
            self._take(unit.instance)
        for cls in unit.owner.__mro__ if unit.owner is not None else ():
            self._take(cls)
        declared = {name for node in ast.walk(unit.tree) if isinstance(node, ast.Global) for name in node.names}
        module = unit.function.__globals__.get("__name__")
        # A number that is counted up is another object each time.
        self.touched.update((module, name) for name in declared)
        self.changed.update((module, name) for name in declared)
        for node in ast.walk(unit.tree):
            if isinstance(node, ast.Name | ast.Attribute):
                self._name(unit, node, module)
            self._change(unit, node)

    def _name(self, unit: Unit, node: ast.Name | ast.Attribute, module: object) -> None:
        thing = _object(unit, node)
        self._take(thing)
        if isinstance(node, ast.Name):
            if isinstance(thing, str | int | float | None) and not node.id.isupper() and _is_global(unit, node.id):
                self.touched.add((module, node.id))
        elif (kept := _kept(node)) is not None:
            self.touched.add(kept)
            self.changed.add(kept)

    def _take(self, thing: object) -> None:
        own = self._own_class(thing) if isinstance(thing, type) else self._own_object(thing)
        if not own and not isinstance(thing, _COLLECTIONS) and not _changing(thing):
            return
        if id(thing) not in self.touched:
            self.touched.add(id(thing))
            if self._holds(thing) or type(thing) in self._busy:
                self.changed.add(id(thing))
            self._objects.append((id(thing), type(thing)))

    def _own_class(self, cls: type) -> bool:
        # An enumeration holds collections of its own, which nobody changes.
        return self._owns(cls) and not isinstance(cls, enum.EnumMeta)

    def _own_object(self, thing: object) -> bool:
        """Whether it is an object of a class of the app's own, and of no library's beside."""
        cls = type(thing)
        if isinstance(thing, type | enum.Enum | BaseException) or not self._owns(cls):
            return False
        return all(self._owns(one) or one.__module__.split(".")[0] in sys.stdlib_module_names for one in cls.__mro__)

    def _holds(self, thing: object, depth: int = _DEEPEST) -> bool:
        """Whether something can only be there to be filled or changed: an empty collection, or an object with one."""
        if _changing(thing):
            return True
        if isinstance(thing, _COLLECTIONS):
            return not thing
        inner = _members(thing) if depth and (isinstance(thing, type) or self._own_object(thing)) else ()
        return any(self._holds(one, depth - 1) for one in inner if not isinstance(one, type))

    # --- changes ---

    def _change(self, unit: Unit, node: ast.AST) -> None:
        match node:
            case ast.Call(func=ast.Attribute(value=holder, attr=name)) if name in _CHANGES:
                self._changed(unit, holder)
            case ast.Assign(targets=targets) | ast.Delete(targets=targets):
                for target in targets:
                    self._stored(unit, target)
            case ast.AugAssign(target=target):
                self._stored(unit, target)

    def _stored(self, unit: Unit, target: ast.expr) -> None:
        if isinstance(target, ast.Attribute | ast.Subscript):
            self._changed(unit, target.value)

    def _changed(self, unit: Unit, holder: ast.expr) -> None:
        thing = _object(unit, holder)
        if thing is not None:
            self.changed.add(id(thing))
        elif unit.owner is not None and _is_self(unit, holder) and unit.tree.name not in ("__init__", "__post_init__"):
            self._busy.add(unit.owner)
            self.changed.update(number for number, cls in self._objects if cls is unit.owner)


def _changing(thing: object) -> bool:
    return isinstance(thing, _CHANGING) or type(thing).__module__ in _CHANGING_MODULES


def _object(unit: Unit, expression: ast.expr) -> object:
    """The live object that a name, or a name in a module, stands for; None where that is not known."""
    match expression:
        case ast.Name(id=name) if name not in unit.function.__code__.co_varnames:
            found = named(unit.function, name)
        case ast.Attribute(value=holder, attr=name) if isinstance(
            outer := _object(unit, holder), types.ModuleType | type
        ):
            found = attribute(outer, name)
        case _:
            return None
    return found.value if found is not None else None


def _is_global(unit: Unit, name: str) -> bool:
    return name not in unit.function.__code__.co_varnames and name in unit.function.__globals__


def _kept(node: ast.Attribute) -> tuple[str, str] | None:
    """What an app keeps of its own in its state, by its name there: `websocket.app.state.rooms`."""
    match node:
        case ast.Attribute(
            value=ast.Attribute(value=ast.Attribute(attr="app") | ast.Name(id="app"), attr="state"), attr=name
        ):
            return "app.state", name
    return None


def _is_self(unit: Unit, holder: ast.expr) -> bool:
    """Whether it is the method's own object, or a part of it."""
    while isinstance(holder, ast.Attribute | ast.Subscript):
        holder = holder.value
    arguments = unit.tree.args.args
    return isinstance(holder, ast.Name) and bool(arguments) and holder.id == arguments[0].arg


def _members(thing: object) -> Iterator[object]:
    if isinstance(thing, type):
        yield from (value for name, value in vars(thing).items() if not name.startswith(_FOREIGN_NAMES))
        return
    yield from getattr(thing, "__dict__", {}).values()
    for cls in type(thing).__mro__:
        for member in vars(cls).values():
            if isinstance(member, types.MemberDescriptorType):
                yield getattr(thing, member.__name__, None)
