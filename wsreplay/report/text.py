"""Foreign text made fit to be shown, on lines of their own, in full or cut: see `escaping`. Pure, save `shown_path`,
which asks for the working directory.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import AnyStr, Literal, TypeAlias

from wsreplay.escaping import is_visible
from wsreplay.escaping import visible as visible
from wsreplay.model import Frame, Kind

Style: TypeAlias = Literal["", "title", "failure", "warning", "good", "client", "app", "break", "dim", "code", "strong"]

LONGEST_PAYLOAD = 300
"""Characters or bytes of a message that are shown, unless everything is asked for."""

LONGEST_SENTENCE = 500

_FOR_EVER = 1e9
"""Seconds that nobody would want to be told in minutes."""

_VARIABLES = re.compile(r"(?:[^$\"`\\!]|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})*", re.ASCII)
"""Texts that are safe between double quotes: nothing in them is run."""

LONGEST_COMPACTED = 1_000_000
"""Characters of a JSON text up to which its white space is taken out to show it."""

# A string that does not end is one too: looking for its end from each of its quotes would take for ever.
_OUTSIDE_STRINGS = re.compile(r'("(?:[^"\\]|\\.)*+"?)|[ \t\r\n]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output without its line break, and what it is; a terminal may colour it."""

    text: str = ""
    style: Style = ""


def sentence(text: str) -> str:
    """A sentence of somebody else's on one line; the middle of a long one is left out, its length told."""
    if len(text) <= LONGEST_SENTENCE:
        return visible(text)
    head, tail = _ends(text, LONGEST_SENTENCE)
    return f"{visible(head)} ... {visible(tail)} ({number(len(text))} characters)"


def _ends(data: AnyStr, longest: int) -> tuple[AnyStr, AnyStr]:
    """The parts of a long text that are shown, `longest` long together: what it begins and what it ends with."""
    tail = longest // 4
    return data[: longest - tail], data[len(data) - tail :]


def payload(kind: Kind, data: str | bytes, longest: int | None = LONGEST_PAYLOAD) -> str:
    """A message on one line: text in quotes, JSON compact, bytes as a literal. The middle of one that is longer than
    `longest` is left out, and its length is told.
    """
    if isinstance(data, bytes):
        return _with_ends(data, repr, longest, f"{number(len(data))} bytes")
    size = f"{number(len(data))} characters"
    if kind != "json":
        return _with_ends(data, quoted_text, longest, size)
    compact = data if len(data) > LONGEST_COMPACTED else _OUTSIDE_STRINGS.sub(lambda found: found[1] or "", data)
    return _with_ends(compact, visible, longest, size) or '""'


def _with_ends(data: AnyStr, show: Callable[[AnyStr], str], longest: int | None, size: str) -> str:
    if longest is None or len(data) <= longest:
        return show(data)
    head, tail = _ends(data, longest)
    return f"{show(head)} ... {show(tail)} ({size})"


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
    """Seconds of the simulation's clock, or of a limit, in the unit that suits them: 0.25 s, 12.3 s, 3 min 20 s.

    A stranger's file may say any number.
    """
    if seconds < 1 or not seconds < _FOR_EVER:
        return f"{seconds:.2g} s"
    if seconds < 120:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    return _minutes(seconds)


def elapsed(seconds: float) -> str:
    """How long something really took, to the tenth: 0.3 s, 7.0 s, 3 min 20 s."""
    return f"{seconds:.1f} s" if seconds < 120 else _minutes(seconds)


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def place(frame: Frame) -> str:
    """A frame as `shop/orders.py:41 in place_order`."""
    return f"{sentence(frame.file)}:{frame.line} in {sentence(frame.function)}"


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path as a person would type it: relative to the working directory where it lies below it."""
    text = os.fspath(path)
    absolute = os.path.abspath(text)
    relative = os.path.relpath(absolute)
    return text if not os.path.isabs(text) else absolute if relative.startswith(os.pardir) else relative


def path_text(path: str | os.PathLike[str]) -> str:
    """A path to read, not to use: the characters in it are escaped that a terminal would not print as themselves."""
    return visible(shown_path(path))


def type_name(name: str, module: str) -> str:
    """The name of an exception's class; with its module where the bare name says nothing: `struct.error`."""
    bare = name[:1].islower() or name == "Error"
    return sentence(f"{module}.{name}" if bare and module not in ("", "builtins") else name)


def shell(words: Iterable[str]) -> str:
    """A command as one would type it; `$NAME` stays a variable of the shell's."""
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    if "$" in word and _VARIABLES.fullmatch(word) and is_visible(word):
        return f'"{word}"'
    if is_visible(word):
        return shlex.quote(word)
    # A name of a file has bytes that are no text as low surrogates; whatever else holds surrogates is no file's name.
    try:
        data = word.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = word.encode("utf-8", "surrogatepass")
    escaped = "".join(chr(byte) if 32 <= byte < 127 and byte not in b"'\\" else f"\\x{byte:02x}" for byte in data)
    return f"$'{escaped}'"
