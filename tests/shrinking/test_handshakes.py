"""Clients introduce themselves with as little as will do."""

from __future__ import annotations

import pytest

from wsreplay.model import Client, Connect, Scenario, Send

TALKATIVE = Client(
    "/ws/42",
    "token=secret&page=17&x",
    (("cookie", "session=abc; theme=dark"), ("origin", "https://example.org"), ("x-key", "{{KEY}}")),
    ("chat", "superchat"),
)


def alone(client, route="/ws/{id}"):
    return Scenario(route, (client,), (Connect(0),))


def test_what_is_not_needed_is_not_said(shrinking):
    small = shrinking(alone(TALKATIVE), lambda scenario: True)
    assert small.clients == (Client("/ws/a"),)
    assert shrinking.calls < 10


@pytest.mark.parametrize(
    ("needed", "simplest"),
    [
        (lambda client: "superchat" in client.subprotocols, Client("/ws/a", subprotocols=("superchat",))),
        (lambda client: "page=" in client.query, Client("/ws/a", "page=")),
        (lambda client: "page=1" in client.query, Client("/ws/a", "page=1")),
        (lambda client: "x" in client.query.split("&"), Client("/ws/a", "x")),
        (
            lambda client: any("theme=" in value for _, value in client.headers),
            Client("/ws/a", headers=(("cookie", "theme="),)),
        ),
        (lambda client: ("x-key", "{{KEY}}") in client.headers, Client("/ws/a", headers=(("x-key", "{{KEY}}"),))),
        (
            lambda client: any(name == "origin" for name, _ in client.headers),
            Client("/ws/a", headers=(("origin", ""),)),
        ),
        (lambda client: client.path.rpartition("/")[2].isdigit(), Client("/ws/0")),
        (lambda client: int("0" + client.path.rpartition("/")[2]) > 9, Client("/ws/10")),
    ],
)
def test_what_is_needed_stays_and_is_simple(shrinking, needed, simplest):
    def holds(scenario: Scenario) -> bool:
        try:
            return bool(needed(scenario.clients[0]))
        except ValueError:
            return False

    assert shrinking(alone(TALKATIVE), holds).clients == (simplest,)


def test_a_credential_in_a_query_is_left_alone(shrinking):
    client = Client("/ws", "token={{TOKEN}}&page=3")
    small = shrinking(alone(client, "/ws"), lambda scenario: "token" in scenario.clients[0].query)
    assert small.clients[0].query == "token={{TOKEN}}"


def test_an_identifier_becomes_the_one_without_content(shrinking):
    path = "/ws/6f9619ff-8b86-d011-b42d-00c04fc964ff"

    def holds(scenario: Scenario) -> bool:
        return len(scenario.clients[0].path) == len(path) and scenario.clients[0].path.count("-") == 4

    small = shrinking(alone(Client(path)), holds)
    assert small.clients[0].path == "/ws/00000000-0000-0000-0000-000000000000"


def test_clients_that_went_to_one_room_still_do(shrinking):
    clients = (Client("/ws/lobby"), Client("/ws/lobby"), Client("/ws/garden"))
    steps = (*map(Connect, range(3)), *(Send(number, "text", "x") for number in range(3)))

    def holds(scenario: Scenario) -> bool:
        paths = [client.path for client in scenario.clients]
        return len(paths) == 3 and paths[0] == paths[1]

    small = shrinking(Scenario("/ws/{room}", clients, steps), holds)
    assert [client.path for client in small.clients] == ["/ws/a", "/ws/a", "/ws/a"]


def test_a_path_that_is_not_the_route_s_is_left_alone(shrinking):
    small = shrinking(alone(Client("/elsewhere")), lambda scenario: True)
    assert small.clients == (Client("/elsewhere"),)


def test_clients_of_two_routes_stay_in_one_place(shrinking):
    clients = (Client("/lobby/chat/7"), Client("/lobby/watch/7"), Client("/lobby/watch/9"))
    steps = (*map(Connect, range(3)), *(Send(number, "text", "x") for number in range(3)))

    def holds(scenario: Scenario) -> bool:
        parts = [client.path.split("/") for client in scenario.clients]
        routes = [part[2] for part in parts]
        return routes == ["chat", "watch", "watch"] and len({part[1] for part in parts}) == 1 and parts[2][3] == "9"

    small = shrinking(Scenario("/{town}/chat/{seat}", clients, steps), holds)
    assert [client.path for client in small.clients] == ["/a/chat/a", "/a/watch/a", "/a/watch/9"]


def test_a_client_of_another_route_is_let_go_where_it_is_not_needed(shrinking):
    clients = (Client("/a/watch"), Client("/a/chat/1"))
    steps = (Connect(0), Connect(1), Send(0, "text", "x"), Send(1, "text", "x"))
    small = shrinking(Scenario("/{town}/chat/{seat}", clients, steps), lambda one: "chat" in str(one.clients))
    assert [client.path for client in small.clients] == ["/a/chat/a"]


def test_of_two_clients_only_one_says_what_is_needed(shrinking):
    clients = (TALKATIVE, TALKATIVE)
    steps = (Connect(0), Connect(1))

    def holds(scenario: Scenario) -> bool:
        return len(scenario.clients) == 2 and any("superchat" in client.subprotocols for client in scenario.clients)

    small = shrinking(Scenario("/ws/{id}", clients, steps), holds)
    assert sorted(client.subprotocols for client in small.clients) == [(), ("superchat",)]
    assert {client.headers for client in small.clients} == {()}
