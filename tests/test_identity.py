"""Credentials are put into scenarios, and taken out again."""

from __future__ import annotations

import pytest

from wsreplay.identity import Identity, anonymous, identified, needed
from wsreplay.model import Client, Close, Connect, Drop, Scenario, Send, Wait

ALL = Identity(
    headers=(("authorization", "{{header:authorization}}"),),
    query=(("to ken", "{{query:token}}"),),
    cookies=(("session", "{{cookie:session}}"),),
    subprotocols=("bearer", "{{subprotocol:token}}"),
    messages=(("json", '{"token": "{{message:secret}}"}'), ("text", "{{message:secret#2}}")),
)


def scenario(*clients: Client, steps=()) -> Scenario:
    return Scenario("/ws", clients, steps or tuple(Connect(number) for number in range(len(clients))))


def test_every_client_gives_all_of_them_right_after_it_connects():
    steps = (Connect(0), Connect(1), Send(1, "text", "hello"), Wait(1.0), Send(0, "text", "a"), Drop(1), Close(0))
    made = identified(scenario(Client("/ws"), Client("/ws"), steps=steps), ALL)
    client = Client(
        "/ws",
        "to%20ken={{query:token}}",
        (("authorization", "{{header:authorization}}"), ("cookie", "session={{cookie:session}}")),
        ("bearer", "{{subprotocol:token}}"),
    )
    assert made.clients == (client, client)
    said = [Send(0, "json", '{"token": "{{message:secret}}"}'), Send(0, "text", "{{message:secret#2}}")]
    assert made.steps[:3] == (Connect(0), *said)
    assert made.steps[3] == Connect(1)
    assert made.steps[6:] == steps[2:]


def test_what_a_client_said_instead_gives_way_and_all_else_stays():
    spoken = Client(
        "/ws",
        "to+ken=1&page=2&to%20ken",
        (("Authorization", "Basic x"), ("cookie", "session=1; theme=dark"), ("Cookie", "a=b"), ("x-page", "1")),
        ("v1", "bearer"),
    )
    (client,) = identified(scenario(spoken), ALL).clients
    assert client.query == "page=2&to%20ken={{query:token}}"
    assert client.headers == (
        ("authorization", "{{header:authorization}}"),
        ("x-page", "1"),
        ("cookie", "session={{cookie:session}}; theme=dark; a=b"),
    )
    assert client.subprotocols == ("bearer", "{{subprotocol:token}}", "v1")


def test_who_has_introduced_himself_need_not_do_so_again():
    once = identified(scenario(Client("/ws", "page=2"), Client("/ws")), ALL)
    assert identified(once, ALL) == once


def test_nothing_of_them_is_left_in_an_anonymous_scenario():
    bare = scenario(
        Client("/ws", "page=2", (("x-page", "1"), ("cookie", "theme=dark")), ("v1",)),
        Client("/ws"),
        steps=(Connect(0), Connect(1), Send(0, "text", "hello"), Send(1, "bytes", b"{{message:secret}}")),
    )
    assert anonymous(identified(bare, ALL), ALL) == bare


def test_without_messages_and_cookies_the_rest_is_left_alone():
    client = Client("/ws", headers=(("cookie", "a=b"),))
    steps = (Connect(0), Send(0, "text", "x"))
    made = identified(scenario(client, steps=steps), Identity(headers=(("x-key", "{{header:x-key}}"),)))
    assert made.clients[0].headers == (("x-key", "{{header:x-key}}"), ("cookie", "a=b"))
    assert made.steps == steps


@pytest.mark.parametrize(
    ("identity", "names"),
    [
        (Identity(), ()),
        (Identity(subprotocols=("bearer",)), ()),
        (
            ALL,
            (
                "{{header:authorization}}",
                "{{query:token}}",
                "{{cookie:session}}",
                "{{message:secret}}",
                "{{message:secret#2}}",
                "{{subprotocol:token}}",
            ),
        ),
    ],
)
def test_the_placeholders_of_an_identity_are_named_once(identity, names):
    assert identity.placeholders == names
    assert bool(identity) == (identity != Identity())


def test_a_scenario_needs_what_stands_in_it_but_text_in_braces_in_a_message_is_the_app_s_own():
    made = identified(scenario(Client("/ws"), Client("/ws")), ALL)
    assert set(needed(made)) == set(ALL.placeholders)
    assert len(needed(made)) == len(ALL.placeholders)
    own = (Connect(0), Send(0, "text", "{{user}} {{header:x}}"), Send(0, "bytes", b"\xff{{message:secret}}"), Wait(1.0))
    assert needed(scenario(Client("/ws"), steps=own)) == ("{{message:secret}}",)
