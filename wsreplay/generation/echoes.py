"""What an app has been seen to say: names of values in its replies, which a client can say back by a symbol.

The symbols are those of the simulation: `{{reply:KEY}}`, `{{reply:KEY~1}}`, `{{word:N}}` and `{{bytes:AT:SIZE}}`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from wsreplay.generation.binary_echoes import BinaryEchoes

_MOST_NAMES = 60
_MOST_WORDS = 6
_LONGEST_NAME = 64
_MOST_PLACES = 2000
_PAIR = re.compile(r"(?:^|(?<=[\s;,&|]))([A-Za-z][\w.-]{0,63})[:=] ?([^\s;,&|\0]+)")

_OPAQUE = re.compile(r"(?=.*[a-zA-Z])(?=.*\d.*\d)[\w.=+/-]{8,}")
"""What nobody makes up: a token, a key, an identifier of random digits."""

_THINGS: tuple[str, ...] = (
    "id",
    "uid",
    "uuid",
    "ref",
    "key",
    "token",
    "number",
    "no",
    "nr",
    "handle",
    "session",
    "ticket",
)
_THINGS += ("code", "cursor", "marker", "nonce", "secret", "lease", "page", "after", "before")


def symbol(kind: str, name: object) -> str:
    """The symbol for a value of a reply."""
    return "{{" + f"{kind}:{name}" + "}}"


def older(value: str, back: int) -> str:
    """The symbol for what was handed out before, where a value is a symbol for what was handed out last."""
    return f'{value[:-3]}~{back}}}}}"' if value.startswith('"{{reply:') and "~" not in value else value


def named_in(text: str) -> list[tuple[str, str]]:
    """The names in a text that is no JSON, and what each stands for, as in `name:value` and `a=1&b=2`."""
    return _PAIR.findall(text)


def names_a_thing(name: str) -> bool:
    """Whether a key holds what something is called by, as `id` and `order_ref` do."""
    return name.lower().replace("-", "_").rpartition("_")[2] in _THINGS or name.endswith(("Id", "ID"))


class Echoes:
    """Names of values that come back; false while there are none. One serves a whole search."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.numbers: list[str] = []
        self.tokens: list[str] = []
        self.words: list[int] = []
        self.binary = BinaryEchoes()
        self._close: dict[str, tuple[str, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self.names or self.words)

    def hear(self, reply: str | bytes, said: str = "") -> None:
        """Take note of a reply; one in bytes is no document. What the clients have `said` under the same name is not
        handed out, but repeated.
        """
        if isinstance(reply, bytes):
            self.binary.hear(reply)
        elif reply[:1] in ("{", "["):
            for name, value in _named(reply):
                if name not in self.names and len(self.names) < _MOST_NAMES and not _repeats(name, value, said):
                    self.names.append(name)
                    self._close.clear()
                    if isinstance(value, int):
                        self.numbers.append(name)
                opaque = isinstance(value, str) and _OPAQUE.fullmatch(value)
                if opaque and name in self.names and name not in self.tokens:
                    self.tokens.append(name)
        else:
            for name, text in named_in(reply):
                if name not in self.names and len(self.names) < _MOST_NAMES and any(map(str.isdigit, text)):
                    self.names.append(name)
                    self._close.clear()
            for number, word in enumerate(reply.split()[:_MOST_WORDS]):
                if number not in self.words and any(char.isdigit() for char in word):
                    self.words.append(number)

    def close_to(self, name: str) -> tuple[str, ...]:
        """The names under which what a client calls `name` may have come back: the same, or one within the other."""
        known = self._close.get(name)
        if known is None:
            bare = _bare(name)
            same = [one for one in self.names if one == name]
            near = [one for one in self.names if one != name and _alike(bare, _bare(one))]
            known = self._close[name] = tuple(same or near)
        return known


def _repeats(name: str, value: object, said: str) -> bool:
    quoted = json.dumps(name)
    return (
        quoted in said
        and re.search(rf"{re.escape(quoted)} ?: ?{re.escape(json.dumps(value))}(?![\d.])", said) is not None
    )


def _bare(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _alike(one: str, other: str) -> bool:
    if not one or not other:
        return False
    # `lot` and `lot_id`, `id` and `orderId`, `token` and `access_token`.
    return one.startswith(other) or other.startswith(one) or one.endswith(other) or other.endswith(one)


def _named(reply: str) -> list[tuple[str, object]]:
    """The strings and whole numbers in a JSON document with their keys, the outer before the inner."""
    try:
        places: list[Any] = [json.loads(reply)]
    except (ValueError, RecursionError):
        return []
    names: list[tuple[str, object]] = []
    for place in places:
        if isinstance(place, dict):
            names += [(key, value) for key, value in place.items() if _telling(key, value)]
            places.extend(place.values())
        elif isinstance(place, list):
            places.extend(place[:20])
        if len(places) > _MOST_PLACES:
            break
    return names


def _telling(key: str, value: object) -> bool:
    plain = 0 < len(key) <= _LONGEST_NAME and not set(key) & set('{}"\\')
    return plain and isinstance(value, str | int) and not isinstance(value, bool) and value != ""
