"""Hiding credentials: whatever an app says is searched for them, in every form in which it may show them. Pure.

What is found is replaced by the placeholder that stands for it in scenarios, so that equal runs stay equal whoever's
credential was used.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import html
import json
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import quote, quote_plus, unquote

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Credentials, each as the placeholder and the value that goes over the wire."""

MIN_PART = 4
"""Characters of a credential's part that are worth hiding by themselves; fewer would be found everywhere."""

MIN_BEGINNING = 8
"""Characters of a credential that are hidden where a text breaks off in the middle of it."""

NESTED = 3
"""Escapes inside one another that are seen through: JSON in a literal, say."""

_SCHEME = re.compile(r"(?i)(?:basic|bearer) ")

_PLAIN = re.compile(r"[0-9A-Za-z]+")

MIN_CODED = 8
"""Characters of a credential from which on it is looked for in base64 and in hexadecimal, too."""

_ESCAPE = re.compile(r"\\+(?:u00|x)([0-9a-fA-F]{2})|%(?:25)*([0-9a-fA-F]{2})|&#x0*([0-9a-fA-F]{2});|&#0*(\d{2,3});")
"""What stands for a character that nobody needs to escape."""

_SLACK = 64
"""Characters by which escapes make a credential longer, of whose beginning the end of a text consists."""

_LONG = 100
"""Characters from which a text may have been cut by somebody, whatever its end looks like."""


def pairs_of(secrets: Mapping[str, str]) -> Pairs:
    """What `secrets` maps placeholders to, as pairs."""
    return tuple(secrets.items())


def hidden(text: str, secrets: Pairs) -> str:
    """`text` with placeholders for credentials."""
    return redactor(secrets).text(text) if secrets else text


@functools.lru_cache(maxsize=64)
def redactor(secrets: Pairs) -> Redactor:
    """The redactor for these credentials."""
    return Redactor(secrets)


class Redactor:
    """Replaces credentials by their placeholders, all of them at once and the longest first."""

    def __init__(self, secrets: Iterable[tuple[str, str]]) -> None:
        names: dict[str, str] = {}
        for name, value in secrets:
            for part in _parts(value):
                names.setdefault(part, name)
        for part, name in tuple(names.items()):
            for coded in _coded(part):
                names.setdefault(coded, name)
        parts = sorted(names, key=len, reverse=True)
        self._searches = [(_anchor(part), _compiled(part), names[part]) for part in parts]
        self._beginnings: dict[str, list[tuple[str, str]]] = {}
        for part in parts:
            for whole in () if _SCHEME.match(part) else sorted(_written(part)):
                self._beginnings.setdefault(whole[:MIN_BEGINNING], []).append((whole, names[part]))

    def text(self, text: str) -> str:
        """A text without credentials."""
        found = self._replaced(text, 0)
        if ("\\" in found or "%" in found or "&#" in found) and _ESCAPE.search(found):
            found = self._without_escaped(found)
        cut = found.endswith(("...", "…"))
        return self._without_beginning(found) if cut or len(found) >= _LONG else found

    def _replaced(self, text: str, first: int) -> str:
        lowered = text.lower()
        for place in range(first, len(self._searches)):
            anchor, pattern, name = self._searches[place]
            if anchor in lowered:
                pieces = pattern.split(text)
                if len(pieces) > 1:
                    # Placeholders are not searched again: a short credential may stand in one.
                    return name.join([self._replaced(piece, place + 1) for piece in pieces])
        return text

    def _without_escaped(self, text: str) -> str:
        """Hide credentials of which even the letters and digits are escaped."""
        plain, places = _plainly(text)
        lowered = plain.lower()
        spans: list[tuple[int, int, str]] = []
        for anchor, pattern, name in self._searches:
            for found in pattern.finditer(plain) if len(anchor) >= MIN_PART and anchor in lowered else ():
                start, end = places[found.start()], places[found.end()]
                # What is not escaped is found without us, or stands in a placeholder.
                if end - start > len(found[0]) and all(end <= other or start >= rest for other, rest, _ in spans):
                    spans.append((start, end, name))
        for start, end, name in sorted(spans, reverse=True):
            text = text[:start] + name + text[end:]
        return text

    def bytes(self, data: bytes) -> bytes:
        """Bytes without credentials."""
        # UTF-8 read as Latin-1 is one of the forms that are searched for.
        return self.text(data.decode("latin-1")).encode("latin-1")

    def value(self, value: Any) -> Any:
        """A value without credentials: text, bytes, tuples and frozen dataclasses of them; others are as they were."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.bytes(value)
        if isinstance(value, tuple):
            return tuple(self.value(part) for part in value)
        if hasattr(type(value), "__dataclass_fields__") and not isinstance(value, type):
            cls: type = type(value)
            return replace(value, **{name: self.value(getattr(value, name)) for name in open_fields(cls)})
        return value

    def _without_beginning(self, text: str) -> str:
        """Hide the beginning of a credential in which the text breaks off."""
        body = text.rstrip(".…")
        rest = text[len(body) :]
        for beginning, known in self._beginnings.items():
            at = body.rfind(beginning, len(body) - len(known[0][0]) - _SLACK)
            for whole, name in known if at >= 0 else ():
                if whole.startswith(body[at:]) and len(beginning) == MIN_BEGINNING:
                    return f"{body[:at]}{name}{rest}"
        return text


@functools.cache
def open_fields(cls: type) -> frozenset[str]:
    """The fields in which an app's words may stand: not those that hold one of a few words of our own."""
    hints = typing.get_type_hints(cls)
    return frozenset(name for name, hint in hints.items() if typing.get_origin(hint) is not typing.Literal)


