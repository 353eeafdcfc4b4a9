"""Scenarios are well formed whatever is drawn, varied, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from wsreplay.generation import Options, scenarios
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


def drawn(endpoint: Endpoint, options: Options, samples: Sequence[Scenario] = (), count: int = 1500) -> list[Scenario]:
    """`count` scenarios as a fuzzing run draws them."""
    found: list[Scenario] = []

    @seed(7)
    @settings(database=None, phases=[Phase.generate], deadline=None, max_examples=count)
    @given(scenarios(endpoint, options, samples))
    def collect(scenario: Scenario) -> None:
        found.append(scenario)

    collect()
    return found


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
            paused.remove(step.client)
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
