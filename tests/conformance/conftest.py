"""Runs every case once in the simulation and once on each real server; the tests compare the records.

The suite's own modules are the package `agreement`, next to this file.
"""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from wsreplay.model import Profile, Scenario
from wsreplay.simulation import Simulation

sys.path.insert(0, str(Path(__file__).parent))

from agreement.apps import with_lifespan
from agreement.clients import perform
from agreement.journal import HEADER, Journal
from agreement.records import View, simulated
from agreement.scenarios import CASES, Case
from agreement.servers import Server

AT_ONCE = 12
"""Cases that run at the same time on one server."""

Records = dict[str, list[View]]


@pytest.fixture(scope="session")
def simulation_records() -> Records:
    """The record of each case in the simulation."""
    return _simulate_all(Profile())


@pytest.fixture(scope="session")
def suspended_records() -> Records:
    """The same, where each `send` suspends for a turn of the loop."""
    return _simulate_all(Profile(sends="suspend"))


def _simulate_all(profile: Profile) -> Records:
    journal = Journal()
    simulation = Simulation(journal.around(with_lifespan({case.name: case.app for case in CASES.values()})))
    simulation.start()
    try:
        return {name: _simulate(simulation, journal, case, profile) for name, case in CASES.items()}
    finally:
        simulation.stop()


@pytest.fixture(scope="session")
def server_records() -> Callable[[str], Records]:
    """The record of each case on the server of a name; a server runs once in a session."""

    @cache
    def records(server: str) -> Records:
        with warnings.catch_warnings():
            # The legacy implementation is deprecated, and says so once a connection.
            warnings.filterwarnings("ignore", category=DeprecationWarning, module="websockets")
            return asyncio.run(_perform_all(server))

    return records


def _simulate(simulation: Simulation, journal: Journal, case: Case, profile: Profile) -> list[View]:
    names = [f"{profile.sends}/{case.name}/{number}" for number in range(len(case.scenario.clients))]
    transcript = simulation.run(replace(_named(case.scenario, names), profile=profile))
    return simulated(transcript, [list(journal.of(name)) for name in names])


def _named(scenario: Scenario, names: list[str]) -> Scenario:
    clients = [
        replace(client, headers=(*client.headers, (HEADER, name)))
        for client, name in zip(scenario.clients, names, strict=True)
    ]
    return replace(scenario, clients=tuple(clients))


async def _perform_all(name: str) -> Records:
    journal = Journal()
    server = Server(name, journal.around(with_lifespan({case.name: case.app for case in CASES.values()})))
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> list[View]:
        async with turn:
            return await perform(case.scenario, server, journal, f"{name}/{case.name}", case.hangs_up)

    try:
        records = await asyncio.gather(*(one(case) for case in CASES.values()))
    finally:
        await asyncio.to_thread(server.stop)
    return dict(zip(CASES, records, strict=True))
