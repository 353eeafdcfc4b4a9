"""What a transcript showed, as short strings that can be new: reply shapes, ends, edges between observed states.

Pure, and blind to what differs from run to run: values, identifiers, numbers, times.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

from wsreplay.documents import MAX_DEPTH, MAX_ECHO, MAX_KEYS, parsed
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
from wsreplay.progress import steps

_ASKED = ("<bytes", "<text")
"""What is added to a state, the shape of the last reply, when a message follows it."""

_WORD = re.compile(r"[A-Za-z+\-*!:]{1,16}(?![^\s:,;|.!?=])")
"""What a reply in plain text begins with, where it may be the kind of the reply."""

MAX_BYTES = 16
"""Bytes of a reply up to which its length says what kind of reply it is."""

OFTEN = frozenset((4, 8))
"""How many replies of one shape to one client count as often: what a handler counts or keeps shows in nothing else."""


def features(transcript: Transcript) -> frozenset[str]:
    """Return what the transcript showed. Never raises."""
    shown: set[str] = set()
    last: dict[int, str] = {}
    often: Counter[tuple[int, str]] = Counter()
    said = Said()
    for event in transcript.events:
        if type(event) is Message:
            _message(event, shown, last, said)
            if event.origin == "app":
                shown.update(steps(event.data, said.text, said.values))
                heard = event.client, last[event.client]
                often[heard] += 1
                if often[heard] in OFTEN and len(heard[1]) < 190:
                    shown.add(f"often:{often[heard]}:{heard[1]}")
        elif (told := _told(event)) is not None:
            shown.add(told)
    return frozenset(shown)


class Said:
    """What the clients have said so far. An app that repeats it shows nothing new by it, whatever it was."""

    def __init__(self) -> None:
        self.whole: set[str | bytes] = set()
        self.parts: list[Any] = []
        self.values: set[str] = set()
        self.text = ""

    def add(self, data: str | bytes) -> None:
        """Take note of a client's message."""
        self.whole.add(data)
        if isinstance(data, str):
            self.text += data[:MAX_ECHO] + "\n"
        value = parsed(data) if len(data) <= MAX_ECHO else None
        if isinstance(value, dict | list) and value:
            self.parts.append(value)
            inner = _members(value)
            self.parts.extend(one for one in inner if isinstance(one, dict | list) and one)
            self.values.update(one for one in inner if isinstance(one, str))


def _members(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def _message(event: Message, shown: set[str], last: dict[int, str], said: Said) -> None:
    before = last.get(event.client, "open")
    if event.origin == "app":
        shape = shape_of(event.data, said)
        shown.add(f"reply:{shape}")
        edge = f"edge:{before}>{shape}"
        if len(edge) < 200:
            shown.add(edge)
        last[event.client] = shape
    else:
        said.add(event.data)
        if not before.endswith(_ASKED):
            last[event.client] = before + ("<bytes" if isinstance(event.data, bytes) else "<text")


def shape_of(data: str | bytes, said: Said) -> str:
    """The skeleton of a reply: keys and types of JSON; `bytes`, or `text` with the word that it begins with, otherwise;
    `echo` for what was said before.
    """
    if data and data in said.whole:
        return "echo"
    if said.parts and len(data) <= MAX_ECHO and isinstance(value := parsed(data), dict | list):
        return _skeleton(value, MAX_DEPTH, said)
    shape = _plain_shape(data)
    kind, _, word = shape.partition(":")
    return kind if kind == "text" and word in said.text else shape


@lru_cache(maxsize=4096)
def _plain_shape(data: str | bytes) -> str:
    value = parsed(data)
    if value is not None:
        return _skeleton(value, MAX_DEPTH, _SILENCE)
    if isinstance(data, bytes):
        # Replies of one kind are mostly of one length.
        return f"bytes:{len(data)}" if len(data) <= MAX_BYTES else "bytes"
    if not data:
        return "no text"
    word = _WORD.match(data)
    return f"text:{word[0]}" if word else "text"


_SILENCE = Said()


def _skeleton(value: object, depth: int, said: Said) -> str:
    if isinstance(value, dict | list) and value and _repeats(value, said.parts):
        return "echo"
    if isinstance(value, dict):
        if depth == 0 or len(value) > MAX_KEYS:
            return "{...}"
        shapes = [(key, _skeleton(value[key], depth - 1, said)) for key in sorted(value)]
        # A table by what clients have called themselves has no keys of the app's.
        named = dict.fromkeys(f"{'*' if key in said.values else key}:{shape}" for key, shape in shapes)
        return "{" + ",".join(named) + "}"
    if isinstance(value, list):
        if depth == 0:
            return "[...]"
        return "[" + "|".join(sorted({_skeleton(item, depth - 1, said) for item in value[:MAX_KEYS]})) + "]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else "bool"
    return "number" if isinstance(value, int | float) else "str"


def _repeats(value: object, said: list[Any]) -> bool:
    try:
        return value in said
    except RecursionError:
        # Two values that are nested very deeply, and equal as far as can be seen.
        return True


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
