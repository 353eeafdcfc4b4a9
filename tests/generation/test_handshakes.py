"""Clients open paths that route, mostly the same one, with what the handler asks for."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from urllib.parse import parse_qs

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from wsreplay.generation import Options
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.handshakes import Handshakes
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Asked, Knowledge, Shape
from wsreplay.generation.parameters import values_of
from wsreplay.model import Client, Parameter, Route

NOTHING = Knowledge()
DEFAULTS = Options()


def opened(
    route: Route, knowledge: Knowledge = NOTHING, options: Options = DEFAULTS, clients: int = 2, count: int = 400
) -> list[tuple[Client, ...]]:
    """The clients of many scenarios."""
    handshakes = Handshakes(route, options, knowledge)
    found: list[tuple[Client, ...]] = []

    @seed(3)
    @settings(database=None, phases=[Phase.generate], deadline=None, max_examples=count)
    @given(st.binary(min_size=BLOCK_SIZE, max_size=BLOCK_SIZE), st.data())
    def collect(block: bytes, data: st.DataObject) -> None:
        dice = Dice(block)
        found.append(handshakes.clients(dice, data.draw, clients, Speaker(knowledge, dice).answer))

    collect()
    return found


def test_a_path_without_parameters_is_opened_as_it_is() -> None:
    found = opened(Route("/ws", query="EIO=4&transport=websocket"), count=20)
    assert {client for clients in found for client in clients} <= {
        Client("/ws", "EIO=4&transport=websocket"),
        Client("/ws", "EIO=4&transport=websocket", subprotocols=("unknown.v0",)),
    }


def test_the_clients_of_a_scenario_mostly_meet_in_one_of_a_few_rooms() -> None:
    found = opened(Route("/chat/{room}", parameters=(Parameter("room"),)))
    met = sum(1 for one, two in found if one.path == two.path)
    assert 0.8 < met / len(found) < 1
    rooms = Counter(one.path for one, _ in found)
    usual = sum(rooms[path] for path in ("/chat/a", "/chat/1", "/chat/lobby", "/chat/alice"))
    assert 0.8 < usual / len(found) < 1


@pytest.mark.parametrize(
    ("converter", "pattern"),
    [
        ("str", "[^/]+"),
        ("int", "[0-9]+"),
        ("float", r"[0-9]+(\.[0-9]+)?"),
        ("uuid", "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"),
        ("path", ".*"),
        ("slug", "[-a-zA-Z0-9_]+"),
        ("string", "[^/]+"),
        ("of-a-framework-we-never-saw", "[^/]+"),
    ],
)
def test_usual_and_odd_values_route_and_wrong_ones_do_not(converter: str, pattern: str) -> None:
    values = values_of(Parameter("x", converter))
    assert values.usual
    for value in values.usual + values.odd:
        assert re.fullmatch(pattern, value, re.DOTALL), value
    for value in values.wrong:
        assert not re.fullmatch(pattern, value), value


@pytest.mark.parametrize("converter", ["date", "datetime", "time", "timedelta", "decimal"])
def test_litestar_takes_the_values_of_its_converters(converter: str) -> None:
    from litestar.routes.base import param_type_map, parsers_map

    parser = parsers_map.get(param_type_map[converter], param_type_map[converter])
    values = values_of(Parameter("x", converter))
    for value in values.usual + values.odd:
        parser(value)
    for value in values.wrong:
        with pytest.raises(Exception, match=r".*"):
            parser(value)


def test_uuids_are_uuids() -> None:
    for value in values_of(Parameter("x", "uuid")).usual:
        assert str(uuid.UUID(value)) == value


def test_wrong_values_are_rare_but_turn_up() -> None:
    found = opened(Route("/n/{n}", parameters=(Parameter("n", "int"),)))
    wrong = sum(1 for one, _ in found if not one.path[3:].isdigit())
    assert 0 < wrong < len(found) / 20


def test_a_pattern_is_met_by_what_is_at_hand_or_else_by_a_draw() -> None:
    fitting = values_of(Parameter("x", "regex", r"\w+"))
    assert fitting.usual[0] == "a"
    assert "a b" in fitting.wrong
    route = Route("/v/{x}", parameters=(Parameter("x", "regex", "[xyz]{3}q"),))
    for clients in opened(route, count=50):
        value = clients[0].path.removeprefix("/v/")
        assert re.fullmatch("[xyz]{3}q", value) or value in ("a", "1", "a b", "-")


def test_alternatives_are_all_taken_unescaped() -> None:
    values = values_of(Parameter("x", "enum", r"red|light\-blue|a\.b"))
    assert values.usual == ("red", "light-blue", "a.b")
    assert values.drawn is None


def test_a_pattern_that_does_not_compile_is_met_by_strings() -> None:
    assert values_of(Parameter("x", "regex", "(")).usual == ("a", "1", "lobby", "alice")


def test_a_place_without_a_declared_parameter_takes_strings() -> None:
    assert opened(Route("/x/{undeclared}"), count=1)[0][0].path == "/x/a"


def test_known_query_parameters_are_mostly_there_with_the_values_that_matter() -> None:
    knowledge = Knowledge(query=(Asked("role", Shape(constants=("admin", "guest"))), Asked("user name")))
    found = [parse_qs(one.query, keep_blank_values=True) for one, _ in opened(Route("/ws", query="v=1"), knowledge)]
    assert all(query["v"] == ["1"] for query in found)
    roles = Counter(query.get("role", ["-"])[0] for query in found)
    assert roles["admin"] + roles["guest"] > len(found) / 2
    assert 0 < roles["-"] < len(found) / 4
    assert any("user name" in query for query in found)
    alone = opened(Route("/ws"), knowledge, count=50)
    assert any(one.query.startswith("role=") for one, _ in alone)


def test_a_path_parameter_mostly_has_the_values_that_a_handler_compares_it_with() -> None:
    knowledge = Knowledge(
        path=(
            Asked("hall", Shape(constants=("north", "south"))),
            Asked("floor", Shape(numbers=(3,))),
            Asked("door", Shape(uses=("int",))),
        )
    )
    paths = [clients[0].path.split("/")[1:] for clients in opened(Route("/{hall}/{floor}/{door}"), knowledge)]
    assert sum(path[0] in ("north", "south") for path in paths) > len(paths) / 2
    assert {path[1] for path in paths} >= {"2", "3", "4"}
    assert "lobby" in {path[2] for path in paths}


def test_known_headers_follow_the_configured_ones_unless_they_are_the_handshakes_own() -> None:
    knowledge = Knowledge(
        headers=(
            Asked("X-Tenant", Shape(constants=("acme",))),
            Asked("host"),
            Asked("X-Token"),
            Asked("Sec-WebSocket-Key"),
        )
    )
    options = Options(headers=(("x-token", "{token}"),))
    found = [client.headers for clients in opened(Route("/ws"), knowledge, options) for client in clients]
    assert all(headers[0] == ("x-token", "{token}") for headers in found)
    assert {name for headers in found for name, _ in headers[1:]} == {"x-tenant"}
    assert any(("x-tenant", "acme") in headers for headers in found)
    assert any(len(headers) == 1 for headers in found)
    for headers in found:
        for _, value in headers:
            value.encode("latin-1")


def test_subprotocols_are_offered_alone_together_or_not_at_all() -> None:
    route = Route("/ws", subprotocols=("graphql-ws", "chat.v1"))
    offers = Counter(one.subprotocols for one, _ in opened(route, Knowledge(subprotocols=("chat.v1",))))
    assert set(offers) == {("graphql-ws",), ("chat.v1",), (), ("graphql-ws", "chat.v1"), ("unknown.v0",)}
    assert offers["graphql-ws",] + offers["chat.v1",] > sum(offers.values()) / 2
