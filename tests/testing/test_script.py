"""Scenarios written by hand: one call a step."""

from __future__ import annotations

import pytest

from wsreplay.errors import ConfigError
from wsreplay.model import Client, Close, Connect, Drop, Pause, Profile, Resume, Scenario, Send, Wait
from wsreplay.testing import scenario


def test_a_single_client_connects_by_itself_and_needs_no_name():
    made = scenario("/chat/{room}", room="lobby").send_text("hi").send_json({"a": 1}).send_bytes(b"\x00").wait(5)
    assert made.close(1001, "bye").build() == Scenario(
        "/chat/{room}",
        (Client("/chat/lobby"),),
        (
            Connect(0),
            Send(0, "text", "hi"),
            Send(0, "json", '{"a": 1}'),
            Send(0, "bytes", b"\x00"),
            Wait(5.0),
            Close(0, 1001, "bye"),
        ),
    )


def test_a_script_without_a_step_is_a_client_that_connects():
    assert scenario("/ws").build() == Scenario("/ws", (Client("/ws"),), (Connect(0),))


def test_several_clients_are_told_apart_by_their_names():
    made = (
        scenario("/ws")
        .connect("alice", query="token=1", headers={"x-role": "admin"}, subprotocols=["v1", "v2"])
        .connect("bob", path="/ws", headers=[("cookie", "a=1")])
        .send_text("hi", client="bob")
        .pause("alice")
        .resume("alice")
        .drop("bob")
        .close(None, client="alice")
        .under_backpressure()
        .build()
    )
    assert made.clients == (
        Client("/ws", "token=1", (("x-role", "admin"),), ("v1", "v2")),
        Client("/ws", "", (("cookie", "a=1"),)),
    )
    assert made.steps[2:] == (Send(1, "text", "hi"), Pause(0), Resume(0), Drop(1), Close(0, None))
    assert made.profile == Profile("suspend")


def test_a_beginning_can_be_shared():
    login = scenario("/ws").send_json({"login": "a"})
    assert login.send_text("one").build() != login.send_text("two").build()
    assert login.build().messages == 1


@pytest.mark.parametrize(
    ("write", "message", "hint"),
    [
        (lambda: scenario("/ws", room=1), "the path '/ws' has no parameter 'room'", "It has: none."),
        (lambda: scenario("/c/{room}").connect(), "needs a value for 'room'", "room=..."),
        (lambda: scenario("/ws").connect("a").connect("a"), "'a' connects a second time", "connects once"),
        (lambda: scenario("/ws").connect("a").send_text("x", client="b"), "'b' has not connected", "so far: a."),
        (lambda: scenario("/ws").drop("b"), "'b' has not connected", "so far: nobody."),
        (lambda: scenario("/ws").connect("a").connect("b").drop(), "which client's it is", "client='a'"),
    ],
)
def test_what_contradicts_itself_is_refused_with_what_to_do(write, message, hint):
    with pytest.raises(ConfigError) as raised:
        write()
    assert message in raised.value.message
    assert hint in raised.value.hint
