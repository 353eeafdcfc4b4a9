"""What occurs in several places is simplified in all of them at once."""

from __future__ import annotations

import json

import pytest

from wsreplay.model import Client, Connect, Scenario, Send


def room(*sends, path="/ws/lobby42", query="", clients=1):
    peers = tuple(Client(path, query) for _ in range(clients))
    return Scenario("/ws/{room}", peers, (*map(Connect, range(clients)), *sends))


def test_a_name_that_two_messages_give_becomes_one_simple_name(shrinking, talk, say, said):
    scenario = talk(*say('{"join":"alice"}', '{"say":"alice"}', kind="json"))

    def holds(one):
        values = [json.loads(data) for data in said(one) if data.startswith("{")]
        names = [value.get("join", value.get("say")) for value in values if isinstance(value, dict)]
        return len(names) == 2 and names[0] == names[1] and isinstance(names[0], str) and names[0] != ""

    assert said(shrinking(scenario, holds)) == ['{"join":"a"}', '{"say":"a"}']


def test_a_room_in_a_path_and_in_a_message_stays_the_same(shrinking, said):
    def holds(one):
        return said(one) == [one.clients[0].path.removeprefix("/ws/")]

    small = shrinking(room(Send(0, "text", "lobby42")), holds)
    assert (small.clients[0].path, said(small)) == ("/ws/a", ["a"])


def test_a_value_in_a_query_and_in_a_text_command_stays_the_same(shrinking, said):
    def holds(one):
        value = one.clients[0].query.removeprefix("key=")
        return bool(value) and said(one) == [f"LOGIN {value} now"]

    small = shrinking(room(Send(0, "text", "LOGIN hunter2 now"), query="key=hunter2"), holds)
    assert (small.clients[0].query, said(small)) == ("key=a", ["LOGIN a now"])


@pytest.mark.parametrize(("data", "simple"), [(b"abcdef", b"\x00"), ("hello", "a"), ("x" * 5000, "a")])
def test_one_message_sent_twice_is_simplified_twice(shrinking, talk, said, data, simple):
    kind = "bytes" if isinstance(data, bytes) else "text"
    scenario = talk(Send(0, kind, data), Send(0, kind, data))
    small = shrinking(scenario, lambda one: len(said(one)) == 2 and said(one)[0] == said(one)[1] != data[:0])
    assert said(small) == [simple, simple]


def test_a_long_message_shares_nothing_but_itself(shrinking, talk, say, said):
    scenario = talk(*say("word " * 2000, "word"))
    small = shrinking(scenario, lambda one: len(said(one)) == 2 and len(said(one)[0]) > 4096)
    assert said(small) == ["a" * 4097, ""]
    crowded = talk(*say("word " * 2000, "twice", "twice"))

    def holds(one):
        return len(said(one)) == 3 and len(said(one)[0]) > 9000 and said(one)[1] == said(one)[2] != ""

    small = shrinking(crowded, holds)
    assert said(small) == ["a" * 9001, "a", "a"]


def test_a_number_in_two_messages_says_nothing_of_paths(shrinking, said):
    scenario = room(
        Send(0, "json", '{"id":17}'), Send(0, "json", '[{"id":17}]'), Send(0, "bytes", b"17"), query="id=17"
    )

    def holds(one):
        texts = said(one)
        return len(texts) == 3 and "17" not in texts[0] and "id" in texts[0] and texts[0].strip("[]") in texts[1]

    def start(one):
        return one == scenario or holds(one)

    assert len(said(shrinking(scenario, start))) == 3
