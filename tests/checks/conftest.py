"""Real apps on the real simulation: a scenario is written as steps, the findings come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wsreplay.checks import Options, judge
from wsreplay.model import Client, Connect, Finding, Limits, Profile, Scenario, Transcript
from wsreplay.simulation import Simulation
from wsreplay.sources import Sources

LIMITS = Limits()
OPTIONS = Options()

Judge = Callable[..., tuple[Finding, ...]]


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
def run(scenario: Callable[..., Scenario]) -> Iterator[Callable[..., tuple[Scenario, Transcript]]]:
    """Run steps against an app in a simulation of its own."""
    simulations: list[Simulation] = []

    def perform(app: Any, *steps: Any, limits: Limits = LIMITS, **rest: Any) -> tuple[Scenario, Transcript]:
        simulation = Simulation(app, Sources(Path(__file__).parent), limits)
        simulations.append(simulation)
        simulation.start()
        built = scenario(*steps, **rest)
        return built, simulation.run(built)

    yield perform
    for simulation in simulations:
        simulation.stop()


@pytest.fixture
def findings(run: Callable[..., tuple[Scenario, Transcript]]) -> Judge:
    """Run steps against an app and judge what happened."""

    def judged(app: Any, *steps: Any, options: Options = OPTIONS, **rest: Any) -> tuple[Finding, ...]:
        return judge(*run(app, *steps, **rest), options)

    return judged
