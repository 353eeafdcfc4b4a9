"""What the parts of a reading need of each other, so that none imports the whole."""

from __future__ import annotations

import ast
from typing import Protocol

from wsreplay.generation.reading.code import Definition, Live, Unit
from wsreplay.generation.reading.notes import Notes
from wsreplay.generation.reading.values import Value, Variables


class Reader(Protocol):
    """The whole reading, as a walker sees it."""

    notes: Notes

    def owns(self, thing: object) -> bool:
        """Whether a function or method is the app's own."""

    def owns_class(self, cls: type) -> bool:
        """Whether a class is the app's own."""

    def returned(self, thing: object, given: list[Value], by_name: Variables) -> Value:
        """Read a called function, too, with these arguments; give what it returns as far as is known."""

    def method_named(self, unit: Unit, name: str) -> Live | None:
        """The method that an object of which nothing is known must have."""

    def field(self, owner: type, name: str) -> Value:
        """What is known of an attribute of the objects of a class."""

    def keep(self, owner: type, name: str, value: Value) -> None:
        """Remember what an object's attribute was set to."""


class Walk(Protocol):
    """The walk through one function, as the meaning of calls needs it."""

    reader: Reader
    notes: Notes
    unit: Unit
    variables: Variables

    def value(self, expression: ast.AST | None) -> Value:
        """What an expression stands for."""

    def sides(self, comparison: ast.Compare) -> tuple[Value, Value]:
        """What the first two things that a comparison compares stood for when it was visited."""

    def at(self, base: Value, index: Value, required: bool) -> Value:
        """What is in `base` at `index`."""

    def bind(self, target: ast.expr, value: Value) -> None:
        """What an assignment does."""

    def filled(self, table: ast.expr, key: Value, value: Value) -> None:
        """A table is given a value under a key."""

    def inner(self, tree: Definition, around: Variables, given: list[Value], by_name: Variables) -> Value:
        """Walk a function that is defined inside this one."""
