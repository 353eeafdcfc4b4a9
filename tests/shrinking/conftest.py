"""Scenarios and a predicate that counts, for tests in which no app is run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wsreplay.model import Client, Connect, Profile, Scenario, Send, Step
from wsreplay.shrinking import shrink


class Shrinking:
    """Shrinks by a predicate and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Scenario] = []

    def __call__(self, scenario: Scenario, fails: Callable[[Scenario], bool], tries: int = 1000) -> Scenario:
        def still_fails(candidate: Scenario) -> bool:
            self.asked.append(candidate)
            return fails(candidate)

        assert fails(scenario)
        small = shrink(scenario, still_fails, lambda: False, tries)
        assert fails(small)
        return small

    @property
    def calls(self) -> int:
        return len(self.asked)


@pytest.fixture
def shrinking() -> Shrinking:
    return Shrinking()


def talk(*steps: Step, clients: tuple[Client, ...] | int = 1, route: str = "/ws", sends: str = "immediate") -> Scenario:
    """A scenario whose clients connect first."""
    peers = tuple(Client("/ws") for _ in range(clients)) if isinstance(clients, int) else clients
    return Scenario(route, peers, (*map(Connect, range(len(peers))), *steps), Profile(sends))


def say(*texts: str, client: int = 0, kind: str = "text") -> tuple[Send, ...]:
    return tuple(Send(client, kind, text) for text in texts)


def said(scenario: Scenario) -> list[str | bytes]:
    return [step.data for step in scenario.steps if isinstance(step, Send)]


@pytest.fixture(name="talk")
def talk_fixture():
    return talk


@pytest.fixture(name="say")
def say_fixture():
    return say


@pytest.fixture(name="said")
def said_fixture():
    return said
