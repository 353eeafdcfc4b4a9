"""Scenarios are well formed whatever is drawn, varied, and the same for the same seed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from wsreplay.errors import ConfigError
from wsreplay.generation import Options, scenarios
from wsreplay.generation.dice import BLOCK_SIZE
from wsreplay.model import (
    Client,
    Close,
    Connect,
    Drop,
    Endpoint,
    Parameter,
    Pause,
    Resume,
    Route,
    Scenario,
    Send,
    Wait,
)
from wsreplay.protocol import MAX_REASON_BYTES, legal_close_code

CHAT = Endpoint(Route("/chat/{room}", parameters=(Parameter("room"),)))


def drawn(endpoint: Endpoint, options: Options, samples: Sequence[Scenario] = (), count: int = 1000) -> list[Scenario]:
    """`count` scenarios as a fuzzing run draws them."""
    found: list[Scenario] = []

    @seed(7)
    @settings(database=None, phases=[Phase.generate], deadline=None, max_examples=count)
    @given(scenarios(endpoint, options, samples))
    def collect(scenario: Scenario) -> None:
        found.append(scenario)

    collect()
    return found


@cache
def usual_run() -> tuple[Scenario, ...]:
    """What a run with default options draws; scenarios are frozen, so the tests may share it."""
    return tuple(drawn(CHAT, Options(), count=1500))


def broken_rules(scenario: Scenario, options: Options) -> list[str]:
    """Everything that is wrong with a scenario, in words; empty for a well-formed one."""
    problems: list[str] = []

    def require(holds: bool, rule: str) -> None:
        if not holds:
            problems.append(rule)

    connected: set[int] = set()
    gone: set[int] = set()
    paused: set[int] = set()
    for step in scenario.steps:
        if isinstance(step, Wait):
            require(0 < step.seconds <= 86400, f"{step} is no sensible wait")
            continue
        if isinstance(step, Connect):
            require(step.client not in connected, f"{step} connects twice")
            connected.add(step.client)
            continue
        require(step.client in connected, f"{step} comes before its connect")
        require(step.client not in gone, f"{step} comes after its client left")
        if isinstance(step, Pause):
            require(step.client not in paused, f"{step} while paused")
            paused.add(step.client)
        elif isinstance(step, Resume):
            require(step.client in paused, f"{step} while reading")
            paused.discard(step.client)
        elif isinstance(step, Close):
            gone.add(step.client)
            require(step.code is None or legal_close_code(step.code), f"{step} has an illegal code")
            require(step.code is not None or not step.reason, f"{step} has a reason but no code")
            require(len(step.reason.encode()) <= MAX_REASON_BYTES, f"{step} has too long a reason")
        elif isinstance(step, Drop):
            gone.add(step.client)
        else:
            data = step.data
            require(isinstance(data, bytes) == (step.kind == "bytes"), f"{step} carries what its kind does not")
            size = len(data if isinstance(data, bytes) else data.encode())
            require(size <= options.max_message_size, f"{step.kind} of {size} bytes is too big")
    require(connected == set(range(len(scenario.clients))), "not every client connects")
    require(1 <= len(scenario.clients) <= options.max_clients, "too many clients, or none")
    require(scenario.messages <= options.max_messages, "too many messages")
    for client in scenario.clients:
        require(client.path.startswith("/"), f"{client.path!r} is no path")
        client.path.encode()
        client.query.encode("ascii")
        require(client.headers[: len(options.headers)] == options.headers, "the configured headers are missing")
    return problems


SAMPLES = (
    Scenario(
        "/chat/{room}",
        (Client("/chat/a"), Client("/chat/b", headers=(("X-Token", "old"), ("x-own", "1")))),
        (
            Connect(0),
            Send(0, "json", '{"type": "join", "users": [{"name": "ann"}, {"name": "bob"}]}'),
            Connect(1),
            Pause(1),
            Send(1, "text", "/nick bob"),
            Send(1, "bytes", b"\x00\x01"),
            Wait(5.0),
            Close(0, 1001),
            Resume(1),
            Drop(1),
        ),
    ),
    Scenario("/chat/{room}", (Client("/chat/c"),), (Connect(0),)),
    Scenario("/chat/{room}", (Client("/chat/c"),), (Connect(0), Send(0, "json", "{broken"), Send(0, "json", "{}"))),
    Scenario("/chat/{room}", (), ()),
    Scenario("/other", (Client("/other"),), (Connect(0), Send(0, "text", "from another route"))),
)


@st.composite
def any_options(draw: Callable[..., object]) -> Options:
    """Options of every sensible size."""
    integers: Callable[[int, int], object] = lambda low, high: draw(st.integers(low, high))  # noqa: E731
    return Options(
        max_messages=integers(1, 30),  # type: ignore[arg-type]
        max_clients=integers(1, 5),  # type: ignore[arg-type]
        max_message_size=draw(st.sampled_from((0, 1, 2, 5, 100, 65536))),  # type: ignore[arg-type]
        close_codes=draw(st.sampled_from(((), (1000,), (1000, 1001), (4999,)))),  # type: ignore[arg-type]
        headers=draw(st.sampled_from(((), (("x-token", "{token}"),)))),  # type: ignore[arg-type]
    )


@settings(database=None, deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), any_options(), st.booleans())
def test_every_scenario_is_well_formed_for_any_options_and_samples(
    data: st.DataObject, options: Options, mutated: bool
) -> None:
    strategy = scenarios(CHAT, options, SAMPLES if mutated else ())
    for _ in range(4):
        assert broken_rules(data.draw(strategy), options) == []


def test_the_checker_of_rules_sees_what_is_broken() -> None:
    broken = Scenario(
        "/chat/{room}",
        (Client("no/path"), Client("/b"), Client("/c"), Client("/d")),
        (
            Send(0, "text", b"bytes"),
            Connect(0),
            Connect(0),
            Resume(0),
            Pause(0),
            Pause(0),
            Close(0, 1005, "x" * 124),
            Drop(0),
            Wait(0.0),
            Connect(1),
            Close(1, None, "why"),
            Send(1, "text", "too long"),
        ),
    )
    found = " | ".join(broken_rules(broken, Options(max_messages=1, max_message_size=5, headers=(("a", "b"),))))
    for rule in ("before its connect", "connects twice", "while paused", "illegal code", "too long a reason"):
        assert rule in found
    for rule in (
        "after its client left",
        "no sensible wait",
        "no code",
        "kind does not",
        "too big",
        "not every client",
    ):
        assert rule in found
    for rule in ("too many clients", "too many messages", "no path", "headers are missing", "while reading"):
        assert rule in found


def test_hypothesis_first_tries_one_client_that_says_hello() -> None:
    first = drawn(CHAT, Options(), count=1)[0]
    assert first == Scenario(
        "/chat/{room}", (Client("/chat/a"),), (Connect(0), Send(0, "text", "hello")), first.profile
    )
    assert first.profile.sends == "immediate"


def test_scenarios_of_one_seed_do_not_depend_on_the_order_of_hashes(tmp_path: Path) -> None:
    program = """
