"""The bundled demo app: what each of its routes is for, and the smallest scenario that shows each of its bugs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wsreplay import demo
from wsreplay.checks import Options, judge
from wsreplay.model import Client, Close, Connect, Drop, Limits, Message, Profile, Scenario, Send, Wait
from wsreplay.simulation import Simulation
from wsreplay.sources import Sources


@pytest.fixture
def run():
    """Run steps against the demo app, whose rooms are empty before and after."""
    demo.rooms.clear()
    simulation = Simulation(demo.app, Sources(Path(demo.__file__).parent), Limits(block=5.0))
    simulation.start()

    def perform(path, *steps, clients=1):
        peers = tuple(Client(path) for _ in range(clients))
        connected = tuple(Connect(number) for number in range(clients))
        scenario = Scenario(path, peers, (*connected, *steps), Profile())
        transcript = simulation.run(scenario)
        said = [(one.client, one.data) for one in transcript.events if type(one) is Message and one.origin == "app"]
        found = [(one.check, one.exception) for one in judge(scenario, transcript, Options())]
        return said, found, transcript

    yield perform
    simulation.stop()
    demo.rooms.clear()


def text(data, client=0):
    return Send(client, "text", data)


def order(**fields):
    return Send(0, "json", json.dumps(fields))


# --- what the routes are for -----------------------------------------------------------------------------------------


def test_everybody_in_a_room_hears_what_is_said_there(run):
    said, found, _ = run("/chat/tea", text("hello", 1), text("/leave", 1), text("/leave", 0), clients=2)
    heard = [(client, json.loads(data)["text"]) for client, data in said]
    assert heard == [(0, "somebody joined"), (0, "somebody joined"), (1, "somebody joined"), (0, "hello"), (1, "hello")]
    assert found == []


def test_the_order_desk_prices_orders_and_answers_questions(run):
    said, found, _ = run(
        "/shop/orders",
        order(action="place", item="tea", quantity=2),
        order(action="price", item="cocoa"),
        order(action="place", item="tea"),
        text("tea, please"),
        text("[]"),
    )
    assert [json.loads(data) for _, data in said] == [
        {"status": "placed", "total": 640, "each": 320},
        {"price": 480},
        {"error": "no such item, or no quantity"},
        {"error": "not JSON"},
        {"error": "not an object"},
    ]
    assert found == []


def test_an_unknown_action_ends_the_conversation(run):
    _, found, transcript = run("/shop/orders", order(action="steal"))
    assert (transcript.events[-1].cause, transcript.events[-1].code) == ("closed", 1008)
    assert found == []


def test_the_ticker_sends_a_price_five_times_or_until_it_is_stopped(run):
    said, found, _ = run("/shop/ticker", text("watch tea 2"), Wait(20), text("stop"), text("hm"))
    assert [data for _, data in said] == ["tea 320"] * 5 + ["usage: watch ITEM SECONDS | stop"]
    assert found == []
    said, found, _ = run("/shop/ticker", text("watch cocoa 10"), Wait(15), text("stop"), Wait(60))
    assert [data for _, data in said] == ["cocoa 480"] * 2
    assert found == []


def test_the_ticker_forgets_its_tasks_when_the_client_leaves(run):
    assert run("/shop/ticker", text("watch coffee 10"), Close(0))[1] == []


def test_a_picture_arrives_in_parts(run):
    parts = [b"\x00\x00\x00\x05", b"abc", b"de", b""]
    said, found, transcript = run("/upload", *[Send(0, "bytes", part) for part in parts])
    assert said == [(0, "5 bytes")]
    assert (transcript.events[-1].cause, found) == ("closed", [])


def test_a_client_may_leave_in_the_middle_of_a_picture(run):
    assert run("/upload", Send(0, "bytes", b"\x00\x00\x00\x05"), Drop(0))[1] == []


# --- its bugs --------------------------------------------------------------------------------------------------------


def test_a_word_in_a_room_that_somebody_left_without_goodbye_ends_the_speaker(run):
    _, found, _ = run("/chat/tea", Drop(0), text("hello", 1), clients=2)
    assert ("handler_crash", "WebSocketDisconnect") in found


@pytest.mark.parametrize(
    ("fields", "exception"),
    [
        ({"action": "price", "item": "milk"}, "KeyError"),
        ({"action": "price"}, "KeyError"),
        ({"action": "place", "item": "tea", "quantity": 0}, "ZeroDivisionError"),
    ],
)
def test_an_order_that_its_author_did_not_think_of_ends_the_handler(run, fields, exception):
    assert run("/shop/orders", order(**fields))[1] == [("handler_crash", exception)]


def test_an_action_too_long_to_repeat_cannot_be_a_close_reason(run):
    found = run("/shop/orders", order(action="x" * 200))[1]
    assert "protocol_violation" in [check for check, _ in found]


def test_an_item_that_cannot_be_a_key_ends_the_handler(run):
    assert run("/shop/orders", order(action="price", item=[]))[1] == [("handler_crash", "TypeError")]


def test_a_ticker_with_a_word_for_a_number_dies_unseen(run):
    assert run("/shop/ticker", text("watch tea soon"))[1] == [("background_task_crash", "ValueError")]


def test_a_picture_with_a_short_header_ends_the_handler(run):
    assert run("/upload", Send(0, "bytes", b"\x00"))[1] == [("handler_crash", "error")]


def test_a_picture_that_ends_before_its_size_is_waited_for_for_ever(run):
    found = run("/upload", Send(0, "bytes", b"\x00\x00\x00\x05"), Send(0, "bytes", b""))[1]
    assert "hang" in [check for check, _ in found]


def test_text_where_bytes_are_expected_ends_the_handler(run):
    assert run("/upload", text("picture"))[1] == [("handler_crash", "KeyError")]
