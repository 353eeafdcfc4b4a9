"""What a transcript showed, as far as it can be new."""

from __future__ import annotations

import json

import pytest

from wsreplay.documents import MAX_ECHO, MAX_KEYS
from wsreplay.features import features
from wsreplay.model import (
    Accepted,
    Blocked,
    Closed,
    Consumed,
    Crashed,
    Denied,
    Died,
    Dropped,
    Ended,
    Hung,
    Leaked,
    Message,
    Opened,
    Raised,
    Slow,
    Told,
    Transcript,
    Violation,
)

LOST = Raised("KeyError", "builtins", "'price'")


def said(*data, client=0):
    return [Message(0.0, 1, client, "client", "bytes" if isinstance(one, bytes) else "text", one) for one in data]


def replied(*data, client=0):
    return [Message(0.0, 1, client, "app", "bytes" if isinstance(one, bytes) else "text", one) for one in data]


def shapes(*events):
    shown = features(Transcript(tuple(event for several in events for event in several)))
    return sorted(one.removeprefix("reply:") for one in shown if one.startswith("reply:"))


@pytest.mark.parametrize(
    ("reply", "shape"),
    [
        ("hello", "text:hello"),
        ("OK 17", "text:OK"),
        (":server 001", "text::server"),
        ("+OK", "text:+OK"),
        ("no, thanks", "text:no"),
        ("a1b2 is your token", "text"),
        ("x" * 17, "text"),
        ("17 bottles", "text"),
        (" ", "text"),
        ("", "no text"),
        (b"x", "bytes:1"),
        (b"x" * 17, "bytes"),
        (b"", "bytes:0"),
        ("[", "text"),
        ("[" * 100_000, "text"),
        ('{"b":1,"a":"x"}', "{a:str,b:number}"),
        ('[1,"a",null,true,2.5]', "[bool|null|number|str]"),
        ("[]", "[]"),
        ("{}", "{}"),
        ('{"a":{"b":{"c":{"d":{"e":1}}}}}', "{a:{b:{c:{d:{...}}}}}"),
        ("[[[[[1]]]]]", "[[[[[...]]]]]"),
        (json.dumps({str(number): 1 for number in range(MAX_KEYS + 1)}), "{...}"),
    ],
)
def test_a_reply_s_shape_is_its_keys_and_types(reply, shape):
    assert shapes(replied(reply)) == [shape]


@pytest.mark.parametrize(
    ("sent", "reply", "shape"),
    [
        ("hello", "hello", "echo"),
        (b"x", b"x", "echo"),
        ('{"a":1}', '{"a": 1}', "echo"),
        ('{"a":1}', '{"you":"A","said":{"a":1}}', "{said:echo,you:str}"),
        ('{"to":"B","what":[1,2]}', '{"news":[1,2]}', "{news:echo}"),
        ('{"a":1}', '{"a":2}', "{a:number}"),
        ('{"a":{}}', "{}", "{}"),
        ('{"name":"ann","as":["bob"]}', '{"here":{"ann":1,"bob":2,"cy":3}}', "{here:{*:number,bob:number,cy:number}}"),
        ('["ann","bob"]', '{"ann":1,"bob":2,"name":"x"}', "{*:number,name:str}"),
        ("", "", "no text"),
        ("3", '{"a":3}', "{a:number}"),
        ('{"a":1}', "no", "text:no"),
        ("JOIN hall", "JOIN is done", "text"),
        ("JOIN hall", "JOINED hall", "text:JOINED"),
        (b"1", '{"a":1}', "{a:number}"),
    ],
)
def test_what_is_repeated_is_nothing_new(sent, reply, shape):
    assert shapes(said(sent, client=1), replied(reply)) == [shape]


def test_what_is_said_later_is_not_repeated():
    assert shapes(replied('{"a":1}'), said('{"a":1}')) == ["{a:number}"]


def test_long_messages_are_compared_as_a_whole_only():
    long = json.dumps({"a": "x" * MAX_ECHO})
    assert shapes(said(long, "[[1]]"), replied(long)) == ["echo"]
    assert shapes(said(long, "[[1]]"), replied(long.replace(" ", ""))) == ["{a:str}"]


