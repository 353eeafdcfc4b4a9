r"""A regular expression over a URL path, as a template: `^ws/(?P<room>\w+)/$` is `ws/{room}/` with a regex parameter.

Whatever is not a literal becomes a parameter whose pattern is that piece of the expression, so that text made from the
template matches the expression. Look-around and anchors carry no text and are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from wsreplay.model import Parameter

_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(|.", re.DOTALL)
_QUANTIFIER = re.compile(r"(?:[*+?]|\{\d*,?\d*\})[?+]?")
_GROUP = re.compile(r"\(\?P<(?P<name>\w+)>|\(\?:|\((?!\?)")
_NOTHING = ("\\A", "\\Z", "\\b", "\\B", "^", "$")
_KNOWN = {"[^/]+": "str", ".+": "path", ".*": "path"}


@dataclass(slots=True)
class _Template:
    """The template so far."""

    path: str = ""
    parameters: list[Parameter] = field(default_factory=list)

    def hole(self, pattern: str, name: str = "") -> None:
        name = name or f"arg{len(self.parameters) + 1}"
        converter = _KNOWN.get(pattern)
        self.parameters.append(Parameter(name, converter or "regex", None if converter else pattern))
        self.path += "{" + name + "}"


def template(pattern: str) -> tuple[str, tuple[Parameter, ...]]:
    """The template and its parameters; unnamed pieces are named `arg1`, `arg2` by their number.

    Of alternatives at the top level the first is taken.
    """
    made = _Template()
    _read(_branches(pattern)[0], made)
    return made.path, tuple(made.parameters)


def _read(pattern: str, made: _Template) -> None:
    at = 0
    while at < len(pattern):
        end = _end(pattern, at)
        piece = pattern[at:end]
        quantifier = _QUANTIFIER.match(pattern, end)
        repeat = quantifier[0] if quantifier else ""
        at = end + len(repeat)
        if piece in _NOTHING:
            continue
        if piece.startswith("("):
            _group(piece, repeat, made)
        elif len(literal := _literal(piece)) != 1:
            made.hole(piece + repeat)
        elif not repeat:
            made.path += literal
        elif repeat[0] not in "?*":
            made.hole(piece + repeat)


def _group(piece: str, repeat: str, made: _Template) -> None:
    """An optional group is taken once, so that its parameter is tested."""
    head = _GROUP.match(piece)
    if head is None:
        return
    inside = piece[head.end() : -1]
    if head["name"]:
        made.hole(inside if repeat in ("", "?") else f"(?:{inside}){repeat}", head["name"])
    elif head[0] == "(?:" and repeat in ("", "?") and len(_branches(inside)) == 1:
        _read(inside, made)
    else:
        made.hole(piece + repeat)


def _literal(piece: str) -> str:
    """The one character that the piece stands for; empty when it stands for a set of them."""
    if len(piece) == 2:
        return "" if piece[1].isalnum() else piece[1]
    return piece if piece not in ".[(" else ""


def _end(pattern: str, at: int) -> int:
    """Where the piece that begins at `at` ends: a character, an escape, a set or a whole group."""
    end = next(_PIECE.finditer(pattern, at)).end()
    if pattern[at] != "(":
        return end
    while end < len(pattern) and pattern[end] != ")":
        end = _end(pattern, end)
    return end + 1


def _branches(pattern: str) -> list[str]:
    """The alternatives at the top level of the expression."""
    branches, at, start = [], 0, 0
    while at < len(pattern):
        if pattern[at] == "|":
            branches.append(pattern[start:at])
            start = at + 1
        at = _end(pattern, at)
    return [*branches, pattern[start:]]