def _anchor(part: str) -> str:
    """The longest stretch of a credential that hardly anybody escapes, in lower case: a text without it is not searched
    any further.
    """
    return max(_PLAIN.findall(part), key=len, default="").lower()


def _plainly(text: str) -> tuple[str, list[int]]:
    """The text without such escapes, and where in it each character begins; its end is the last place."""
    pieces: list[str] = []
    places: list[int] = []
    at = 0
    for found in _ESCAPE.finditer(text):
        pieces += (text[at : found.start()], _unescaped(found))
        places += range(at, found.start() + 1)
        at = found.end()
    return "".join([*pieces, text[at:]]), [*places, *range(at, len(text) + 1)]


def _unescaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    return chr(int(digits, 16) if digits else int(found[4]))


def _coded(part: str) -> Iterator[str]:
    """What of a credential shows in base64, wherever it stands in what was encoded, and its bytes as digits."""
    if len(part) < MIN_CODED or _SCHEME.match(part):
        return
    # A header's bytes are read as Latin-1 first, and what holds a credential often is JSON.
    plain = (part, _encoded(part).decode("latin-1"))
    for text in dict.fromkeys((*plain, *(json.dumps(one)[1:-1] for one in plain))):
        data = _encoded(text)
        for before in range(3):
            whole = base64.b64encode(bytes(before) + data).decode()
            # The characters at either end depend on what stands around.
            core = whole[-(-before * 4 // 3) : (before + len(data)) * 4 // 3]
            yield core
            yield core.replace("+", "-").replace("/", "_")
        yield data.hex()


def _compiled(part: str) -> re.Pattern[str]:
    # Few would notice a short one in other letters, and many words are like it.
    return re.compile(_pattern(part), re.IGNORECASE if len(part) >= MIN_PART else 0)


def _pattern(part: str) -> str:
    """A pattern for the forms in which an app may write a credential: each of its characters as it is, or as literals,
    JSON, URLs and HTML escape it, these inside one another too.
    """
    if len(part) < MIN_PART:
        return re.escape(part)
    return "".join(map(_character, part))


@functools.cache
def _character(character: str) -> str:
    if character.isalnum() and character.isascii():
        return character
    forms = {character}
    for _ in range(NESTED):
        forms |= {form for one in forms for form in _written(one)}
    # The longest first, so that nothing is left of an escape.
    return "(?:" + "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form))) + ")"


def _written(text: str) -> set[str]:
    """A text as it is, and as others write it. Headers are bytes, which frameworks read as Latin-1 (RFC 9110, 5.5)."""
    data = _encoded(text)
    made = {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}
    made |= {ascii(text)[1:-1], repr(data)[2:-1], data.decode("latin-1"), html.escape(text)}
    made |= {quote(data, safe=""), quote(data), quote_plus(data), text.replace("'", "\\'")}
    return made


def _parts(value: str) -> Iterator[str]:
    """A credential whole, as it was before it was made fit for the wire, without its scheme, and decoded (RFC 7617)."""
    if not value:
        return
    yield value
    if "%" in value:
        yield unquote(value, errors="surrogateescape")
    if "\\" in value:
        with contextlib.suppress(ValueError):
            yield str(json.loads(f'"{value}"'))
    scheme, _, rest = value.partition(" ")
    if scheme.lower() not in ("basic", "bearer") or len(rest) < MIN_PART:
        return
    yield rest
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):
            pair = base64.b64decode(rest, validate=True).decode()
            yield pair
            password = pair.partition(":")[2]
            if len(password) >= MIN_PART:
                yield password


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
