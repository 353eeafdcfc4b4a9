"""Regular expressions that a text is matched with, and what is taken out of what they have found."""

from __future__ import annotations

import re

from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.values import Matched, Rows, Several, Value, constant_of, constants_of


def method(found: Matched, name: str, given: list[Value]) -> Value:
    """A method of what a regular expression has found."""
    if name == "group":
        keys = [constant_of(one) for one in given] or [0]
        return found.group(keys[0]) if len(keys) == 1 else Several(tuple(found.group(key) for key in keys))
    if name == "groups":
        return found.groups()
    return found.named() if name == "groupdict" else None


def matched(message: Node, name: str, holder: Value, given: list[Value]) -> Value:
    """A regular expression, compiled or not, is tried on a message; or one of some, who knows which."""
    compiled = [one for one in constants_of(holder) if isinstance(one, re.Pattern)]
    known: list[str] = []
    for one in compiled or constants_of(given[0] if given else None):
        pattern = one.pattern if isinstance(one, re.Pattern) else one
        if isinstance(pattern, str) and _is_pattern(pattern):
            message.patterns[pattern] = None
            known.append(pattern)
    if not known:
        return None
    found = Matched(message, tuple(known))
    if name == "findall":
        groups = found.groups().items
        return Rows(groups[0] if len(groups) == 1 else Several(groups)) if groups else None
    return Rows(found) if name == "finditer" else found


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
