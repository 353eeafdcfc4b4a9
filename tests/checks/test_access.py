"""ignored_auth and missing_origin_check: off unless they are asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from wsreplay.checks import ANY_CREDENTIAL, Options, judge
from wsreplay.model import Client, Connect, Send, Wait

SECRET = ("{{header:token}}",)
AUTH = Options(enabled=("ignored_auth",), credentials=SECRET)
HELLO = Send(0, "text", "hello")
ORIGIN = Options(enabled=("missing_origin_check",))
KNOWN = Client("/", headers=(("authorization", "Bearer {{header:token}}"),))
ANONYMOUS = Client("/")


def app(refuse: str = "", header: str = "authorization", value: str = "") -> Starlette:
    async def handler(ws: WebSocket) -> None:
        wrong = not ws.headers.get(header, "").startswith(value) or header not in ws.headers
        if refuse == "before" and wrong:
            await ws.close(1008)
            return
        await ws.accept()
        if refuse == "after" and wrong:
            await ws.close(1008)
            return
        async for _ in ws.iter_text():
            pass

    return Starlette(routes=[WebSocketRoute("/", handler)])


def test_a_client_without_credentials_that_is_let_in_is_found(findings: Any) -> None:
    (finding,) = findings(app(), HELLO, clients=(ANONYMOUS,), options=AUTH)
    assert (finding.check, finding.severity, finding.cause) == ("ignored_auth", "failure", "accepted")
    assert finding.client == 0


@pytest.mark.parametrize("refuse", ["before", "after"])
def test_a_client_without_credentials_that_is_refused_is_normal(findings: Any, refuse: str) -> None:
    assert findings(app(refuse), HELLO, clients=(ANONYMOUS,), options=AUTH) == ()


@pytest.mark.parametrize(
    "options",
    [Options(), Options(credentials=SECRET), Options(enabled=("ignored_auth",)), Options(enabled=("*_crash",))],
)
def test_nothing_is_said_about_credentials_unless_asked_and_there_are_any(findings: Any, options: Options) -> None:
    assert findings(app(), HELLO, clients=(ANONYMOUS,), options=options) == ()


@pytest.mark.parametrize(
    "client",
    [
        KNOWN,
        Client("/", query="token={{header:token}}"),
        Client("/", headers=(("cookie", "a=1; s={{header:token}}"),)),
        Client("/", subprotocols=("bearer", "{{header:token}}")),
    ],
)
def test_whoever_has_credentials_of_any_kind_may_come_in(run: Any, scenario: Any, client: Client) -> None:
    built, transcript = run(app(), HELLO)
    assert judge(scenario(HELLO, clients=(client,)), transcript, AUTH) == ()
    assert len(judge(built, transcript, AUTH)) == 1
    other = Options(enabled=("ignored_auth",), credentials=("{{header:another}}",))
    assert len(judge(scenario(HELLO, clients=(client,)), transcript, other)) == 1
    assert judge(scenario(HELLO, clients=(client,)), transcript, replace(other, credentials=ANY_CREDENTIAL)) == ()


@pytest.mark.parametrize(
    ("kind", "client"),
    [
        ("header:x-key", Client("/", headers=(("X-Key", "guess"),))),
        ("cookie:session", Client("/", headers=(("cookie", "a=1; session=guess"),))),
        ("query:to%20ken", Client("/", query="a=1&to+ken=guess")),
    ],
)
def test_whoever_guesses_a_credential_has_one(run: Any, scenario: Any, kind: str, client: Client) -> None:
    _, transcript = run(app(), HELLO)
    options = replace(AUTH, credentials=(f"{{{{{kind}}}}}",))
    assert judge(scenario(HELLO, clients=(client,)), transcript, options) == ()
    assert len(judge(scenario(HELLO), transcript, options)) == 1


def test_an_app_that_accepts_and_has_neither_read_nor_sent_has_let_nobody_in_yet(findings: Any) -> None:
    assert findings(app(), clients=(ANONYMOUS,), options=AUTH) == ()


def test_an_app_that_only_pushes_has_let_in_whom_it_sends_something(findings: Any) -> None:
    async def ticker(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await asyncio.sleep(30)
            await ws.send_text("tick")

    pushing = Starlette(routes=[WebSocketRoute("/", ticker)])
    (finding,) = findings(pushing, Wait(60), clients=(ANONYMOUS,), options=AUTH)
    assert finding.check == "ignored_auth"


def test_an_app_that_ends_over_the_first_message_has_refused(findings: Any) -> None:
    async def once(ws: WebSocket) -> None:
        await ws.accept()
        await ws.receive()

    assert findings(Starlette(routes=[WebSocketRoute("/", once)]), HELLO, clients=(ANONYMOUS,), options=AUTH) == ()


def test_a_value_of_a_reply_that_a_client_says_back_is_no_credential(findings: Any) -> None:
    said = Send(0, "json", '{"id": "{{reply:id}}"}')
    for credentials in (SECRET, ANY_CREDENTIAL):
        options = replace(AUTH, credentials=credentials)
        assert len(findings(app(), said, clients=(ANONYMOUS,), options=options)) == 1


# --- a first message -------------------------------------------------------------------------------------------------

LOGIN = Send(0, "json", '{"token": "{{message:secret}}"}')
BY_MESSAGE = Options(enabled=("ignored_auth",), credentials=("{{message:secret}}",), first_message=True)


def doorman(welcome: bool = True, secret: str = "", answer: str = "you said {}") -> Starlette:
    """Looks at the first message, which must hold `secret`; then echoes."""

    async def handler(ws: WebSocket) -> None:
        await ws.accept()
        if secret not in await ws.receive_text():
            await ws.send_text("who are you?")
            async for _ in ws.iter_text():
                await ws.send_text("who are you?")
            return
        if welcome:
            await ws.send_text("welcome")
        async for text in ws.iter_text():
            await ws.send_text(answer.format(text))

    return Starlette(routes=[WebSocketRoute("/", handler)])


def pair(*messages: str, wrong: str = '{"token": "wrong"}') -> tuple[Any, ...]:
    """A client that knows the secret, then one that does not, saying the same."""
    one = [Connect(0), LOGIN, *(Send(0, "text", message) for message in messages)]
    return (*one, Connect(1), Send(1, "json", wrong), *(Send(1, "text", message) for message in messages))


@pytest.mark.parametrize(
    ("asked", "messages", "found"),
    [
        ({"welcome": True}, (), True),
        ({"welcome": True}, ("a",), True),
        ({"welcome": False}, ("a", "b"), True),
        ({"welcome": False}, ("a",), False),  # one answer may be the same to anybody: 'no JSON'
        ({"welcome": False, "answer": "no JSON"}, ("a", "b"), False),
        ({"secret": "{{message"}, ("a", "b"), False),
        ({"secret": "{{message"}, (), False),
    ],
)
@pytest.mark.parametrize("options", [BY_MESSAGE, replace(AUTH, credentials=ANY_CREDENTIAL)])
def test_a_client_with_a_wrong_first_message_is_let_in_if_it_is_answered_like_one_with_the_right_one(
    findings: Any, asked: Any, messages: Any, found: bool, options: Options
) -> None:
    given = findings(doorman(**asked), *pair(*messages), clients=2, options=options)
    assert [(one.check, one.client) for one in given] == ([("ignored_auth", 1)] if found else [])


@pytest.mark.parametrize(
    "steps",
    [
        (Connect(0), LOGIN, Connect(1)),
        (Connect(0), LOGIN, Send(0, "text", "a"), Connect(1), Send(1, "json", "1"), Send(1, "text", "b")),
        (Connect(0), HELLO, Connect(1), Send(1, "text", "hello")),
    ],
)
def test_nothing_follows_from_clients_that_do_not_say_the_same(findings: Any, steps: Any) -> None:
    assert findings(doorman(), *steps, clients=2, options=BY_MESSAGE) == ()


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ((("Origin", "https://evil.example"),), True),
        ((("origin", "https://evil.example:8443"), ("host", "shop.example")), True),
        ((("origin", "https://shop.example"), ("host", "shop.example")), False),
        ((("origin", "http://127.0.0.1:8000"),), False),
        ((("origin", "http://localhost"),), False),
        ((("origin", "null"), ("host", "shop.example")), False),
        ((), False),
    ],
)
def test_a_page_of_another_site_that_is_let_in_is_found(findings: Any, headers: Any, foreign: bool) -> None:
    found = findings(app(), clients=(Client("/", headers=headers),), options=ORIGIN)
    assert [one.check for one in found] == (["missing_origin_check"] if foreign else [])


def test_a_page_of_another_site_that_is_refused_is_normal(findings: Any) -> None:
    strict = app("before", "origin", "https://shop.example")
    evil = Client("/", headers=(("origin", "https://evil.example"),))
    assert findings(strict, clients=(evil,), options=ORIGIN) == ()