def test_values_that_are_too_deep_to_be_compared_are_taken_for_equal():
    deep = "[" * 600 + "1" + "]" * 600
    events = (said(deep), replied(f"[{deep[1:-1]} ]"))

    def below(levels):
        return below(levels - 1) if levels else shapes(*events)

    assert shapes(*events) == ["echo"]
    # Both are parsed by now; with so little left of the stack they cannot be compared.
    assert below(500) == ["echo"]


def test_an_edge_leads_from_what_was_last_seen_to_what_comes():
    shown = features(Transcript((*said("a"), *replied("b", '{"c":1}'))))
    edges = {one for one in shown if one.startswith("edge:")}
    assert edges == {"edge:open<text>text:b", "edge:text:b>{c:number}"}


def test_a_state_is_the_last_reply_and_the_kind_of_message_that_followed_it():
    shown = features(Transcript((*replied("hi"), *said(b"a", "b", '{"c":1}'), *replied("ok"), *said("d", client=1))))
    edges = {one for one in shown if one.startswith("edge:")}
    assert edges == {"edge:open>text:hi", "edge:text:hi<bytes>text:ok"}


def test_how_far_a_reply_says_that_things_have_got_is_shown():
    assert "step:.left:3" in features(Transcript(tuple(replied('{"left":3}'))))
    assert "step:.left:3" not in features(Transcript((*said('{"of":3}'), *replied('{"left":3}'))))


def test_an_edge_between_large_shapes_is_left_out():
    wide = json.dumps({"k" * 20 + str(number): 1 for number in range(MAX_KEYS)})
    assert not {one for one in features(Transcript(tuple(replied(wide)))) if one.startswith("edge:")}


@pytest.mark.parametrize(
    ("event", "feature"),
    [
        (Accepted(0.0, 0, 0, "chat"), "accepted:chat"),
        (Closed(0.0, 0, 0, "app", 4000, ""), "close:app:4000"),
        (Closed(0.0, 0, 0, "client", 4000, ""), "close:client:"),
        (Denied(0.0, 0, 0, 403), "denied:403"),
        (Told(0.0, 0, 0), "told"),
        (Ended(0.0, 0, 0, "raised", None, LOST), "end:raised::KeyError"),
        (Ended(0.0, 0, 0, "returned", 1000), "end:returned:1000:"),
        (Crashed(0.0, 0, 0, "task", LOST), "crashed:task:KeyError"),
        (Hung(0.0, 0, 0, "message"), "hung:message:False"),
        (Violation(0.0, 0, 0, "after-close", "x"), "violation:after-close"),
        (Blocked(0.0, 0, 0, 0.5), "blocked"),
        (Leaked(0.0, 0, 0, ("tick",)), "leaked"),
        (Opened(0.0, 0, 0), None),
        (Consumed(0.0, 0, 0, 1), None),
        (Dropped(0.0, 0, 0), None),
        (Slow(0.0, 0, 0, 1.0), None),
        (Died(0.0, 0, 0, "exit code 1"), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_event_shows_what_can_be_new_about_it(event, feature):
    assert features(Transcript((event,))) == (frozenset({feature}) if feature else frozenset())


def often(*events):
    shown = features(Transcript(tuple(event for several in events for event in several)))
    return sorted(one for one in shown if one.startswith("often:"))


def test_many_replies_of_one_shape_to_one_client_are_something_new():
    assert often(replied(*['{"n":1}'] * 3)) == []
    assert often(replied(*['{"n":1}'] * 7)) == ["often:4:{n:number}"]
    assert often(replied(*['{"n":1}'] * 8)) == ["often:4:{n:number}", "often:8:{n:number}"]
    assert often(replied(*["a"] * 3), replied(*["b"] * 3, client=1)) == []


def test_a_shape_that_is_longer_than_a_feature_is_not_counted():
    assert often(replied(*[json.dumps({"k" * 250: 1})] * 4)) == []
