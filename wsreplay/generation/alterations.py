"""A message with something else in it: one value, one byte, one word, or the verb of another message."""

from __future__ import annotations

import json
import re

from wsreplay.generation import payloads
from wsreplay.generation.binary import Frames
from wsreplay.generation.dice import Dice
from wsreplay.generation.payloads import Again
from wsreplay.generation.pieces import places, written
from wsreplay.generation.steps import Say
from wsreplay.model import Send

_HEAD = re.compile(r"[^\[{]{0,32}(?=[\[{])")
_VERB = re.compile(r"[\s:;,|=]")


def altered(step: Send, dice: Dice, say: Say, again: Again, frames: Frames | None = None) -> payloads.Payload:
    """The message with one thing changed: a leaf of its JSON, a byte, a word; now and then another message."""
    if dice.one_in(8):
        return say()
    if isinstance(step.data, bytes):
        if frames is not None and frames and dice.one_in(2):
            return "bytes", frames.altered(step.data, dice)
        return "bytes", _bytes_altered(step.data, dice)
    return step.kind, _leaf_altered(step.data, dice, again) or _text_altered(step.data, dice)


def _verb(text: str) -> int:
    """Where the first word of a text ends."""
    found = _VERB.search(text)
    return found.start() if found is not None else len(text)


def turned(step: Send, other: payloads.Payload) -> payloads.Payload:
    """What a message says, but with the verb of another of its kind: its first word, byte, or text of its own in JSON.
    The other message where they have nothing in common.
    """
    data = other[1]
    if isinstance(step.data, bytes) or isinstance(data, bytes):
        if isinstance(step.data, bytes) and isinstance(data, bytes):
            return "bytes", data[:1] + step.data[1:]
        return other
    try:
        document, another = json.loads(step.data), json.loads(data)
    except (ValueError, RecursionError):
        verb = data[: _verb(data)]
        return step.kind, verb + step.data[_verb(step.data) :]
    if not isinstance(document, dict) or not isinstance(another, dict):
        return other
    for key, value in another.items():
        if isinstance(value, str) and isinstance(document.get(key), str) and document[key] != value:
            return step.kind, json.dumps(document | {key: value})
    return other


def _bytes_altered(data: bytes, dice: Dice) -> bytes:
    at = dice.below(len(data) + 1)
    return data[:at] + dice.bytes(dice.below(3)) + data[at + dice.below(3) :]


def _text_altered(text: str, dice: Dice) -> str:
    words = text.split(" ")
    index = dice.below(len(words))
    words[index : index + 1] = dice.pick(((payloads.text(dice),), (), (words[index],) * 2, (words[index][:-1],)))
    return " ".join(words)


def _leaf_altered(text: str, dice: Dice, again: Again) -> str | None:
    """JSON text with one value changed or left out; None where there is none to change. It may stand behind a short
    head, as the packets of Socket.IO do.
    """
    head = _HEAD.match(text)
    if head is None:
        return None
    try:
        document = json.loads(text[head.end() :])
        if not (known := places(document)):
            return None
        holder, key, path = place = dice.pick(known)
        if dice.one_in(6):
            del holder[key]
            return head[0] + json.dumps(document)
        value = (again(path) if dice.one_in(2) else None) or payloads.value(dice, 1)
        return head[0] + written(document, place, value)
    except (ValueError, RecursionError):
        # Broken, too deep, or with more digits than Python converts: not to be changed by its leaves.
        return None
