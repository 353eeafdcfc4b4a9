"""Documents in bytes: as MessagePack, which has bytes beside texts and keys of every kind, or as JSON.

Of a handler that takes nothing else, scenarios are gone on with as if their messages were JSON in text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgpack  # type: ignore[import-untyped]

from wsreplay.documents import readable, written
from wsreplay.generation import edges
from wsreplay.generation.dice import Dice
from wsreplay.generation.knowledge import Knowledge
from wsreplay.generation.payloads import Payload
from wsreplay.model import Scenario, Send, Step

_MOST = (1 << 64) - 1
_LEAST = -(1 << 63)


def packed(document: str, dice: Dice) -> bytes:
    """A JSON document as MessagePack, now and then with bytes for a text or a number for a key; any bytes where it is
    no JSON, or says what MessagePack cannot.
    """
    try:
        data: bytes = msgpack.packb(_odd(json.loads(document), dice))
    except (ValueError, TypeError, OverflowError, RecursionError, UnicodeEncodeError):
        return dice.pick(edges.BLOBS)
    return data[: dice.below(len(data) + 1)] if dice.one_in(16) else data


def _odd(value: Any, dice: Dice) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace") if dice.one_in(16) else value
    if isinstance(value, int) and not _LEAST <= value <= _MOST:
        return float(value) if abs(value) < 1 << 1000 else _MOST
    if isinstance(value, list):
        return [_odd(item, dice) for item in value]
    if isinstance(value, dict):
        odd = dice.one_in(16)
        return {number if odd else key: _odd(one, dice) for number, (key, one) in enumerate(value.items())}
    return value


def takes_documents(knowledge: Knowledge) -> bytes:
    """How a handler takes documents that takes them in bytes, and nothing else: like this one. Empty for others."""
    if knowledge.kinds != ("bytes",):
        return b""
    return b"\x80" if knowledge.packed else b"{}" if knowledge.json_in_bytes else b""


def opened(payload: Payload) -> Payload:
    """A message as JSON in text, where it is a document; what is text as it is, is so still."""
    kind, data = payload
    if isinstance(data, str):
        return "text", data
    text = readable(data)
    return (kind, data) if text is None else ("json", text)


def unpacked(scenario: Scenario) -> Scenario:
    """A scenario whose messages are opened."""
    return _changed(scenario, lambda step: opened((step.kind, step.data)))


def repacked(scenario: Scenario, like: bytes) -> Scenario:
    """A scenario whose documents are in bytes again; what cannot be written so stays in text."""

    def closed(step: Send) -> Payload:
        data = written(step.data, like) if step.kind == "json" and isinstance(step.data, str) else None
        return (step.kind, step.data) if data is None else ("bytes", data)

    return _changed(scenario, closed)


def _changed(scenario: Scenario, change: Callable[[Send], Payload]) -> Scenario:
    def changed(step: Step) -> Step:
        return Send(step.client, *change(step)) if isinstance(step, Send) else step

    return replace(scenario, steps=tuple(map(changed, scenario.steps)))
