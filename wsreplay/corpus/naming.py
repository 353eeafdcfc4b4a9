"""Names in a corpus: the directory of a route, the file of an entry. Pure; nothing here looks at a disk.

A route comes from an application, or from a stranger's file: its directory's name is made of safe characters only.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

SUFFIX = ".msgpack"

ID_LENGTH = 16

MAX_SLUG = 48
"""Characters of a slug, before its hash."""

_PLAIN = re.compile(r"(/[a-z0-9_]+)+", re.ASCII)
_UNSAFE = re.compile(r"[^a-z0-9_]+", re.ASCII)
_ID = re.compile(r"[0-9a-f]{1,16}", re.ASCII)
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul"] + [f"{device}{number}" for device in ("com", "lpt") for number in range(10)]
)
"""Names that Windows keeps for devices, with any extension."""


def slug(route: str) -> str:
    """The name of the route's directory: `/ws/chat` gives `ws-chat`.

    A route that is not made of lower-case ASCII letters, digits and underscores between slashes loses something on the
    way; eight hex digits of SHA-256 over its path, after a dot, keep it apart from others: `/chat/{room}` gives
    `chat-room.d0ad1cb4`. No plain slug has a dot, so two routes share a directory only if their hashes collide.
    """
    words = _UNSAFE.sub("-", route.lower()).strip("-")
    if _PLAIN.fullmatch(route) and len(words) <= MAX_SLUG and words not in _RESERVED:
        return words
    words = words[:MAX_SLUG].rstrip("-") or "root"
    if words in _RESERVED:
        words = f"route-{words}"
    return f"{words}.{hashlib.sha256(route.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def file_name(entry_id: str) -> str:
    """The name of an entry's file."""
    return entry_id + SUFFIX


def is_entry(name: str) -> bool:
    """Whether a file of that name is taken for an entry; what a killed writer left behind is not."""
    return name.endswith(SUFFIX) and not name.startswith(".")


def id_prefix(text: str) -> str:
    """`text` as an id or the beginning of one, with or without the suffix; empty when it can be none."""
    text = text.removesuffix(SUFFIX)
    return text if _ID.fullmatch(text) else ""


def named_id(path: Path) -> str:
    """The id that the file's name claims."""
    return path.name.removesuffix(SUFFIX)
