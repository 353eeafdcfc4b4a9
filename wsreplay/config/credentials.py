"""Headers and credentials: from what the user wrote to texts with placeholders, and the secrets they stand for.

A value never appears in an error, an entry or a report.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from wsreplay.config.variables import VARIABLE, filled, is_variable
from wsreplay.errors import ConfigError
from wsreplay.identity import Identity
from wsreplay.model import Kind

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name, and a subprotocol: a token of RFC 9110, 5.6.2."""

_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")

_COOKIE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")
"""A cookie's value (RFC 6265, 4.1.1)."""

FORMS = {
    "bearer": "bearer:TOKEN",
    "basic": "basic:USER:PASSWORD",
    "header": "header:NAME:VALUE",
    "query": "query:NAME:VALUE",
    "cookie": "cookie:NAME:VALUE",
    "subprotocol": "subprotocol:[NAME,...]TOKEN",
    "message": "message:TEXT",
    "json": "json:JSON",
}
"""What --auth understands, by the word before the first colon."""

_AUTH_HINT = f"Write one of {', '.join(FORMS.values())}; $NAME is taken from the environment."


@dataclass(frozen=True, slots=True)
class Credentials:
    """Headers of every client and the identity that it has, both with placeholders for values; what these stand for;
    and the flags that say the same.
    """

    headers: tuple[tuple[str, str], ...] = ()
    identity: Identity = Identity()  # noqa: RUF009 - a frozen value
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    flags: tuple[tuple[str, str], ...] = ()


def credentials(headers: Iterable[str], auth: Iterable[str], environ: Mapping[str, str]) -> Credentials:
    """Make headers of `NAME:VALUE` texts, and an identity of --auth specifications. Raises ConfigError."""
    reading = _Reading(environ)
    flags: list[tuple[str, str]] = []
    for text in headers:
        reading.header(text)
        flags.append(("-H", _without_value(text)))
    for text in auth:
        reading.auth(text)
        flags.append(("--auth", shown(text)))
    return Credentials(tuple(reading.headers), reading.identity(), reading.secrets, tuple(flags))


