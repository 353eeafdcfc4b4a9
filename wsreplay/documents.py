"""Documents in messages, as far as they count for what is shown and said again: JSON in text, or JSON or MessagePack
in bytes.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import msgpack  # type: ignore[import-untyped]

MAX_DEPTH = 4
"""Levels of a JSON reply that count for what it shows."""

MAX_ECHO = 4096
"""Characters up to which a message is looked at for what it says, and for what it repeats of another."""

MAX_KEYS = 24
"""Keys of an object that count; one with more is a table of data, not a message."""


_JSON = (b"{", b"[")
_CONTAINERS = frozenset((*range(0x80, 0xA0), 0xDC, 0xDD, 0xDE, 0xDF))
"""What an array or a map begins with in MessagePack."""


@lru_cache(maxsize=1024)
def parsed(data: str | bytes) -> Any:
    """The object or array that a message is; None where it is none."""
    text = readable(data)
    if text is None or text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def readable(data: str | bytes) -> str | None:
    """A message as text; of bytes the object or array that they hold, as JSON. None where they hold none."""
    return _opened(data) if isinstance(data, bytes) else data


@lru_cache(maxsize=1024)
def _opened(data: bytes) -> str | None:
    if len(data) > MAX_ECHO:
        return None
    try:
        if data[:1] in _JSON:
            return data.decode()
        return json.dumps(msgpack.unpackb(data)) if data and data[0] in _CONTAINERS else None
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException):
        # No such document, or one that JSON cannot say: with bytes in it, or times.
        return None


def written(text: str, like: bytes) -> bytes | None:
    """JSON text as bytes in the form that others have; None where it cannot be written so."""
    try:
        data: bytes = text.encode() if like[:1] in _JSON else msgpack.packb(json.loads(text))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    return data
