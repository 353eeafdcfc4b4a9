"""The pieces of a message that can be changed: places in a JSON document, words of a text."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any, TypeAlias

from wsreplay.generation.payloads import Path

Json: TypeAlias = Any
"""A parsed JSON document, or the dict or list that holds a place in it."""

Place: TypeAlias = tuple[Json, str | int, Path]
"""A place in a document: its holder, its key there, and its path."""

LOOKED_AT = 4096
"""Characters of a text in which pieces are looked for."""

MOST_PIECES = 200
_MARK = "\x00leaf\x00"
_WORD = re.compile(r"(?:\{\{[^{}]*\}\}|[^\s:;,|=])+")
"""A symbol for what the app has said is one, or a part of one."""


def places(document: Json) -> list[Place]:
    """Every place in a JSON document, outer ones first; a few hundred at most."""
    found: list[Place] = []
    holders: list[tuple[Json, Path]] = [(document, ())]
    for holder, above in holders:
        keys = range(len(holder)) if isinstance(holder, list) else list(holder) if isinstance(holder, dict) else []
        for key in keys[:MOST_PIECES]:
            path = (*above, key)
            found.append((holder, key, path))
            if isinstance(holder[key], dict | list):
                holders.append((holder[key], path))
        if len(found) >= MOST_PIECES:
            break
    return found


def written(document: Json, place: Place, value: str) -> str:
    """The document as text with a value, which is JSON text, at a place: it may be what no Python value is."""
    holder, key, _ = place
    holder[key] = _MARK
    return json.dumps(document).replace(json.dumps(_MARK), value, 1)


def words(text: str) -> list[re.Match[str]]:
    """The first words of a text, each with where it is."""
    return [*islice(_WORD.finditer(text), MOST_PIECES)]
