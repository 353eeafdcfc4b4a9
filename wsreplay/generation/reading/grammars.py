"""Texts that are read by a grammar when they are used: formats, templates, regular expressions, numbers.

One that is no constant may come from a client, now or in an earlier message.
"""

from __future__ import annotations

import ast
import re

from wsreplay.generation.knowledge import Grammar
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.roles import Walk
from wsreplay.generation.reading.values import Callees, Value, constant_of

_FOLDS = frozenset(("casefold", "lower", "upper", "title", "capitalize", "swapcase"))
_TAKES_PATTERN = frozenset(("compile", "match", "fullmatch", "search", "findall", "finditer", "sub", "subn", "split"))


def called(walk: Walk, name: str, holder: Value, given: list[Value]) -> None:
    """Take note of a call that reads a text by a grammar: of a method of `holder`, of `Template`, or of `fnmatch`."""
    match name:
        case "vformat" if given:
            _read(walk, "format", given[0])
        case "format" | "format_map":
            _read(walk, "format", holder)
        case _ if name in _TAKES_PATTERN and given:
            if constant_of(holder) is re:
                _read(walk, "regex", given[0])
        case "isdigit" | "isnumeric" | "isdecimal":
            if not isinstance(holder, Node):
                _read(walk, "digits", holder)
        case _ if name in _FOLDS and isinstance(holder, Node):
            walk.notes.folds[name] = None
            if name == "casefold" or len(walk.notes.folds) > 1:
                # Two ways of folding may disagree.
                walk.notes.grammars["case"] = None
        case "fnmatch" | "fnmatchcase" if len(given) > 1:
            _read(walk, "glob", given[1])
        case "Template" if given:
            _read(walk, "template", given[0])


def computed(walk: Walk, node: ast.BinOp, left: Value) -> None:
    """Take note of `text % (name, number)`."""
    if isinstance(node.op, ast.Mod) and isinstance(node.right, ast.Tuple | ast.Dict):
        _read(walk, "percent", left)


def _read(walk: Walk, grammar: Grammar, text: Value) -> None:
    if isinstance(text, Node):
        text.grammars[grammar] = None
    elif text is None or text == Callees(()):
        # Of a table that is empty yet nothing is known either.
        walk.notes.grammars[grammar] = None
