"""Values that come back in replies and are said again: symbols in a client's messages, and what they stand for.

In a text that a client sends, `{{reply:KEY}}` stands for the value that the app's latest message with such a key had
there (one to this client before one to another): in JSON, or in other text as `KEY:value` or `KEY=value`.
`{{reply:KEY~1}}` stands for the latest value but one of those that differ, or for the oldest there is, and so on up
to `~9`; `{{word:N}}` for the word number N, from 0, of its latest text. Between quotes, as a whole string of a JSON
document, the symbol stands for the value as JSON. A symbol for which there is no value stays as it is. So a replay
says the identifiers that its own run was given. Of messages in bytes those are looked at that hold a document, as
JSON or as MessagePack. In other bytes `{{bytes:AT:SIZE}}` stands for so many bytes, from there on, of the app's
latest such message that is long enough; with `{{bytes:AT:SIZE:HEAD}}` of one that begins with this byte, in two
digits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from wsreplay.documents import readable, written
from wsreplay.model import Message
from wsreplay.rows import TAGS, Row

MARK, MARK_IN_BYTES = "{{", b"{{"
_SYMBOL = re.compile(r'(")?\{\{(reply|word):([^{}"\\]{1,64})\}\}(?(1)")')
_OLDER = re.compile(r"(.+)~([1-9])")
_BYTES = re.compile(rb"\{\{bytes:([0-9]{1,3}):([0-9]{1,2})(?::([0-9a-f]{2}))?\}\}")
_BEHIND = r"(?:^|(?<=[\s;,&|])){}[:=] ?([^\s;,&|\0]+)"
_MESSAGE = TAGS[Message]
_MOST_PLACES = 10_000
_NOTHING = object()

MOST_WORK = 1 << 25
"""Characters that are read and put in, and events that are passed over, for the symbols of one scenario; then symbols
stay as they are. A message of a stranger's may consist of them.
"""


class Captures:
    """What the symbols of one scenario stand for; `rows` are its events, which grow."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._room = MOST_WORK

    def resolved(self, data: str | bytes, client: int) -> str | bytes:
        """`data` with what its symbols stand for, when `client` sends it now."""
        if isinstance(data, str):
            return self._filled(data, client)
        text = readable(data)
        if text is None or _BYTES.match(data):
            return _BYTES.sub(lambda found: self._cut(client, found), data)
        return written(self._filled(text, client), data) or data

    def _filled(self, data: str, client: int) -> str:
        def value(found: re.Match[str]) -> str:
            quoted, kind, name = found.groups()
            said = self._keyed(client, name) if kind == "reply" else self._word(client, name)
            if said is _NOTHING:
                return found[0]
            text = json.dumps(said) if quoted or not isinstance(said, str) else said
            self._room -= len(text)
            return text

        return _SYMBOL.sub(value, data)

    def _keyed(self, client: int, name: str) -> object:
        older = _OLDER.fullmatch(name)
        key, back = (older[1], int(older[2])) if older else (name, 0)
        met: list[object] = []
        for text in self._texts(client):
            if key in text:
                self._room -= len(text)
                said = _at(text, key) if text[:1] in ("{", "[") else _first(key, text)
                if said is not _NOTHING and said not in met:
                    met.append(said)
                    if len(met) > back:
                        return said
        return met[-1] if met else _NOTHING

    def _word(self, client: int, number: str) -> object:
        for text in self._texts(client):
            self._room -= len(text)
            words = text.split()
            if number.isascii() and number.isdigit() and int(number) < len(words):
                return words[int(number)]
        return _NOTHING

    def _cut(self, client: int, symbol: re.Match[bytes]) -> bytes:
        at, size, head = int(symbol[1]), int(symbol[2]), symbol[3]
        for data in self._messages(client):
            if type(data) is bytes and len(data) >= at + size and (head is None or data[:1].hex().encode() == head):
                self._room -= size
                return data[at : at + size]
        return symbol[0]

    def _texts(self, client: int) -> Iterator[str]:
        """The app's messages as far as they are texts, or hold some, in the order of `_messages`."""
        for data in self._messages(client):
            text = readable(data)
            if text is not None:
                yield text

    def _messages(self, client: int) -> Iterator[str | bytes]:
        """What the app has sent, the latest first: to this client, then to others; no more once enough was done."""
        for own in (True, False):
            for row in reversed(self._rows):
                self._room -= 1
                if self._room < 0:
                    return
                # A row of a message: tag, at, step, client, origin, kind, data.
                if row[0] == _MESSAGE and row[4] == "app" and (row[3] == client) is own:
                    yield row[6]


def _first(key: str, text: str) -> object:
    """What stands behind `key` in a text that is no JSON."""
    found = re.search(_BEHIND.format(re.escape(key)), text)
    return found[1] if found else _NOTHING


def _at(text: str, key: str) -> object:
    """The scalar under `key` that comes first in a document, the outer before the inner."""
    try:
        places: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return _NOTHING
    for place in places:
        if isinstance(place, dict):
            if isinstance(place.get(key), str | int | float):
                return place[key]
            places.extend(place.values())
        elif isinstance(place, list):
            places.extend(place)
        if len(places) > _MOST_PLACES:
            break
    return _NOTHING
