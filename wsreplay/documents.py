"""JSON in messages, as far as it counts for what they show."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

MAX_DEPTH = 4
"""Levels of a JSON reply that count for what it shows."""

MAX_ECHO = 4096
"""Characters up to which a message is looked at for what it says, and for what it repeats of another."""

MAX_KEYS = 24
"""Keys of an object that count; one with more is a table of data, not a message."""


@lru_cache(maxsize=1024)
def parsed(data: str | bytes) -> Any:
    """The object or array that a text is; None where it is none."""
    if isinstance(data, bytes) or data[:1] not in ("{", "["):
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
