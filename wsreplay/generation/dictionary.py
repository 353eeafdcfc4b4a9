"""Words that a user has written down, in the format of AFL's and libFuzzer's dictionaries: `"word"` or `name="word"`.

A name is more than a remark here: it is the key whose value the word is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wsreplay.errors import ConfigError
from wsreplay.generation.knowledge import Knowledge, Scalar, Shape
from wsreplay.model import Kind

MOST_BYTES = 1 << 20
_LINE = re.compile(rb'(?:(?P<name>[^\s"=@]+)(?:@\d+)?\s*=\s*)?"(?P<word>(?:[^"\\]|\\["\\]|\\x[0-9a-fA-F]{2})+)"')
_ESCAPE = re.compile(rb'\\(?:x(?P<byte>..)|(?P<plain>["\\]))')


@dataclass(frozen=True, slots=True)
class Word:
    """One word; `name` is the key whose value it is, empty for one that may stand anywhere."""

    name: str
    data: bytes

    @property
    def text(self) -> str | None:
        """The word as text, None if it is none."""
        try:
            return self.data.decode()
        except ValueError:
            return None

    @property
    def value(self) -> Scalar:
        """The word as a value of JSON: a number, true, false or null where it reads like one, else a string."""
        text = self.text or ""
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return text if isinstance(value, str | list | dict) else value


def read_dictionary(path: Path) -> tuple[Word, ...]:
    r"""The words of a file, in order. A line is `"word"` or `name="word"`, with `\\`, `\"` and `\xNN` in the word; `#`
    begins a remark. Raises ConfigError, which names the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"dictionary: {path} cannot be read: {error.strerror}", "Name a file of words.") from None
    if len(data) > MOST_BYTES:
        raise ConfigError(f"dictionary: {path} is larger than {MOST_BYTES} bytes", "Some hundred words are plenty.")
    found = []
    for number, line in enumerate(map(bytes.strip, data.split(b"\n")), 1):
        if line and not line.startswith(b"#"):
            read = _LINE.fullmatch(line)
            if read is None:
                raise ConfigError(
                    f"dictionary: {path}:{number} is no word: {line[:60].decode(errors='replace')}",
                    r'Expected "word" or name="word", with \\, \" and \xNN for what cannot be typed.',
                )
            name = (read["name"] or b"").decode(errors="replace")
            found.append(Word(name, _ESCAPE.sub(_unescaped, read["word"])))
    if not found:
        raise ConfigError(f"dictionary: {path} holds no word", 'Write one "word" or name="word" a line.')
    return tuple(found)


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match["byte"].decode()) if match["byte"] else match["plain"]


def with_words(known: Knowledge, path: Path | None) -> Knowledge:
    """What is known of a handler, and the words of a file. Raises ConfigError like `read_dictionary`."""
    return taught(known, read_dictionary(path)) if path is not None else known


def taught(known: Knowledge, words: Sequence[Word]) -> Knowledge:
    """What is known of a handler, and the words. A named word is a value of the keys of that name; where no key of JSON
    is known, the names make one document. Others may stand anywhere.
    """
    named: dict[str, list[Scalar]] = {}
    for word in words:
        if word.name and word.text is not None:
            named.setdefault(word.name, []).append(word.value)
    used: set[str] = set()
    if known.json.keys or known.events:
        json_shape = _taught(known.json, named, used)
    else:
        json_shape = replace(known.json, keys=tuple((name, Shape(tuple(values))) for name, values in named.items()))
        used.update(named)
    events = tuple(
        replace(event, arguments=tuple(_taught(shape, named, used) for shape in event.arguments))
        for event in known.events
    )
    spare = [word for word in words if word.name not in used]
    texts = tuple(dict.fromkeys(text for word in spare if (text := word.text) is not None))
    blobs = any(word.text is None for word in spare)
    speaks: tuple[tuple[Kind, bool], ...] = (("json", bool(used)), ("text", bool(texts)), ("bytes", blobs))
    return replace(
        known,
        kinds=known.kinds or tuple(kind for kind, said in speaks if said),
        json=json_shape,
        events=events,
        words=texts,
        chunks=(*known.chunks, *(word.data for word in spare)),
    )


def _taught(shape: Shape, named: dict[str, list[Scalar]], used: set[str]) -> Shape:
    """The shape, with constants for every key in it that has a name's."""

    def teach(inner: Shape) -> Shape:
        return _taught(inner, named, used)

    def within(name: str, inner: Shape) -> Shape:
        inner = teach(inner)
        if name not in named:
            return inner
        used.add(name)
        return replace(inner, constants=tuple(dict.fromkeys((*inner.constants, *named[name]))))

    return replace(
        shape,
        keys=tuple((name, within(name, inner)) for name, inner in shape.keys),
        item=teach(shape.item) if shape.item is not None else None,
        places=tuple(teach(place) for place in shape.places),
    )
