"""Comparing a replay with its record: what counts under each way of matching."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsreplay.comparing import difference, first_difference
from wsreplay.model import Accepted, Closed, Denied, Ended, Frame, Message, Opened, Raised, Transcript

OPENED = (Opened(0.0, 0, 0), Accepted(0.0, 0, 0))
LEFT = Ended(0.0, 1, 0, "disconnected")


def reply(data: str | bytes, at: float = 0.0, client: int = 0) -> Message:
    return Message(at, 1, client, "app", "bytes" if isinstance(data, bytes) else "text", data)


def transcript(*events: object) -> Transcript:
    return Transcript((*OPENED, *events))  # type: ignore[arg-type]


@pytest.mark.parametrize("match", ["close", "shape", "exact"])
def test_a_transcript_equals_itself_under_every_match(match):
    one = transcript(reply('{"a": [1, 2, {"b": null}]}'), reply(b"\x00"), LEFT)
    assert difference(one, one, match) == ""


def test_close_cares_only_for_how_the_handlers_ended():
    before = transcript(reply("hello"), LEFT)
    assert difference(before, transcript(reply("other"), reply("more"), LEFT), "close") == ""
    now = transcript(Closed(0.0, 1, 0, "app", 1008), Ended(0.0, 1, 0, "closed", 1008))
    assert difference(before, now, "close") == (
        "event 1: recorded client 0: disconnected, now client 0: closed with 1008"
    )


def test_close_does_not_care_in_which_order_several_clients_end():
    first, second = Ended(0.0, 1, 0, "disconnected"), Ended(0.0, 1, 1, "closed", 1000)
    assert difference(Transcript((first, second)), Transcript((second, first)), "close") == ""


def test_shape_cares_for_keys_and_types_of_replies_but_not_for_their_values():
    before = transcript(reply('{"id": 17, "names": ["a"]}'), LEFT)
    assert difference(before, transcript(reply('{"names": ["b", "c"], "id": 2.5}'), LEFT), "shape") == ""
    assert "names:str" in difference(before, transcript(reply('{"id": 1, "names": "a"}'), LEFT), "shape")
    assert "bytes" in difference(before, transcript(reply(b"{}"), LEFT), "shape")
    assert "text" in difference(before, transcript(reply("{"), LEFT), "shape")


def test_shape_tells_booleans_nulls_and_numbers_apart():
    before = transcript(reply("[true, null, 1]"))
    assert difference(before, transcript(reply("[false, null, 7, true]")), "shape") == ""
    assert difference(before, transcript(reply("[1]")), "shape") != ""


def test_shape_cares_for_the_subprotocol_and_for_a_denial():
    before = Transcript((Accepted(0.0, 0, 0, "chat"),))
    assert "accepted chat" in difference(before, Transcript((Accepted(0.0, 0, 0, None),)), "shape")
    assert "denied with 403" in difference(before, Transcript((Denied(0.0, 0, 0, 403),)), "shape")


def test_shape_of_very_deep_json_ends_somewhere():
    deep = "[" * 5000 + "]" * 5000
    assert difference(transcript(reply(deep)), transcript(reply("[" * 4000 + "]" * 4000)), "shape") in {
        "",
        "event 2: recorded client 0: reply text, now client 0: reply [[[[[[[[[[[[...]]]]]]]]]]]]",
    }


def test_exact_cares_for_values_and_for_the_time():
    before = transcript(reply("a", at=1.0), LEFT)
    assert "data='b'" in difference(before, transcript(reply("b", at=1.0), LEFT), "exact")
    assert difference(before, transcript(reply("a", at=2.0), LEFT), "exact") != ""


def test_exact_does_not_care_for_line_numbers():
    def crash(line: int) -> Transcript:
        frames = (Frame("app.py", line, "handler"),)
        return transcript(Ended(0.0, 1, 0, "raised", None, Raised("KeyError", "'a'", frames=frames)))

    assert difference(crash(10), crash(12), "exact") == ""


def test_what_is_missing_and_what_is_more_is_named():
    short, long = transcript(LEFT), transcript(LEFT, Ended(0.0, 1, 1, "returned"))
    assert difference(long, short, "close") == "recorded client 1: returned, now nothing more"
    assert difference(short, long, "close") == "now client 1: returned, recorded nothing more"


def test_the_first_difference_of_two_runs_is_the_exact_one():
    assert "data='b'" in first_difference(transcript(reply("a")), transcript(reply("b")))
    assert first_difference(transcript(), transcript()) == "only their findings differ"
    assert first_difference(None, transcript()) == "one of them gave no transcript"


@given(st.text(), st.text())
def test_texts_that_are_no_json_have_one_shape(one, other):
    before, now = transcript(reply("~" + one)), transcript(reply("~" + other))
    assert difference(before, now, "shape") == ""


def test_shape_does_not_look_below_its_depth():
    def nested(bottom: str) -> Transcript:
        return transcript(reply('{"a":' * 20 + bottom + "}" * 20), LEFT)

    assert difference(nested("1"), nested('"one"'), "shape") == ""
    assert difference(nested("1"), nested('"one"'), "exact") != ""