class _Reading:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.headers: list[tuple[str, str]] = []
        self.secrets: dict[str, str] = {}
        self._named: dict[str, list[tuple[str, str]]] = {"header": [], "query": [], "cookie": []}
        self._subprotocols: list[str] = []
        self._messages: list[tuple[Kind, str]] = []

    def identity(self) -> Identity:
        headers, query, cookies = (tuple(pairs) for pairs in self._named.values())
        return Identity(headers, query, cookies, tuple(self._subprotocols), tuple(self._messages))

    def header(self, text: str) -> None:
        name, colon, value = text.partition(":")
        if not colon:
            raise ConfigError("-H: expected NAME:VALUE, got a text without a colon", "Write -H 'x-token: $TOKEN'.")
        name, value = _checked("-H", name, filled("-H", value.strip(), self._environ, secret=True))
        self.headers.append((name, self._kept(f"header:{name}", value)))

    def auth(self, text: str) -> None:
        kind, _, rest = text.partition(":")
        rest = rest.strip()
        if kind == "bearer" and rest:
            self._add_header("authorization", "Bearer " + self._filled(rest))
        elif kind == "basic" and ":" in (pair := self._filled(rest)):
            self._add_header(
                "authorization", "Basic " + base64.b64encode(pair.encode("utf-8", "surrogateescape")).decode()
            )
        elif kind in self._named and ":" in rest:
            name, _, value = rest.partition(":")
            self._add(kind, name.strip(), self._filled(value.strip()))
        elif kind == "subprotocol" and rest:
            self._add_subprotocols(rest)
        elif kind in ("message", "json") and rest:
            self._add_message("text" if kind == "message" else "json", rest)
        else:
            what = f"what follows {kind + ':'!r} is not complete" if kind in FORMS else "its form is none of the known"
            raise ConfigError(f"--auth: expected a credential, but {what}", _AUTH_HINT)

    def _filled(self, text: str) -> str:
        return filled("--auth", text, self._environ, secret=True)

    def _add(self, kind: str, name: str, value: str) -> None:
        if kind == "header":
            self._add_header(name, value)
        elif kind == "query":
            self._named[kind].append(
                (name, self._kept(f"query:{quote(name, safe='')}", quote(value, safe="", errors="surrogateescape")))
            )
        elif not _NAME.fullmatch(name) or not _COOKIE.fullmatch(value):
            cookie = f"the cookie {name!r}" if _NAME.fullmatch(name) else "a cookie"
            raise ConfigError(
                f"--auth: {cookie} cannot be sent: its name or value has a character that is not allowed",
                "Neither holds white space, quotes, commas, semicolons or backslashes: encode the value.",
            )
        else:
            self._named[kind].append((name, self._kept(f"cookie:{name}", value)))

    def _add_header(self, name: str, value: str) -> None:
        name, value = _checked("--auth", name, value)
        self._named["header"].append((name, self._kept(f"header:{name}", value)))

    def _add_subprotocols(self, text: str) -> None:
        *plain, last = (part.strip() for part in text.split(","))
        value = self._filled(last)
        if not all(_NAME.fullmatch(part) for part in (*plain, value)):
            raise ConfigError(
                "--auth: expected subprotocols, but one of them has a character that is not allowed",
                "They are letters, digits and -._~!#$%&'*+^`|: encode the token, as base64url for instance.",
            )
        self._subprotocols += [*plain, self._kept("subprotocol:token", value)]

    def _add_message(self, kind: Kind, text: str) -> None:
        names: dict[str, str] = {}

        def placeholder(name: str) -> str:
            if name not in names:
                value = self._filled(f"${{{name}}}")
                names[name] = self._kept("message:secret", json.dumps(value)[1:-1] if kind == "json" else value)
            return names[name]

        made = VARIABLE.sub(lambda found: "$" if found[1] else placeholder(found[2] or found[3]), text)
        if not names:
            raise ConfigError(
                "--auth: expected the secret of a first message as $NAME, got a text without a variable",
                'Only what comes from the environment is known to be secret: write \'json:{"token": "$TOKEN"}\'.',
            )
        if kind == "json":
            _must_be_json(made, {stands: self.secrets[stands] for stands in names.values()})
        self._messages.append((kind, made))

    def _kept(self, what: str, value: str) -> str:
        """Remember a value; its placeholder is `{{header:x-token}}`, and `{{header:x-token#2}}` for a second one."""
        placeholder, number = f"{{{{{what}}}}}", 1
        while placeholder in self.secrets:
            number += 1
            placeholder = f"{{{{{what}#{number}}}}}"
        self.secrets[placeholder] = value
        return placeholder


def _must_be_json(made: str, secrets: Mapping[str, str]) -> None:
    for placeholder, value in secrets.items():
        made = made.replace(placeholder, value)
    try:
        json.loads(made)
    except (ValueError, RecursionError):
        raise ConfigError(
            "--auth: what follows 'json:' is no JSON once the variables are filled in",
            'Put quotes around them: \'json:{"token": "$TOKEN"}\'.',
        ) from None


def _checked(flag: str, name: str, value: str) -> tuple[str, str]:
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        # It may be the credential, where somebody has forgotten the name or the colon after it.
        raise ConfigError(
            f"{flag}: what stands before the colon cannot be a header's name", "Names are letters, digits and hyphens."
        )
    if not _VALUE.fullmatch(value):
        raise ConfigError(
            f"{flag}: the value for {name!r} contains a control character, or is no UTF-8",
            "A header's value is one line of text: is there a line break in a variable?",
        )
    return name, value


def shown(text: str) -> str:
    """An --auth specification as it may be shown."""
    kind, _, rest = text.partition(":")
    if kind in ("message", "json"):
        # What is secret in it is a variable.
        return text
    if kind == "subprotocol":
        plain, comma, last = rest.rpartition(",")
        return f"{kind}:{plain}{comma}{_value(last)}"
    return _without_value(text)


def _without_value(text: str) -> str:
    """The text as it may be shown: what comes from the environment is named, what was written out is not."""
    head, _, rest = text.partition(":")
    if head in ("header", "query", "cookie") and ":" in rest:
        name, _, rest = rest.partition(":")
        head = f"{head}:{name}"
    return f"{head}:{_value(rest)}"


def _value(text: str) -> str:
    return text.strip() if all(is_variable(part) for part in text.strip().split(":")) else "..."
