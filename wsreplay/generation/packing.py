"""Documents as MessagePack, which has bytes beside texts, and keys of every kind."""

from __future__ import annotations

import json
from typing import Any

import msgpack  # type: ignore[import-untyped]

from wsreplay.generation import edges
from wsreplay.generation.dice import Dice

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
