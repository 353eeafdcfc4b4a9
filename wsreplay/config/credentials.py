"""Headers and credentials: from what the user wrote to headers with placeholders, and the secrets they stand for.

A value never appears in an error, an entry or a report.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wsreplay.errors import ConfigError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name: a token of RFC 9110, 5.6.2."""

_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")

_VARIABLE = re.compile(r"\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")

_AUTH_FORMS = "Write bearer:TOKEN, basic:USER:PASSWORD or header:NAME:VALUE; $NAME is taken from the environment."


@dataclass(frozen=True, slots=True)
class Credentials:
    """Headers with placeholders for values, what these stand for, and the flags that say the same."""

    headers: tuple[tuple[str, str], ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    flags: tuple[tuple[str, str], ...] = ()


def credentials(headers: Iterable[str], auth: Iterable[str], environ: Mapping[str, str]) -> Credentials:
    """Make headers of `NAME:VALUE` texts and of --auth specifications. Raises ConfigError."""
    sent: list[tuple[str, str]] = []
    secrets: dict[str, str] = {}
    flags: list[tuple[str, str]] = []
    for flag, texts in (("-H", headers), ("--auth", auth)):
        for text in texts:
            name, value = (_header if flag == "-H" else _auth)(text, environ)
            placeholder = _placeholder(name, secrets)
            secrets[placeholder] = value
            sent.append((name, placeholder))
            flags.append((flag, _without_value(text)))
    return Credentials(tuple(sent), secrets, tuple(flags))


def _placeholder(name: str, taken: Mapping[str, str]) -> str:
    """`{{header:x-token}}`, and `{{header:x-token#2}}` for a second header of that name."""
    placeholder, number = f"{{{{header:{name}}}}}", 1
    while placeholder in taken:
        number += 1
        placeholder = f"{{{{header:{name}#{number}}}}}"
    return placeholder


def _header(text: str, environ: Mapping[str, str]) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise ConfigError("-H: expected NAME:VALUE, got a text without a colon", "Write -H 'x-token: $TOKEN'.")
    return _checked("-H", name, _filled("-H", value.strip(), environ))


def _auth(text: str, environ: Mapping[str, str]) -> tuple[str, str]:
    kind, _, rest = text.partition(":")
    if kind == "bearer" and rest.strip():
        return _checked("--auth", "authorization", "Bearer " + _filled("--auth", rest.strip(), environ))
    if kind == "basic" and rest:
        pair = _filled("--auth", rest, environ)
        if ":" in pair:
            return "authorization", "Basic " + base64.b64encode(pair.encode("utf-8", "surrogateescape")).decode()
    if kind == "header" and ":" in rest:
        name, _, value = rest.partition(":")
        return _checked("--auth", name, _filled("--auth", value.strip(), environ))
    known = kind if kind in ("bearer", "basic", "header") else ""
    what = f"what follows {known + ':'!r} is not complete" if known else "it begins with none of the known forms"
    raise ConfigError(f"--auth: expected a credential, but {what}", _AUTH_FORMS)


def _checked(flag: str, name: str, value: str) -> tuple[str, str]:
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{flag}: {name!r} cannot be a header's name", "Names are letters, digits and hyphens.")
    if not _VALUE.fullmatch(value):
        raise ConfigError(
            f"{flag}: the value for {name!r} contains a control character, or is no UTF-8",
            "A header's value is one line of text: is there a line break in a variable?",
        )
    return name, value


def _filled(flag: str, text: str, environ: Mapping[str, str]) -> str:
    """Put the environment's values in place of $NAME and ${NAME}; $$ is a dollar."""

    def value(found: re.Match[str]) -> str:
        if found[1]:
            return "$"
        name = found[2] or found[3]
        if name not in environ:
            raise ConfigError(
                f"{flag}: the environment variable {name} is not set", f"Set {name}, or write $$ for a plain dollar."
            )
        return environ[name]

    return _VARIABLE.sub(value, text)


def _without_value(text: str) -> str:
    """The text as it may be shown: what comes from the environment is named, what was written out is not."""
    head, _, rest = text.partition(":")
    if head == "header" and ":" in rest:
        name, _, rest = rest.partition(":")
        head = f"{head}:{name}"
    shown = rest.strip() if all(_is_variable(part) for part in rest.strip().split(":")) else "..."
    return f"{head}:{shown}"


def _is_variable(text: str) -> bool:
    found = _VARIABLE.fullmatch(text)
    return found is not None and not found[1]