import hashlib
from hypothesis import Phase, given, seed, settings
from wsreplay.generation import Options, scenarios
from wsreplay.model import Endpoint, Route

KINDS = {"alpha", "beta", "gamma", "delta", "epsilon"}

async def handler(ws):
    data = await ws.receive_json()
    data["kind"] in KINDS

seen = hashlib.sha256()

@seed(11)
@settings(database=None, phases=[Phase.generate], deadline=None, max_examples=60)
@given(scenarios(Endpoint(Route("/ws"), handler), Options()))
def collect(scenario):
    seen.update(repr(scenario).encode("ascii", "backslashreplace"))

collect()
print(seen.hexdigest())
"""
    script = tmp_path / "script.py"
    script.write_text(program)
    seen = {
        subprocess.run(
            [sys.executable, script],
            env={"PYTHONHASHSEED": hashes, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for hashes in ("1", "2")
    }
    assert len(seen) == 1


def test_two_runs_with_one_seed_draw_the_same_scenarios() -> None:
    assert drawn(CHAT, Options(), SAMPLES, 200) == drawn(CHAT, Options(), SAMPLES, 200)


def test_every_kind_of_step_and_message_turns_up() -> None:
    found = usual_run()
    steps = [step for scenario in found for step in scenario.steps]
    assert {type(step) for step in steps} == {Connect, Send, Wait, Close, Drop, Pause, Resume}
    assert {step.kind for step in steps if isinstance(step, Send)} == {"text", "json", "bytes"}
    assert {scenario.profile.sends for scenario in found} == {"immediate", "suspend"}
    codes = Counter(step.code for step in steps if isinstance(step, Close))
    assert {None, 1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999} <= set(codes)
    assert codes[1000] + codes[1001] > sum(codes.values()) / 3


def test_lengths_and_crowds_are_spread_over_what_is_allowed() -> None:
    found = drawn(CHAT, Options(max_messages=6, max_clients=3))
    lengths = Counter(scenario.messages for scenario in found)
    assert set(lengths) == set(range(7))
    assert lengths[0] < len(found) / 10
    crowds = Counter(len(scenario.clients) for scenario in found)
    assert set(crowds) == {1, 2, 3}
    assert crowds[1] > len(found) / 2
    assert {len(scenario.clients) for scenario in drawn(CHAT, Options(max_clients=1), count=300)} == {1}


def test_scenarios_are_varied() -> None:
    found = usual_run()
    assert len(set(found)) > 0.95 * len(found)


def test_clients_come_together_later_and_one_after_another() -> None:
    orders = set()
    for scenario in usual_run():
        if len(scenario.clients) == 2:
            second = scenario.steps.index(Connect(1))
            before = {type(step) for step in scenario.steps[1:second]}
            orders.add("left" if before & {Close, Drop} else "spoke" if Send in before else "together")
    assert orders == {"together", "spoke", "left"}


@pytest.mark.parametrize(
    "wanted",
    ["", " ", "\x00", "@#$%^&*()", '{"array": [1, 2, 3], "boolean": true, "null": null}', "NaN", b"", b"\xff\xfe\xfd"],
)
def test_the_edge_cases_turn_up_in_a_run(wanted: str | bytes) -> None:
    steps = [step for scenario in usual_run() for step in scenario.steps]
    assert any(wanted in step.data for step in steps if isinstance(step, Send) and isinstance(step.data, type(wanted)))


def test_hostile_json_turns_up_in_a_run() -> None:
    texts = {
        step.data
        for scenario in usual_run()
        for step in scenario.steps
        if isinstance(step, Send) and isinstance(step.data, str) and step.kind == "json"
    }
    assert any("\\ud8" in text for text in texts)
    assert any("9" * 40 in text for text in texts)
    assert any(text.startswith("[" * 200) for text in texts)
    assert '{"a": 1, "a": 2}' in texts
    assert {_is_json(text) for text in texts} == {True, False}


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def test_messages_of_the_greatest_size_turn_up_now_and_then() -> None:
    sizes = Counter(
        len(step.data)
        for scenario in drawn(CHAT, Options(max_message_size=9000))
        for step in scenario.steps
        if isinstance(step, Send)
    )
    assert 0 < sizes[9000] + sizes[8999] < 100


def test_options_that_bound_nothing_are_refused() -> None:
    with pytest.raises(ConfigError, match="max_messages must be at least 1, but is 0"):
        Options(max_messages=0)
    with pytest.raises(ConfigError, match="max_clients"):
        Options(max_clients=0)
    with pytest.raises(ConfigError, match="max_message_size"):
        Options(max_message_size=-1)


def test_the_block_is_longer_than_the_byte_strings_that_hypothesis_takes_from_local_files() -> None:
    # Otherwise a seed's scenarios would depend on whether this package lies among the installed ones.
    assert BLOCK_SIZE > 50


def test_about_one_in_five_scenarios_is_a_mutation_of_a_sample() -> None:
    found = drawn(CHAT, Options(), SAMPLES)
    mutated = sum(
        1 for scenario in found if scenario.clients[0].path in ("/chat/b", "/chat/c") or _from_sample(scenario)
    )
    assert 0.1 < mutated / len(found) < 0.3
    assert not any("another route" in repr(scenario) for scenario in found)


def _from_sample(scenario: Scenario) -> bool:
    return any(isinstance(step, Send) and "join" in str(step.data) for step in scenario.steps)
