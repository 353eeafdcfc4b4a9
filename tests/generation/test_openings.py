"""What a search tries in any case: silence, every configured close code, every offer of subprotocols."""

from __future__ import annotations

from wsreplay.generation import Options, openings
from wsreplay.model import Client, Close, Connect, Endpoint, Route, Scenario, Send

FIRST = Scenario(
    "/ws", (Client("/ws", "a=1"), Client("/ws")), (Connect(0), Send(0, "text", "hi"), Send(0, "text", "x"))
)
SILENT = Scenario("/ws", (Client("/ws"),), (Connect(0),))


def test_the_first_is_a_client_that_says_nothing():
    assert openings(Endpoint(Route("/ws")), Options(), FIRST)[0] == Scenario(
        "/ws", (Client("/ws", "a=1"),), (Connect(0),)
    )


def test_every_code_is_tried_by_a_client_that_has_said_nothing_and_by_one_that_has():
    made = openings(Endpoint(Route("/ws")), Options(close_codes=(1000, 4000)), FIRST)[1:]
    assert [one.steps for one in made] == [
        (
            Connect(0),
            Close(0, 1000),
            Connect(1),
            Send(1, "text", "hi"),
            Close(1, 1000),
            Connect(2),
            Close(2, 4000),
        ),
        (Connect(0), Send(0, "text", "hi"), Close(0, 4000)),
    ]
    assert {client for one in made for client in one.clients} == {Client("/ws", "a=1")}


def test_without_a_message_each_code_is_tried_once():
    made = openings(Endpoint(Route("/ws")), Options(close_codes=(1000, 4000)), SILENT)[1:]
    assert [one.steps for one in made] == [(Connect(0), Close(0, 1000), Connect(1), Close(1, 4000))]


def test_without_a_code_the_usual_one_is_tried():
    made = openings(Endpoint(Route("/ws")), Options(close_codes=()), SILENT)[1:]
    assert [one.steps for one in made] == [(Connect(0), Close(0, 1000))]


def test_every_offer_of_subprotocols_is_made():
    route = Route("/ws", subprotocols=("v1", "v2"))
    made = openings(Endpoint(route), Options(max_clients=1, close_codes=(1000,)), SILENT)[1:]
    offers = [client.subprotocols for one in made for client in one.clients]
    assert offers == [("v1",), ("v2",), ("v1", "v2"), (), ("unknown.v0",)]
    alone = openings(Endpoint(Route("/ws", subprotocols=("v1",))), Options(), SILENT)[1:]
    assert [client.subprotocols for one in alone for client in one.clients] == [("v1",), (), ("unknown.v0",)]
