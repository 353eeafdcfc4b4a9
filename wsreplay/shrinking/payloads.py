"""Passes over what is sent: smaller messages, then plainer ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from wsreplay import documents
from wsreplay.model import Send
from wsreplay.shrinking.order import is_json
from wsreplay.shrinking.search import Search
from wsreplay.shrinking.texts import simplify_bytes, simplify_text
from wsreplay.shrinking.values import LONG, Value, plainer_value, smaller_value

_EXPONENT = re.compile(r"(?<=[0-9])e\+(?=[0-9])")


def smaller_payloads(search: Search) -> None:
    """Send nothing, or anything; of JSON only the keys, items and levels that are needed."""
    for index, step in enumerate(search.best.steps):
        if isinstance(step, Send) and not _trivial(search, index, step):
            value = parsed(step)
            if value is not None:
                attempt = _attempt_json(search, index, step)
                attempt(value)
                smaller_value(value, attempt)


def plainer_payloads(search: Search) -> None:
    """Make simple what the messages are made of."""
    for index, step in enumerate(search.best.steps):
        if not isinstance(step, Send):
            continue
        value = parsed(step)
        if value is not None:
            attempt = _attempt_json(search, index, step)
            attempt(value)
            plainer_value(value, attempt)
            _raw(search, index)
        else:
            _plainer(search, index, step)


def parsed(send: Send) -> Value:
    """The value of a document in a message; None where there is none to simplify."""
    if isinstance(send.data, bytes):
        return documents.parsed(send.data)
    if not isinstance(send.data, str) or not is_json(send.kind, send.data):
        return None
    try:
        return json.loads(send.data)
    except (ValueError, RecursionError):
        return None


def written(value: Value) -> str | None:
    """A value as the shortest JSON that a person can read; None when it cannot be written."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if not text.isascii():
            text.encode()
        if "e+" in text:
            # 1e+308 is written with a plus by Python alone.
            bare = _EXPONENT.sub("e", text)
            text = bare if json.loads(bare) == value else text
    except UnicodeEncodeError:
        # Half of a surrogate pair can be sent only as an escape.
        return json.dumps(value, separators=(",", ":"))
    except (ValueError, RecursionError):
        return None
    return text


def _attempt_json(search: Search, index: int, send: Send) -> Callable[[Value], bool]:
    def attempt(value: Value) -> bool:
        data = _alike(send, value)
        return data is not None and search.accepts_step(index, replace(send, data=data))

    return attempt


def _alike(send: Send, value: Value) -> str | bytes | None:
    """A value as the data of a message, in the form that it has."""
    text = written(value)
    return documents.written(text, send.data) if text is not None and isinstance(send.data, bytes) else text


def _trivial(search: Search, index: int, send: Send) -> bool:
    """Try the messages that a person tries first."""
    value = parsed(send)
    long = "" if value is None or len(send.data) <= LONG else "a" * len(written(value) or "")
    return any(search.accepts_step(index, Send(send.client, "text", simple)) for simple in ("", "a", long))


def _raw(search: Search, index: int) -> None:
    """Look at JSON as a mere text when its value, written anew, does not do, or nothing of it is left."""
    send = search.best.steps[index]
    assert isinstance(send, Send)
    if send.data in ("{}", "[]") or _alike(send, parsed(send)) != send.data:
        _plainer(search, index, send)


def _plainer(search: Search, index: int, send: Send) -> None:
    if parsed(send) is None and search.accepts_step(index, replace(send, kind="text")):
        send = replace(send, kind="text")

    def attempt(data: str | bytes) -> bool:
        return search.accepts_step(index, replace(send, data=data))

    if isinstance(send.data, bytes):
        simplify_bytes(send.data, attempt)
    else:
        simplify_text(send.data, attempt)
