"""Scenarios of Socket.IO servers."""

from __future__ import annotations

import json
import re

import pytest
import socketio

from wsreplay.discovery import discover
from wsreplay.generation import Author, Dice, Options, knowledge
from wsreplay.model import Send

PACKET = re.compile(r'42(?:(/[^,"]*),)?(\d*)(\[.*)', re.DOTALL)


@pytest.fixture
def server():
    return socketio.AsyncServer(async_mode="asgi")


@pytest.fixture
def endpoint(server):
    @server.event
    async def connect(sid, environ, auth=None):
        if auth and auth["token"] == "letmein":
            return

    @server.event
    async def join(sid, data):
        return data["seat"] + 1 if data["room"] == "tea" else None

    @server.on("*")
    async def anything(event, sid, *arguments):
        return event

    class Desk(socketio.AsyncNamespace):
        async def on_order(self, sid, item, number):
            return 10 // number if item == "cake" else None

    server.register_namespace(Desk("/desk"))
    server.on("builtin", len)
    (found,) = discover(socketio.ASGIApp(server))
    return found


def frames(endpoint, count=300, **options):
    author = Author(endpoint, Options(**options))
    for number in range(count):
        scenario = author.scenario(Dice.thrown(5, number), lambda strategy: None)
        yield scenario, [step.data for step in scenario.steps if isinstance(step, Send)]


def test_it_is_told_what_is_known_of_each_event(endpoint):
    told = "\n".join(knowledge(endpoint).describe())
    assert "event join\n  argument 1\n    room: one of 'tea'" in told
    assert "event order in /desk\n  argument 1: one of 'cake'\n  argument 2: int" in told


def test_clients_join_a_namespace_and_send_its_events(endpoint):
    events = []
    joined = orderly = 0
    for scenario, said in frames(endpoint, max_clients=1):
        assert scenario.clients[0].query == "EIO=4&transport=websocket"
        for place, data in enumerate(said):
            found = PACKET.fullmatch(data) if isinstance(data, str) else None
            if found is not None:
                joined += any(str(one).startswith(f"40{found[1] + ',' if found[1] else ''}") for one in said[:place])
                orderly += 1
                try:
                    events.append((found[1] or "/", *json.loads(found[3])))
                except ValueError:
                    continue
    assert joined > 0.7 * orderly
    names = {event[:2] for event in events if len(event) > 1 and isinstance(event[1], str)}
    assert {("/", "join"), ("/desk", "order"), ("/", "message")} <= names
    assert any(event[1:3] == ("order", "cake") for event in events)
    joins = [event[2] for event in events if event[1:2] == ("join",) and len(event) > 2]
    assert any(isinstance(one, dict) and one.get("room") == "tea" for one in joins)


def test_logins_acknowledgements_binary_events_and_odd_packets_turn_up(endpoint):
    said = [data for _, each in frames(endpoint, 600) for data in each]
    assert '40{"token": "letmein"}' in said
    assert any(re.match(r"42\d+\[", data) for data in said if isinstance(data, str))
    binary = [data for data in said if isinstance(data, str) and data.startswith("451-")]
    assert any('"join"' in data for data in binary)
    assert any(isinstance(data, bytes) for data in said)
    assert {"2", "41", "42[]"} & set(said)


def test_of_a_server_that_listens_to_nothing_the_protocol_is_tried(server):
    (found,) = discover(socketio.ASGIApp(server))
    said = [data for _, each in frames(found, 100) for data in each]
    assert said.count("40") > 30
    assert len(set(said)) > 30
