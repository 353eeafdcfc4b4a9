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
        self._names: dict[str, str] = {}
        for name, value in secrets:
            for form in _forms(value):
                self._names.setdefault(form, name)
        ordered = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered)) or "(?!)")
        self._bytes = {_encoded(form): _encoded(name) for form, name in self._names.items()}
        ordered_bytes = sorted(self._bytes, key=len, reverse=True)
        self._bytes_pattern = re.compile(b"|".join(map(re.escape, ordered_bytes)) or b"(?!)")
        self._long = [form for form in ordered if len(form) > MIN_BEGINNING and " " not in form]

    def text(self, text: str) -> str:
        """A text without credentials."""
        found = self._pattern.sub(lambda match: self._names[match[0]], text)
        cut = found.endswith(("...", "…"))
        return self._without_beginning(found) if cut or len(found) >= _LONG else found

    def bytes(self, data: bytes) -> bytes:
        """Bytes without credentials."""
        return self._bytes_pattern.sub(lambda match: self._bytes[match[0]], data)

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
        for form in self._long:
            for length in range(min(len(form) - 1, len(body)), MIN_BEGINNING - 1, -1):
                if body.endswith(form[:length]):
                    return f"{body[:-length]}{self._names[form]}{rest}"
        return text


@functools.cache
def open_fields(cls: type) -> frozenset[str]:
    """The fields in which an app's words may stand: not those that hold one of a few words of our own."""
    hints = typing.get_type_hints(cls)
    return frozenset(name for name, hint in hints.items() if typing.get_origin(hint) is not typing.Literal)


def _forms(value: str) -> Iterator[str]:
    """The forms in which an app may show a credential: as it was sent, taken apart, and each of these as literals,
    JSON, URLs and HTML write it.
    """
    for part in _parts(value):
        yield part
        if len(part) < MIN_PART:
            continue
        # Headers are bytes, which frameworks read as Latin-1 (RFC 9110, 5.5).
        for text in (part, _encoded(part).decode("latin-1")):
            for form in _written(text):
                if len(form) >= MIN_PART:
                    yield form


def _written(text: str) -> Iterator[str]:
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    yield ascii(text)[1:-1]
    yield repr(_encoded(text))[2:-1]
    data = _encoded(text)
    yield quote(data, safe="")
    yield quote(data)
    yield quote_plus(data)
    yield html.escape(text)


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
