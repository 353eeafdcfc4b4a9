"""What looks like a credential in an entry. Secret scanners skip binary files, so the corpus has to look for itself.

Only what is hardly ever anything else is named: a warning that cries wolf is switched off. So ids, UUIDs, and what a
search makes up, are none, whatever they are called; a form counts by itself, any other text only under a telling name.
"""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

from wsreplay.model import (
    Accepted,
    Close,
    Closed,
    Crashed,
    Denied,
    Ended,
    Entry,
    Event,
    Finding,
    Frame,
    Message,
    Raised,
    Send,
    Violation,
)

_FORMS = (
    ("a JSON Web Token", "eyj", r"\beyJ[\w-]{8,300}\.eyJ[\w-]{8}"),
    ("a private key", "private key", r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----"),
    ("an AWS access key", "akia", r"\bAKIA[0-9A-Z]{16}\b"),
    ("an AWS access key", "asia", r"\bASIA[0-9A-Z]{16}\b"),
    ("a GitHub token", "gh", r"\bgh[pousr]_\w{36}"),
    ("a GitHub token", "github_pat_", r"\bgithub_pat_\w{22}"),
    ("a GitLab token", "glpat-", r"\bglpat-[\w-]{20}"),
    ("a Slack token", "xox", r"\bxox[abposr]-[\w-]{10}"),
    ("a Slack token", "xapp-", r"\bxapp-[\w-]{20}"),
    ("a Google API key", "aiza", r"\bAIza[\w-]{35}"),
    ("a Google access token", "ya29.", r"\bya29\.[\w-]{20}"),
    ("a Stripe key", "k_live_", r"\b[rs]k_live_[0-9A-Za-z]{16}"),
    ("a Stripe key", "k_test_", r"\b[rs]k_test_[0-9A-Za-z]{16}"),
    ("an API key", "sk-", r"\bsk-(?:[a-z]{1,10}-)?(?=[\w-]{0,30}[0-9])[0-9A-Za-z][\w-]{31}"),
    ("a SendGrid key", "sg.", r"\bSG\.[\w-]{22}\.[\w-]{43}"),
    ("an npm token", "npm_", r"\bnpm_[0-9A-Za-z]{36}\b"),
    ("a PyPI token", "pypi-", r"\bpypi-AgE[\w-]{50}"),
    ("a Hugging Face token", "hf_", r"\bhf_[0-9A-Za-z]{34}\b"),
    ("a Telegram token", ":aa", r"\b\d{8,10}:AA[\w-]{33}\b"),
    ("an Azure key", "accountkey=", r"\bAccountKey=[0-9A-Za-z+/]{86}=="),
    ("a bearer token", "bearer ", r"\b[Bb](?i:earer) [\w.~+/-]{20}"),
    (
        "a URL with a password",
        "://",
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/?#:@\"'<>{}]{1,100}:[^\s/?#@\"'<>{}]{4,200}@[\w\[]",
    ),
)
_COMPILED = [(what, hint, re.compile(form, re.ASCII)) for what, hint, form in _FORMS]
"""What a form is of, a part of it in lower case, without which a text need not be searched, and the form."""

_BASIC = re.compile(r"\b[Bb](?i:asic) ([0-9A-Za-z+/]{6,}={0,2})", re.ASCII)

_NAMED = re.compile(
    r"(?i)(passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?)"
    r"[\\]*[\"']?\s{0,3}[:=]\s{0,3}[bu]?[\\]*[\"']?([!-~]{12,500})",
    re.ASCII,
)
"""A telling name and what follows it, as JSON, forms, queries, headers and literals write them."""

_VALUE = re.compile(r"[\w.~+/=@!#$%^*-]+", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{32,}", re.IGNORECASE)
_KINDS = tuple(re.compile(kind, re.ASCII) for kind in ("[a-z]", "[A-Z]", "[0-9]", r"[^\w]"))

RANDOM = 3.2
"""Bits a character from which on a text looks drawn at random."""


def suspects(entry: Entry) -> list[tuple[str, str]]:
    """Where something looks like a credential, and like which; each place once."""
    found: dict[tuple[str, str], None] = {}
    for where, text in _texts(entry):
        what = looks_like(text)
        if what:
            found.setdefault((where, what))
    return list(found)


def looks_like(text: str) -> str:
    """What kind of credential the text seems to hold; empty for none."""
    lowered = text.lower()
    for what, hint, form in _COMPILED:
        if hint in lowered and form.search(text):
            return what
    if "basic " in lowered and any(_is_pair(found[1]) for found in _BASIC.finditer(text)):
        return "a basic credential"
    for found in _NAMED.finditer(text):
        value = _VALUE.match(found[2])
        if value is not None and _is_random(unquote(value[0])):
            return f"the value of a {found[1].lower()!r}"
    return ""


def _is_pair(coded: str) -> bool:
    """Whether these are a user and a password (RFC 7617)."""
    try:
        pair = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True).decode()
    except ValueError:
        return False
    user, colon, password = pair.partition(":")
    return pair.isprintable() and bool(user and colon and password)


def _is_random(value: str) -> bool:
    """Whether a value seems to be drawn at random, and no word, number, date, path or id."""
    if _UUID.fullmatch(value) or not _VALUE.fullmatch(value):
        return False
    kinds = sum(kind.search(value) is not None for kind in _KINDS)
    mixed = len(value) >= 12 and kinds >= 3 and _KINDS[2].search(value) is not None
    return (mixed or _HEX.fullmatch(value) is not None) and _entropy(value) >= RANDOM


def _entropy(text: str) -> float:
    """Bits a character, were the text endless."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)


# --- where to look ---------------------------------------------------------------------------------------------------


def _texts(entry: Entry) -> Iterator[tuple[str, str]]:
    for number, client in enumerate(entry.scenario.clients):
        yield f"the path of client {number}", client.path
        yield f"the query of client {number}", client.query
        for name, value in client.headers:
            yield f"the header {name} of client {number}", f"{name}: {value}"
        for name in client.subprotocols:
            yield f"a subprotocol of client {number}", name
    for number, step in enumerate(entry.scenario.steps):
        if type(step) is Send:
            yield f"the message of step {number}", _as_text(step.data)
        elif type(step) is Close:
            yield f"the reason of step {number}", step.reason
    for event in entry.transcript.events:
        yield from _of_event(event)
    for finding in entry.findings:
        yield from _of_finding(finding)
    yield "the reason of its state", entry.state.reason


def _of_event(event: Event) -> Iterator[tuple[str, str]]:
    where = f"during step {event.step}"
    match event:
        case Message(origin="app"):
            yield f"a reply {where}", _as_text(event.data)
        case Accepted():
            for name, value in event.headers:
                yield f"the app's header {name} {where}", f"{name}: {value}"
        case Denied():
            yield f"the refusal {where}", _as_text(event.body)
        case Violation():
            yield f"the violation {where}", event.detail
        case Closed() if event.origin == "app":
            yield f"the reason of the close {where}", event.reason
        case _:
            pass
    if isinstance(event, Closed | Ended | Crashed) and event.raised is not None:
        yield from _of_exception(event.raised, where)


def _of_exception(raised: Raised, where: str) -> Iterator[tuple[str, str]]:
    yield f"the exception {where}", raised.message
    yield from _of_frames(raised.frames)


def _of_finding(finding: Finding) -> Iterator[tuple[str, str]]:
    yield f"the finding {finding.check}", f"{finding.message}\n{finding.detail}"
    yield from _of_frames(finding.frames)


def _of_frames(frames: tuple[Frame, ...]) -> Iterator[tuple[str, str]]:
    for frame in frames:
        yield f"the source of {frame.file}:{frame.line}", frame.source


def _as_text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode("latin-1")
