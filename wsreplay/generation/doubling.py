"""A second client who does what another one did, under another name: both log in, both join, and then they meet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from json.encoder import encode_basestring_ascii as quote

from wsreplay.generation.dice import Dice
from wsreplay.generation.payloads import Again, Path
from wsreplay.generation.pieces import LOOKED_AT, words
from wsreplay.model import Send

_INTRODUCTIONS = 2
"""Messages in which a client says who it is: the first ones."""

_MOST_NAMES = 20


def doubled(sends: Sequence[Send], client: int, dice: Dice, again: Again) -> list[Send]:
    """The messages of a client as another one says them: one name that was said at the beginning is another's, where
    there are names and they do not take all of them over. It is one that is like it, or whatever else is known of what
    stands at its path in a document, which `again` gives: of two roles one is taken.
    """
    said = [one.data for one in sends[:_INTRODUCTIONS] if isinstance(one.data, str)]
    names = [name for text in said for name in _names(text)]
    if not names or dice.one_in(6):
        return [replace(one, client=client) for one in sends]
    old, new, path = dice.pick(names)
    if path and dice.one_in(2):
        new = again(path) or new
    return [
        replace(one, client=client, data=one.data.replace(old, new) if isinstance(one.data, str) else one.data)
        for one in sends
    ]


def _names(text: str) -> list[tuple[str, str, Path]]:
    """What may be a name in a message, each with another one that is like it, and its path in a document."""
    if len(text) > LOOKED_AT:
        return []
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        # The first word is what is to be done.
        return [(word[0], f"{word[0]}b", ()) for word in words(text)[1:_MOST_NAMES]]
    values: list[tuple[Path, object]] = [((key,), one) for key, one in _members(document)]
    values += [((*path, key), inner) for path, one in values for key, inner in _members(one)]
    found = [(path, one) for path, one in values if isinstance(one, str) and one]
    return [(quote(one), quote(f"{one}b"), path) for path, one in found[:_MOST_NAMES]]


def _members(value: object) -> list[tuple[str, object]]:
    return [*value.items()] if isinstance(value, dict) else []
