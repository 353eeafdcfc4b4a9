"""The record of a run, and the transcript that is made of it."""

from __future__ import annotations

import base64
import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from wsreplay.corpus.codec import decode_entry, encode_entry
from wsreplay.features import features
from wsreplay.model import (
    Accepted,
    Client,
    Closed,
    Consumed,
    Ended,
    Entry,
    Message,
    Opened,
    Provenance,
    Send,
    Told,
    Transcript,
    Wait,
)


async def echo(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] != "websocket.disconnect":
            if event["type"] == "websocket.receive":
                await send(event | {"type": "websocket.send"})


HELLO = (Wait(2.0), Send(0, "text", "hello"))
EVENTS = (
    Opened(0.0, 0, 0),
    Accepted(0.0, 0, 0),
    Message(2.0, 2, 0, "client", "text", "hello"),
    Consumed(2.0, 2, 0, 2),
    Message(2.0, 2, 0, "app", "text", "hello"),
    Closed(2.0, 3, 0, "client", 1000),
    Told(2.0, 3, 0),
    Ended(2.0, 3, 0, "disconnected"),
)


def test_a_transcript_says_what_happened_when_and_during_which_step(run):
    assert run(echo, *HELLO).events == EVENTS


def test_a_transcript_of_a_run_equals_one_that_was_written_down(run):
    made, written = run(echo, *HELLO), Transcript(EVENTS)
    assert made == written
    assert hash(made) == hash(run(echo, *HELLO))
    assert len({made, run(echo, *HELLO)}) == 1
    assert made != Transcript(EVENTS[:-1])
    assert made != Transcript(EVENTS, ("reply:text",))
    assert made != "hello"


def test_the_events_are_made_once(run):
    transcript = run(echo, *HELLO)
    assert transcript.events is transcript.events


def test_a_transcript_travels_as_a_plain_value(run):
    copy = pickle.loads(pickle.dumps(run(echo, *HELLO)))
    assert type(copy) is Transcript
    assert copy == Transcript(EVENTS)


def test_a_transcript_is_frozen(run):
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        run(echo, *HELLO).features = ("one",)


def test_features_are_put_into_a_transcript_and_survive_storage(run, scenario):
    transcript = run(echo, *HELLO)
    shown = replace(transcript, features=tuple(sorted(features(transcript))))
    assert shown.features
    assert shown.events == EVENTS
    entry = Entry(scenario(*HELLO), shown, provenance=Provenance())
    assert decode_entry(encode_entry(entry)).transcript == shown


def test_a_later_run_does_not_change_an_earlier_transcript(simulation, scenario):
    one = simulation(echo)
    one.start()
    first = one.run(scenario(*HELLO))
    second = one.run(scenario())
    assert first.events == EVENTS
    assert len(second.events) == 5


BASIC = "Basic " + base64.b64encode(b"ann:pass word").decode()


@pytest.mark.parametrize(
    ("credential", "shown", "kept"),
    [
        ("Bearer abcdef", "the token is abcdef", "the token is {{A}}"),
        ("Bearer abcdef", "Bearer abcdef, abcdef", "{{A}}, {{A}}"),
        ("Bearer abc", "abc Bearer abc", "abc {{A}}"),
        (BASIC, "user ann:pass word", "user {{A}}"),
        (BASIC, "wrong password: pass word", "wrong password: {{A}}"),
        (BASIC, BASIC[6:], "{{A}}"),
        ("Basic " + base64.b64encode(b"ann:pw").decode(), "pw ann:pw", "pw {{A}}"),
        ("Basic no base64", "no base64", "{{A}}"),
        ("Basic /////w==", "/////w==", "{{A}}"),
        ("plain-key", "plain-key", "{{A}}"),
        ("", "nothing", "nothing"),
    ],
)
@pytest.mark.parametrize("kind", ["text", "bytes"])
def test_a_credential_is_hidden_in_every_form_in_which_an_app_may_show_it(events, credential, shown, kept, kind):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", kind: shown if kind == "text" else shown.encode()})

    client = Client("/", headers=(("authorization", "{{A}}"),))
    (message,) = events(app, clients=(client,), secrets={"{{A}}": credential}, only=Message)
    assert message.data == (kept if kind == "text" else kept.encode())


def test_the_longer_of_two_credentials_is_hidden_first(events):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "reason": "abcdef abc"})

    (closed,) = events(app, secrets={"{{A}}": "abc", "{{B}}": "abcdef"}, only=Closed)
    assert closed.reason == "{{B}} {{A}}"


def test_a_credential_in_a_reply_s_headers_is_hidden(events):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept", "headers": [(b"set-cookie", b"token=abcdef")]})

    (accepted,) = events(app, secrets={"{{A}}": "abcdef"}, only=Accepted)
    assert accepted.headers == (("set-cookie", "token={{A}}"),)
