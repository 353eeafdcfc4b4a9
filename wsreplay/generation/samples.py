"""Messages that a user has written down as samples: a file of lines, each a message in JSON.

They are said as they are, most often one after the other as the file has them, and with one thing changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from wsreplay.errors import ConfigError
from wsreplay.generation.alterations import altered
from wsreplay.generation.dice import Dice
from wsreplay.generation.payloads import Again, Payload
from wsreplay.model import Send

MOST_BYTES = 1 << 24
_BYTES = "$bytes"


def read_samples(path: Path) -> tuple[Payload, ...]:
    """The messages of a file, in order: a JSON string is a text, `{"$bytes": "00ff"}` is bytes, anything else is JSON,
    sent as the line has it. Empty lines are left out. Raises ConfigError, which names the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"samples: {path} cannot be read: {error.strerror}", "Name a file of JSON lines.") from None
    if len(data) > MOST_BYTES:
        raise ConfigError(f"samples: {path} is larger than {MOST_BYTES} bytes", "Some hundred messages are plenty.")
    found = []
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            text = line.decode().strip()
            if text:
                found.append(_message(text))
        except (ValueError, RecursionError) as error:
            raise ConfigError(
                f"samples: {path}:{number} is no message: {error}",
                'Expected one JSON value a line: a string is a text, {"$bytes": "00ff"} is bytes.',
            ) from None
    if not found:
        raise ConfigError(f"samples: {path} holds no message", "Write one JSON value a line.")
    return tuple(found)


def _message(text: str) -> Payload:
    value = json.loads(text)
    if isinstance(value, str):
        value.encode()
        return "text", value
    if isinstance(value, dict) and list(value) == [_BYTES]:
        return "bytes", bytes.fromhex(str(value[_BYTES]))
    return "json", text


class Sampler:
    """Says samples in one scenario."""

    def __init__(self, samples: tuple[Payload, ...], dice: Dice) -> None:
        self._samples = samples
        self._dice = dice
        self._turn = 0

    def message(self, say: Callable[[], Payload], again: Again) -> Payload:
        """The sample whose turn it is, or any; changed once in three. `say` gives messages of other kinds, `again`
        other values.
        """
        dice = self._dice
        number = dice.below(len(self._samples)) if dice.one_in(4) else self._turn % len(self._samples)
        self._turn = number + 1
        kind, data = self._samples[number]
        return altered(Send(0, kind, data), dice, say, again) if dice.one_in(3) else (kind, data)
