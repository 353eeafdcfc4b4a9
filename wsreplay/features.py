"""What a transcript showed, as short strings that can be new: reply shapes, ends, edges between observed states.

Pure, and blind to what differs from run to run: values, identifiers, numbers, times.
"""

from __future__ import annotations

import json
from functools import lru_cache

from wsreplay.model import (
    Accepted,
    Blocked,
    Closed,
    Consumed,
    Crashed,
    Denied,
    Dropped,
    Ended,
    Event,
    Hung,
    Leaked,
    Message,
    Opened,
    Told,
    Transcript,
    Violation,
)

MAX_DEPTH = 4
"""Levels of a JSON reply that count for its shape."""

MAX_KEYS = 24
"""Keys of an object that count; one with more is a table of data, not a message."""


def features(transcript: Transcript) -> frozenset[str]:
    """Return what the transcript showed. Never raises."""
    shown: set[str] = set()
    last: dict[int, str] = {}
    for event in transcript.events:
        if type(event) is Message:
            _message(event, shown, last)
        elif (told := _told(event)) is not None:
            shown.add(told)
    return frozenset(shown)


def _message(event: Message, shown: set[str], last: dict[int, str]) -> None:
    before = last.get(event.client, "open")
    if event.origin == "app":
        shape = shape_of(event.data)
        shown.add(f"reply:{shape}")
    else:
        shape = f"<{event.kind}"
    edge = f"edge:{before}>{shape}"
    if len(edge) < 200:
        shown.add(edge)
    last[event.client] = shape


@lru_cache(maxsize=4096)
def shape_of(data: str | bytes) -> str:
    """The skeleton of a reply: keys and types of JSON, `text` or `bytes` otherwise."""
    if isinstance(data, bytes):
        return "bytes" if data else "no bytes"
    if data[:1] in ("{", "["):
        try:
            return _skeleton(json.loads(data), MAX_DEPTH)
        except (ValueError, RecursionError):
            return "text"
    return "text" if data else "no text"


def _skeleton(value: object, depth: int) -> str:
    if isinstance(value, dict):
        if depth == 0 or len(value) > MAX_KEYS:
            return "{...}"
        return "{" + ",".join(f"{key}:{_skeleton(value[key], depth - 1)}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        if depth == 0:
            return "[...]"
        return "[" + "|".join(sorted({_skeleton(item, depth - 1) for item in value[:MAX_KEYS]})) + "]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else "bool"
    return "number" if isinstance(value, int | float) else "str"


def _told(event: Event) -> str | None:
    """What an event other than a message says; None where it says nothing that can be new."""
    match event:
        case Consumed() | Opened() | Dropped():
            return None
        case Told():
            return "told"
        case Accepted():
            return f"accepted:{event.subprotocol or ''}"
        case Closed():
            return f"close:{event.origin}:{event.code if event.origin == 'app' else ''}"
        case Ended():
            return f"end:{event.cause}:{event.code or ''}:{event.raised.type if event.raised else ''}"
        case Denied():
            return f"denied:{event.status}"
    return _amiss(event)


def _amiss(event: Event) -> str | None:
    match event:
        case Crashed():
            return f"crashed:{event.source}:{event.raised.type}"
        case Hung():
            return f"hung:{event.phase}:{event.told}"
        case Violation():
            return f"violation:{event.rule}"
        case Blocked():
            return "blocked"
        case Leaked():
            return "leaked"
    return None
