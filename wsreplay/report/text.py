"""Foreign text made fit to be shown: nothing that an app or a corpus file says can move the cursor, change a colour,
reorder a line or break an encoding. Pure, save `shown_path`, which asks for the working directory.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from wsreplay.model import Frame, Kind

Style: TypeAlias = Literal["", "title", "failure", "warning", "good", "client", "app", "break", "dim", "code", "strong"]

LONGEST_PAYLOAD = 300
"""Characters or bytes of a message that are shown, unless everything is asked for."""

LONGEST_SENTENCE = 500

_OUTSIDE_STRINGS = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+', re.DOTALL)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output without its line break, and what it is; a terminal may colour it."""

    text: str = ""
    style: Style = ""


def visible(text: str) -> str:
    """The text with every character escaped that a terminal would not print as itself: control and ANSI characters,
    direction marks and other invisible ones, lone surrogates.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    code = ord(character)
    return _SHORT.get(character) or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def sentence(text: str) -> str:
    """A sentence of somebody else's on one line, cut where it grows long."""
    if len(text) > LONGEST_SENTENCE:
        text = f"{text[:LONGEST_SENTENCE]}... ({number(len(text))} characters)"
    return visible(text)


def payload(kind: Kind, data: str | bytes, longest: int | None = LONGEST_PAYLOAD) -> str:
    """A message on one line: text in quotes, JSON compact, bytes as a literal; a long one is cut, its length told."""
    size = len(data)
    cut = longest is not None and size > longest
    if isinstance(data, bytes):
        return f"{data[:longest]!r}" + (f"... ({number(size)} bytes)" if cut else "")
    if kind == "json":
        compact = _OUTSIDE_STRINGS.sub(lambda found: found[1] or "", data[: None if longest is None else 4 * longest])
        shown = visible(compact[:longest]) or '""'
        cut = cut and len(compact) > (longest or 0)
    else:
        shown = quoted_text(data[:longest])
    return shown + (f"... ({number(size)} characters)" if cut else "")


def reply(data: str | bytes, longest: int | None = LONGEST_PAYLOAD) -> str:
    """A message of the app's, whose kind nobody tells: text that is a JSON object or array is shown as such."""
    if isinstance(data, str) and data[:1] in ("{", "[") and _is_json(data):
        return payload("json", data, longest)
    return payload("text" if isinstance(data, str) else "bytes", data, longest)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def quoted_text(text: str) -> str:
    """A text in double quotes, with backslashes and quotes escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{visible(escaped)}"'


def number(value: int) -> str:
    """A number with its thousands apart: 1,247."""
    return f"{value:,}"


def counted(value: int, noun: str, plural: str = "") -> str:
    """`1 message`, `2 messages`."""
    return f"{number(value)} {noun if value == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them: 0.25 s, 12.3 s, 3 min 20 s."""
    if seconds < 1:
        return f"{seconds:.2g} s"
    if seconds < 120:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def place(frame: Frame) -> str:
    """A frame as `shop/orders.py:41 in place_order`."""
    return f"{visible(frame.file)}:{frame.line} in {visible(frame.function)}"


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path as a person would type it: relative to the working directory where it lies below it."""
    text = os.fspath(path)
    absolute = os.path.abspath(text)
    relative = os.path.relpath(absolute)
    return text if not os.path.isabs(text) else absolute if relative.startswith(os.pardir) else relative


def shell(words: Iterable[str]) -> str:
    """A command as one would type it; `$NAME` stays a variable of the shell's."""
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    if re.search(r"\$[A-Za-z_{]", word) and not re.search(r"[\"`\\!]", word) and word.isprintable():
        return f'"{word}"'
    if word.isprintable():
        return shlex.quote(word)
    escaped = "".join(f"\\x{byte:02x}" if not 32 < byte < 127 or byte in b"'\\" else chr(byte) for byte in word.encode("utf-8", "surrogateescape"))  # fmt: skip  # noqa: E501
    return f"$'{escaped}'"
