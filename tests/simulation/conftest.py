"""Real apps on the real simulation: steps go in, the transcript comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wsreplay.model import Client, Connect, Limits, Message, Profile, Scenario, Transcript
from wsreplay.simulation import Simulation
from wsreplay.sources import Sources

HERE = Path(__file__).parent
LIMITS = Limits(block=5.0)


@pytest.fixture
def scenario() -> Callable[..., Scenario]:
    """Build a scenario from steps; clients that no step connects are connected first, in order."""

    def build(*steps: Any, clients: int | tuple[Client, ...] = 1, sends: Any = "immediate") -> Scenario:
        peers = tuple(Client("/") for _ in range(clients)) if isinstance(clients, int) else clients
        connected = {step.client for step in steps if isinstance(step, Connect)}
        first = tuple(Connect(number) for number in range(len(peers)) if number not in connected)
        return Scenario("/", peers, (*first, *steps), Profile(sends))

    return build


@pytest.fixture
def simulation() -> Iterator[Callable[..., Simulation]]:
    """Make simulations, not yet started; those that are made are stopped at the end of the test."""
    made: list[Simulation] = []

    def make(app: Any, limits: Limits = LIMITS, **options: Any) -> Simulation:
        made.append(Simulation(app, Sources(HERE), limits, **options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def run(simulation: Callable[..., Simulation], scenario: Callable[..., Scenario]) -> Callable[..., Transcript]:
    """Run steps against an app in a simulation of its own."""

    def perform(
        app: Any,
        *steps: Any,
        clients: int | tuple[Client, ...] = 1,
        sends: Any = "immediate",
        **options: Any,
    ) -> Transcript:
        one = simulation(app, **options)
        one.start()
        return one.run(scenario(*steps, clients=clients, sends=sends))

    return perform


@pytest.fixture
def events(run: Callable[..., Transcript]) -> Callable[..., list[Any]]:
    """Run steps against an app and keep the events of some classes."""

    def perform(*args: Any, only: Any = object, **options: Any) -> list[Any]:
        return [event for event in run(*args, **options).events if isinstance(event, only)]

    return perform


@pytest.fixture
def said(run: Callable[..., Transcript]) -> Callable[..., list[Any]]:
    """Run steps against an app and keep what the app said, as (client, data)."""

    def perform(*args: Any, **options: Any) -> list[Any]:
        transcript = run(*args, **options)
        return [(one.client, one.data) for one in transcript.events if type(one) is Message and one.origin == "app"]

    return perform
