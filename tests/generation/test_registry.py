"""Registered strategies are used for the routes that they match, and may only draw what their kind carries."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from wsreplay.errors import ConfigError
from wsreplay.generation import Options, register_message_strategy, scenarios
from wsreplay.generation.registry import forget_all, registered_for
from wsreplay.model import Endpoint, Route, Send


@pytest.fixture(autouse=True)
def empty_registry() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


def sent(path: str, count: int = 300) -> list[tuple[str, str | bytes]]:
    found: list[tuple[str, str | bytes]] = []

    @seed(5)
    @settings(database=None, phases=[Phase.generate], deadline=None, max_examples=count)
    @given(scenarios(Endpoint(Route(path)), Options()))
    def collect(scenario) -> None:
        found.extend((step.kind, step.data) for step in scenario.steps if isinstance(step, Send))

    collect()
    return found


def test_most_messages_of_a_matching_route_come_from_the_registered_strategies() -> None:
    register_message_strategy(
        "/chat/*", "json", st.fixed_dictionaries({"type": st.sampled_from(["ours", "also ours"])})
    )
    register_message_strategy("/chat/{room}", "bytes", st.just(bytearray(b"our bytes")))
    found = sent("/chat/{room}")
    ours = [(kind, data) for kind, data in found if "ours" in str(data) or data == b"our bytes"]
    assert 0.75 < len(ours) / len(found) < 1
    assert {kind for kind, _ in ours} == {"json", "bytes"}
    assert json.loads(next(data for kind, data in ours if kind == "json"))["type"] in ("ours", "also ours")


def test_other_routes_do_not_see_them() -> None:
    register_message_strategy("/chat/*", "text", st.just("ours"))
    assert ("text", "ours") not in sent("/other", 100)


def test_text_is_sent_as_it_was_drawn() -> None:
    register_message_strategy("/ws", "text", st.just("ours"))
    assert ("text", "ours") in sent("/ws", 20)


def test_registering_again_replaces() -> None:
    register_message_strategy("/ws", "text", st.just("old"))
    register_message_strategy("/ws", "bytes", st.just(b"kept"))
    register_message_strategy("/ws", "text", st.just("new"))
    assert [(one.kind, one.strategy.example_value) for one in map(_Plain, registered_for("/ws"))] == [
        ("text", "new"),
        ("bytes", b"kept"),
    ]


class _Plain:
    """A registered strategy of one value, with that value."""

    def __init__(self, registered) -> None:
        self.kind = registered.kind
        self.strategy = self
        self.example_value = registered.strategy.value


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("text", b"bytes", "it is bytes"),
        ("text", "\ud800", "surrogates"),
        ("bytes", "text", "it is str"),
        ("json", {"a": object()}, "not JSON serializable"),
        ("json", {"a": {1, 2}}, "not JSON serializable"),
    ],
)
def test_a_value_that_its_kind_cannot_carry_is_named_with_its_pattern(kind, value, why) -> None:
    register_message_strategy("/chat/*", kind, st.just(value))
    with pytest.raises(ConfigError, match=why) as raised:
        registered_for("/chat/a")[0].payload(value)
    assert "'/chat/*'" in raised.value.message
    assert raised.value.hint.startswith("Make the strategy draw")


def test_a_long_value_is_shown_in_short() -> None:
    register_message_strategy("/ws", "bytes", st.just("x" * 1000))
    with pytest.raises(ConfigError) as raised:
        registered_for("/ws")[0].payload("x" * 1000)
    assert len(raised.value.message) < 250


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="'xml' was given for '/ws'"):
        register_message_strategy("/ws", "xml", st.text())  # type: ignore[arg-type]


def test_something_that_is_no_strategy_is_refused() -> None:
    with pytest.raises(ConfigError, match="needs a Hypothesis strategy, but got 'hello'"):
        register_message_strategy("/ws", "text", "hello")  # type: ignore[arg-type]
