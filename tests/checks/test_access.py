"""ignored_auth and missing_origin_check: off unless they are asked for."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from wsreplay.checks import Options
from wsreplay.model import Client

AUTH = Options(enabled=("ignored_auth",), credentials=True)
ORIGIN = Options(enabled=("missing_origin_check",))
KNOWN = Client("/", headers=(("authorization", "Bearer {{token}}"),))
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
        await ws.receive()

    return Starlette(routes=[WebSocketRoute("/", handler)])


def test_a_client_without_credentials_that_is_let_in_is_found(findings: Any) -> None:
    (finding,) = findings(app(), clients=(ANONYMOUS,), options=AUTH)
    assert (finding.check, finding.severity, finding.cause) == ("ignored_auth", "failure", "accepted")
    assert finding.client == 0


@pytest.mark.parametrize("refuse", ["before", "after"])
def test_a_client_without_credentials_that_is_refused_is_normal(findings: Any, refuse: str) -> None:
    assert findings(app(refuse), clients=(ANONYMOUS,), options=AUTH) == ()


@pytest.mark.parametrize(
    "options", [Options(), Options(credentials=True), Options(enabled=("ignored_auth",)), Options(enabled=("*_crash",))]
)
def test_nothing_is_said_about_credentials_unless_asked_and_there_are_any(findings: Any, options: Options) -> None:
    assert findings(app(), clients=(ANONYMOUS,), options=options) == ()


def test_credentials_in_the_query_count_too(run: Any, scenario: Any) -> None:
    from wsreplay.checks import judge

    built, transcript = run(app())
    for client in (KNOWN, Client("/", query="token={{token}}")):
        known = scenario(clients=(client,))
        assert judge(known, transcript, AUTH) == ()
    assert len(judge(built, transcript, AUTH)) == 1


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
