"""Whole scenarios of registered strategies: as they were drawn, made well formed, and refused where nothing fits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from wsreplay.errors import ConfigError
from wsreplay.generation import Options, register_message_strategy, register_scenario_strategy, scenarios
from wsreplay.generation.registry import forget_all, operations_for, registered_for
from wsreplay.model import Client, Close, Connect, Drop, Endpoint, Parameter, Route, Scenario, Send, Wait

ROUTE = Route("/game/{room}", parameters=(Parameter("room"),))


@pytest.fixture(autouse=True)
def empty_registry() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


def drawn(route: Route = ROUTE, count: int = 200) -> list[Scenario]:
    found: list[Scenario] = []

    @seed(5)
    @settings(
        database=None,
        phases=[Phase.generate],
        deadline=None,
        max_examples=count,
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios(Endpoint(route), Options()))
    def collect(scenario: Scenario) -> None:
        found.append(scenario)

    collect()
    return found


LOGIN = [{"login": "alice"}, "start", b"\x00", Wait(5), (1, "hi"), (1, [1]), Close(0, 4000), Drop(1)]


def test_most_scenarios_are_as_the_strategy_draws_them_with_clients_that_connect_by_themselves():
    register_scenario_strategy("/game/*", st.just(LOGIN))
    steps = (
        Connect(0),
        Send(0, "json", '{"login": "alice"}'),
        Send(0, "text", "start"),
        Send(0, "bytes", b"\x00"),
        Wait(5),
        Connect(1),
        Send(1, "text", "hi"),
        Send(1, "json", "[1]"),
        Close(0, 4000),
        Drop(1),
    )
    found = drawn()
    exact = [scenario for scenario in found if scenario.steps == steps]
    assert len(exact) > len(found) / 2
    assert all(len(scenario.clients) == 2 and scenario.route == ROUTE.path for scenario in exact)
    assert {scenario.profile.sends for scenario in exact} == {"immediate", "suspend"}
    assert any(client.path == "/game/a" for scenario in exact for client in scenario.clients)


def test_some_go_on_with_other_messages_before_anybody_leaves():
    register_scenario_strategy("/game/*", st.just(LOGIN))
    longer = [
        one
        for one in drawn()
        if len(one.steps) > 10 and one.steps[1:3] == (Send(0, "json", '{"login": "alice"}'), Send(0, "text", "start"))
    ]
    assert longer
    assert all(one.steps[-2:] == (Close(0, 4000), Drop(1)) for one in longer)


def test_other_routes_do_not_see_them():
    register_scenario_strategy("/game/*", st.just(["ours"]))
    assert all(Send(0, "text", "ours") not in one.steps for one in drawn(Route("/other"), 50))


def test_a_step_is_taken_as_it_is():
    register_scenario_strategy(
        "/ws", st.just([Connect(0), Send(0, "json", "{broken"), Send(0, "bytes", bytearray(b"a"))])
    )
    assert any(
        one.steps[:3] == (Connect(0), Send(0, "json", "{broken"), Send(0, "bytes", b"a"))
        for one in drawn(Route("/ws"), 30)
    )


def test_a_whole_scenario_will_do():
    mine = Scenario("/ws", (Client("/ws", "a=1"),), (Connect(0), Send(0, "text", "x" * 100_000)))
    register_scenario_strategy("/ws", st.just(mine))
    assert mine in drawn(Route("/ws"), 20)


def test_an_empty_list_is_a_client_that_connects():
    register_scenario_strategy("/ws", st.just([]))
    assert any(one.steps == (Connect(0),) for one in drawn(Route("/ws"), 20))


def test_registering_a_pattern_again_replaces():
    register_scenario_strategy("/ws", st.just(["old"]))
    register_scenario_strategy("/ws", st.just(["new"]))
    said = {step.data for one in drawn(Route("/ws"), 50) for step in one.steps if isinstance(step, Send)}
    assert "new" in said
    assert "old" not in said


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("text", "it is str, not a list"),
        ({"a": 1}, "it is dict, not a list"),
        (5, "it is int, not a list"),
        ([object()], "not JSON serializable"),
        (["\ud800"], "surrogates"),
        ([(0, "a", "b")], "a tuple is (number of the client, message)"),
        ([(-1, "a")], "a tuple is (number of the client, message)"),
        ([Close(-1)], "numbered from 0 on"),
        ([Drop(64)], "64 clients are the most"),
        (Scenario("/other", (Client("/other"),), (Connect(0),)), "a scenario of '/other'"),
    ],
)
def test_what_cannot_be_done_is_named_with_its_pattern(value, why):
    register_scenario_strategy("/w*", st.just(value))
    with pytest.raises(ConfigError) as raised:
        drawn(Route("/ws"), 20)
    assert why in raised.value.message
    assert "registered for '/w*'" in raised.value.message
    assert "lists of messages" in raised.value.hint


def test_something_that_is_no_strategy_is_refused():
    with pytest.raises(ConfigError, match="needs a Hypothesis strategy, but got \\['hello'\\]"):
        register_scenario_strategy("/ws", ["hello"])  # type: ignore[arg-type]


# --- GraphQL operations ----------------------------------------------------------------------------------------------


def test_an_operation_is_a_document_or_a_mapping():
    register_message_strategy("/graphql", "graphql", st.just("{ a }"))
    (registered,) = operations_for("/graphql")
    assert registered_for("/graphql") == ()
    assert registered.operation("{ a }") == '{"query": "{ a }"}'
    whole = {"query": "query($a: Int) { f(a: $a) }", "variables": {"a": 1}, "operationName": None}
    assert registered.operation(whole) == (
        '{"query": "query($a: Int) { f(a: $a) }", "variables": {"a": 1}, "operationName": null}'
    )


@pytest.mark.parametrize(
    "value", [5, {"variables": {}}, {"query": 1}, {"query": "{ a }", "variables": {1, 2}}, b"{ a }"]
)
def test_what_is_no_operation_is_named_with_its_pattern(value):
    register_message_strategy("/graphql", "graphql", st.just(value))
    with pytest.raises(ConfigError, match="the graphql strategy registered for '/graphql' drew") as raised:
        operations_for("/graphql")[0].operation(value)
    assert "a document as str" in raised.value.hint
    with pytest.raises(ConfigError):
        operations_for("/graphql")[0].payload(value)
