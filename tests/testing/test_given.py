"""Hypothesis tests over scenarios: ordinary ones, in every respect."""

from __future__ import annotations

import pytest
from hypothesis import Phase, example, given, seed, settings
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from wsreplay.errors import ConfigError, RouteError
from wsreplay.model import Client, Connect, Scenario, Send, Transcript
from wsreplay.testing import LiveTarget, Result, scenarios, scenarios_of


async def limit(websocket):
    """Breaks on texts of more than fifty characters."""
    await websocket.accept()
    async for text in websocket.iter_text():
        if len(text) > 50:
            raise ValueError(text)
        await websocket.send_text(text)


def texts_only(transcript: Transcript) -> bool:
    return all(getattr(event, "kind", "text") != "bytes" for event in transcript.events)


@pytest.fixture
def app() -> Starlette:
    return Starlette(routes=[WebSocketRoute("/limit/{room}", limit)])


def test_what_a_test_asks_for_by_name_it_gets(app):
    seen = []

    @settings(max_examples=5, database=None, deadline=None)
    @scenarios(app, "/limit/{room}", max_messages=2)
    def check(scenario, transcript, result):
        seen.append(scenario)
        assert isinstance(result, Result)
        assert (result.scenario, result.transcript) == (scenario, transcript)
        assert scenario.messages <= 2

    check()
    assert len(seen) == 5


def test_a_test_of_scenarios_alone_runs_none():
    async def never(scope, receive, send):
        raise AssertionError("it was called")

    @settings(max_examples=3, database=None, deadline=None)
    @scenarios(LiveTarget(never, paths=("/ws",)), "/ws")
    def check(scenario):
        assert scenario.route == "/ws"

    check()


def test_a_failing_example_is_shrunk_to_its_essence(app):
    failing = []

    @seed(2)
    @settings(max_examples=300, database=None, deadline=None, phases=(Phase.generate, Phase.shrink))
    @scenarios(app, "/limit/{room}")
    def check(result):
        if texts_only(result.transcript) and result.failures:
            failing.append(result.scenario)
            result.assert_no_failures()

    with pytest.raises(AssertionError, match="ValueError") as raised:
        check()
    smallest = failing[-1]
    assert [type(step) for step in smallest.steps] == [Connect, Send]
    assert len(smallest.steps[1].data) == 51
    assert "scenario=Scenario(route='/limit/{room}'" in "\n".join(raised.value.__notes__)


def test_the_same_seed_gives_the_same_scenarios(app):
    def drawn() -> list[Scenario]:
        seen: list[Scenario] = []

        @seed(3)
        @settings(max_examples=20, database=None, deadline=None)
        @scenarios(app, "/limit/{room}")
        def check(scenario):
            seen.append(scenario)

        check()
        return seen

    assert drawn() == drawn()


def test_an_example_is_tried_like_any_other(app):
    mine = Scenario("/limit/{room}", (Client("/limit/mine"),), (Connect(0), Send(0, "text", "x")))
    seen = []

    @settings(phases=(Phase.explicit,), deadline=None)
    @example(scenario=mine)
    @scenarios(app, "/limit/{room}")
    def check(result):
        seen.append(result.replies())

    check()
    assert seen == [["x"]]


def test_a_strategy_for_a_given_of_ones_own(app):
    target = LiveTarget(app)
    sample = Scenario("/limit/{room}", (Client("/limit/sample"),), (Connect(0), Send(0, "text", "x")))
    paths = set()

    @settings(max_examples=60, database=None, deadline=None)
    @given(scenarios_of(target, "/limit/{room}", [sample]))
    def check(scenario):
        paths.add(scenario.clients[0].path)

    check()
    assert "/limit/sample" in paths


def test_every_client_gives_the_configured_credentials(app):
    target = LiveTarget(app, auth="bearer:s3cret")
    seen = set()

    @settings(max_examples=20, database=None, deadline=None)
    @given(scenarios_of(target, "/limit/{room}"))
    def check(scenario):
        seen.update("authorization" in dict(client.headers) for client in scenario.clients)
        assert "s3cret" not in repr(scenario)

    check()
    assert seen == {True}


def test_a_test_that_asks_for_nothing_is_refused(app):
    with pytest.raises(ConfigError, match="asks for nothing"):

        @scenarios(app, "/limit/{room}")
        def check(unrelated):
            """Never run."""


def test_a_route_that_the_app_does_not_have_is_named_when_the_test_runs(app):
    @settings(database=None, deadline=None)
    @scenarios(app, "/limits")
    def check(scenario):
        """Never run."""

    with pytest.raises(RouteError, match="'/limits'"):
        check()
