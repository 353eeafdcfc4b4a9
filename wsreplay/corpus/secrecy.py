"""What looks like a credential in an entry. Secret scanners skip binary files, so the corpus has to look for itself.

Only forms that are hardly ever anything else are named: a warning that cries wolf is switched off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wsreplay.model import Accepted, Closed, Crashed, Denied, Ended, Entry, Event, Message, Raised, Send

_FORMS = (
    ("a JSON Web Token", re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}", re.ASCII)),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----", re.ASCII)),
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", re.ASCII)),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_\w{36}|github_pat_\w{22,})", re.ASCII)),
    ("a GitLab token", re.compile(r"\bglpat-[\w-]{20}", re.ASCII)),
    ("a Slack token", re.compile(r"\bxox[abposr]-[\w-]{10,}", re.ASCII)),
    ("a Google API key", re.compile(r"\bAIza[\w-]{35}", re.ASCII)),
    ("a Stripe key", re.compile(r"\b[rs]k_live_[0-9A-Za-z]{16,}", re.ASCII)),
    ("a bearer token", re.compile(r"\b[Bb]earer [\w.~+/-]{20,}", re.ASCII)),
    ("a basic credential", re.compile(r"\b[Bb]asic [0-9A-Za-z+/]{8,}={1,2}", re.ASCII)),
)


def suspects(entry: Entry) -> list[tuple[str, str]]:
    """Where something looks like a credential, and like which; each place once."""
    found: dict[tuple[str, str], None] = {}
    for where, text in _texts(entry):
        what = next((what for what, form in _FORMS if form.search(text)), None)
        if what is not None:
            found.setdefault((where, what))
    return list(found)


def _texts(entry: Entry) -> Iterator[tuple[str, str]]:
    for number, client in enumerate(entry.scenario.clients):
        yield f"the path of client {number}", client.path
        yield f"the query of client {number}", client.query
        for name, value in client.headers:
            yield f"the header {name} of client {number}", value
        for name in client.subprotocols:
            yield f"a subprotocol of client {number}", name
    for number, step in enumerate(entry.scenario.steps):
        if type(step) is Send:
            yield f"the message of step {number}", _as_text(step.data)
    for event in entry.transcript.events:
        yield from _of_event(event)


def _of_event(event: Event) -> Iterator[tuple[str, str]]:
    where = f"during step {event.step}"
    match event:
        case Message(origin="app"):
            yield f"a reply {where}", _as_text(event.data)
        case Accepted():
            for name, value in event.headers:
                yield f"the app's header {name} {where}", value
        case Denied():
            yield f"the refusal {where}", _as_text(event.body)
        case Closed() if event.origin == "app":
            yield f"the reason of the close {where}", event.reason
        case Ended(raised=Raised() as raised) | Crashed(raised=raised):
            yield f"the exception {where}", raised.message
        case _:
            pass


def _as_text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode("latin-1")
