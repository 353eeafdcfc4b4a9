"""What looks like a credential is told from what only has the name of one, and from what a search makes up."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import replace

import pytest

from wsreplay.corpus import Store
from wsreplay.corpus.secrecy import looks_like, suspects
from wsreplay.model import Close, Connect, Finding, Frame, Scenario, State, Transcript, Violation

DRAWN = "xK9fQ2mZ7pLw4RtV"
LONG = "Ab3" * 30

FORMS = {
    "a JSON Web Token": ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLi4u"],
    "a private key": ["-----BEGIN " + "PRIVATE KEY-----", "-----BEGIN EC " + "PRIVATE KEY-----\nMHcC"],
    "an AWS access key": ["AKIA" + "Z7" * 8, "id=ASIA" + "Z7" * 8],
    "a GitHub token": ["ghp_" + LONG[:36], "github_pat_" + LONG[:30]],
    "a GitLab token": ["glpat-" + LONG[:20]],
    "a Slack token": ["xoxb-" + "1234567890-abc", "xapp-" + "1-A12345678-12345678"],
    "a Google API key": ["AIza" + LONG[:35]],
    "a Google access token": ["ya29." + LONG[:30]],
    "a Stripe key": ["sk_live_" + LONG[:24], "rk_test_" + LONG[:24]],
    "an API key": ["sk-proj-" + LONG[:40], "sk-" + LONG[:48]],
    "a SendGrid key": ["SG." + LONG[:22] + "." + LONG[:43]],
    "an npm token": ["npm_" + LONG[:36]],
    "a PyPI token": ["pypi-AgE" + LONG[:60]],
    "a Hugging Face token": ["hf_" + LONG[:34]],
    "a Telegram token": ["123456789:AA" + LONG[:33]],
    "an Azure key": ["AccountKey=" + LONG[:86] + "=="],
    "a bearer token": ["Authorization: Bearer " + "a1" * 12, "BEARER " + "a1" * 12],
    "a basic credential": [
        f"Basic {base64.b64encode(pair).decode().rstrip('=')}" for pair in (b"ann:hunter22", b"a:b12")
    ],
    "a URL with a password": ["postgres://ann:hunter22@db.example:5432/shop", "amqps://a.b:c-d_e@[::1]/"],
    "the value of a 'password'": [json.dumps({"password": "Tr0ub4dor*3-9x"}), f"db_password = '{DRAWN}'"],
    "the value of a 'secret'": [json.dumps({"client_secret": DRAWN}), repr({"secret": DRAWN})],
    "the value of a 'token'": [
        f"a=1&token={DRAWN}",
        f"x-auth-token: {DRAWN}",
        json.dumps(json.dumps({"token": DRAWN})),
    ],
    "the value of a 'api_key'": [json.dumps({"api_key": hashlib.sha256(b"x").hexdigest()})],
    "the value of a 'api-key'": [f"X-API-Key: {DRAWN}"],
}


@pytest.mark.parametrize(("what", "text"), [(what, text) for what, texts in FORMS.items() for text in texts])
def test_what_is_a_credential_is_seen(what: str, text: str) -> None:
    assert looks_like(text).lower() == what.lower()
    assert looks_like(f'{{"said": "{text}"}}'.replace("\n", " ")).lower() == what.lower()


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"id": str(uuid.UUID(int=2**127 + 5**50)), "token": str(uuid.UUID(int=2**127 + 7**44))}),
        json.dumps({"room": hashlib.sha256(b"room").hexdigest(), "hash": hashlib.md5(b"x").hexdigest()}),
        json.dumps({"session": DRAWN, "sid": DRAWN, "etag": DRAWN, "nonce": DRAWN}),
        json.dumps({"token": "", "password": "a", "secret": None, "api_key": 12345678901234567890}),
        json.dumps({"token": "0" * 64, "password": "aaaaaaaaaaaaaaaaaaaaaaaa", "secret": "hello world, how are you"}),
        json.dumps({"password": "correct-horse-battery", "token": "token_that_is_none", "secret": "2024-01-01T00:00"}),
        json.dumps({"token": "{{header:authorization}}", "secret": "{{message:secret}}"}),
        json.dumps({"token": "\u00e9\u4e2d\U0001f600" * 9, "password": "\ud800\x00\x1b" * 9}),
        "token=%3Cscript%3Ealert%281%29%3C%2Fscript%3E&secret=Hello%2C+World%21&password=%F4%8F%BF%BF%20a1B",
        "sec-websocket-key: d3NyZXBsYXkgd3NyZXBsYXk=",
        "Bearer {token} Basic credentials are refused; a bearer token is expected",
        "Basic aGVsbG8gd29ybGQ= Basic /w== Basic abcdefg Basic Ojox",
        "https://example.org:8080/a@b?c=d:e@f http://user@host/ ws://{user}:{password}@host mailto:a@b.c",
        "KeyError: 'token'; secret=; password: ; token expected, got NoneType in authenticate()",
        "a.b.c eyJ.eyJ.x AKIA sk- sk-learn ghp_ npm_config xox-tail SG.x AIza :AA ://:@",
        "-eyJ" * 20_000 + "sk-" * 20_000 + "token=" * 20_000 + "a://b:" * 20_000 + "basic " * 20_000,
        "\u0130" * 100 + "A" * 100_000,
    ],
)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert looks_like(text) == ""


def test_every_place_is_looked_at_that_a_person_or_an_app_may_have_written(entry) -> None:
    token = "ghp_" + LONG[:36]
    frame = Frame("app.py", 3, "connect", f"connect('{token}')")
    plain = entry()
    full = replace(
        plain,
        scenario=Scenario("/", plain.scenario.clients, (Connect(0), Close(0, 1000, token))),
        transcript=Transcript((Violation(0.0, 0, 0, "rule", f"sent {token}"),)),
        findings=(Finding("hang", "failure", "/", "raised", f"said {token}", frames=(frame,)),),
        state=State("accepted", f"known since {token}"),
    )
    assert [where for where, _ in suspects(full)] == [
        "the reason of step 1",
        "the violation during step 0",
        "the finding hang",
        "the source of app.py:3",
        "the reason of its state",
    ]


def test_our_own_corpus_is_clean() -> None:
    from pathlib import Path

    store = Store(Path(__file__).parents[2] / "corpus")
    assert len(store.paths()) > 10
    assert [suspects(store.load(path)) for path in store.paths() if suspects(store.load(path))] == []
