"""The search itself: what has been tried, what is best so far, and when to stop. Passes propose, this disposes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from wsreplay.model import Client, Scenario, Step
from wsreplay.shrinking.forms import well_formed
from wsreplay.shrinking.order import size

StillFails: TypeAlias = Callable[[Scenario], bool]
OutOfTime: TypeAlias = Callable[[], bool]


class Late(Exception):  # noqa: N818 - the end of a search, no error
    """The time is up, or the tries are used up."""


class Search:
    """`best` is the simplest scenario so far that still fails. What is accepted is simpler, so a search ends."""

    def __init__(self, scenario: Scenario, still_fails: StillFails, out_of_time: OutOfTime, tries: int) -> None:
        self.best = scenario
        self._size = size(scenario)
        self._still_fails = still_fails
        self._out_of_time = out_of_time
        self._tries = tries
        self._tried = {scenario}

    def accepts(self, candidate: Scenario) -> bool:
        """Try a candidate unless it was tried before or is not simpler; keep it when it still fails.

        Raises Late.
        """
        if candidate in self._tried:
            return False
        self._tried.add(candidate)
        measured = size(candidate)
        if measured >= self._size or not well_formed(candidate):
            return False
        if self._tries <= 0 or self._out_of_time():
            raise Late
        self._tries -= 1
        if not self._still_fails(candidate):
            return False
        self.best, self._size = candidate, measured
        return True

    def accepts_step(self, index: int, step: Step) -> bool:
        """Try another step in the place of step `index`."""
        steps = self.best.steps
        return self.accepts(replace(self.best, steps=(*steps[:index], step, *steps[index + 1 :])))

    def accepts_client(self, number: int, client: Client) -> bool:
        """Try another client in the place of client `number`."""
        clients = self.best.clients
        return self.accepts(replace(self.best, clients=(*clients[:number], client, *clients[number + 1 :])))
