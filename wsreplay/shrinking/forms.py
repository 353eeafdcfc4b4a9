"""The form of scenarios: whether one can be performed at all, and changes that keep it so. Judges nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from wsreplay.model import Close, Connect, Drop, Pause, Resume, Scenario, Step, Wait


def well_formed(scenario: Scenario) -> bool:
    """Whether each client connects once before all else, does nothing after it left, and resumes what it paused."""
    walk = _Walk()
    known = range(len(scenario.clients))
    possible = all(isinstance(step, Wait) or (step.client in known and walk.takes(step)) for step in scenario.steps)
    return possible and len(walk.known) == len(known)


class _Walk:
    def __init__(self) -> None:
        self.known: set[int] = set()
        self._gone: set[int] = set()
        self._paused: set[int] = set()

    def takes(self, step: Step) -> bool:
        """Take a step if it is possible now."""
        match step:
            case Wait():
                return True
            case Connect(client):
                possible = client not in self.known
                self.known.add(client)
                return possible
            case Pause(client):
                possible = self._here(client) and client not in self._paused
                self._paused.add(client)
                return possible
            case Resume(client):
                possible = self._here(client) and client in self._paused
                self._paused.discard(client)
                return possible
            case Close(client) | Drop(client):
                possible = self._here(client)
                self._gone.add(client)
                return possible
            case _:
                return self._here(step.client)

    def _here(self, client: int) -> bool:
        return client in self.known and client not in self._gone


def without_loose_ends(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Leave out what has become impossible because something before it was left out: a resume of no pause."""
    walk = _Walk()
    return tuple(step for step in steps if walk.takes(step))


def only_clients(scenario: Scenario, kept: Collection[int]) -> Scenario:
    """The scenario without the other clients and all that they do."""
    numbers = {number: new for new, number in enumerate(sorted(kept))}
    clients = tuple(scenario.clients[number] for number in numbers)
    steps = tuple(step for step in scenario.steps if isinstance(step, Wait) or step.client in numbers)
    return replace(scenario, clients=clients, steps=renumbered(steps, numbers))


def renumbered(steps: Iterable[Step], numbers: Mapping[int, int]) -> tuple[Step, ...]:
    """The steps with other numbers for their clients."""
    return tuple(step if isinstance(step, Wait) else replace(step, client=numbers[step.client]) for step in steps)
