"""The tasks that an app starts while a scenario runs: how they died, and which of them outlive it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from wsreplay.model import NOBODY, Crashed, Leaked
from wsreplay.rows import row
from wsreplay.simulation.exceptions import describe
from wsreplay.simulation.loop import SimulationLoop, WatchedTask
from wsreplay.simulation.recorder import Recorder
from wsreplay.sources import Sources

CURRENT: ContextVar[int] = ContextVar("wsreplay_client", default=NOBODY)
"""The client in whose session code runs; tasks inherit it."""

MAX_LEAKED, MAX_NAMESAKES = 100, 10
"""Leaked tasks of a client that are recorded, and how many of them of one name."""

MAX_DEATHS = 100
"""Deaths of one client's tasks, of one name, that are recorded."""

MAX_LEFTOVER_TURNS = 5000
"""Callbacks that tasks which outlive their session may use up before they count as leaked."""

MAX_LEFT = 10_000
"""Tasks of one session that may live on: of more, no later scenario would ever have its turn."""


class Offspring:
    """The tasks of one session."""

    def __init__(self, loop: SimulationLoop, recorder: Recorder, sources: Sources) -> None:
        self._loop = loop
        self._recorder = recorder
        self._sources = sources
        self._tasks: list[tuple[WatchedTask[Any], int]] = []
        self._living = 0
        self._deaths: dict[WatchedTask[Any], tuple[float, int]] = {}

    def born(self, task: WatchedTask[Any]) -> None:
        """The app has started a task."""
        self._tasks.append((task, CURRENT.get()))
        self._living += 1
        task.add_done_callback(self._done)

    def _done(self, task: WatchedTask[Any]) -> None:
        self._living -= 1
        if task.death is not None:
            self._deaths[task] = (self._recorder.at, self._recorder.step)

    def see_off(self, seconds: float, run_ready: Callable[[], None]) -> None:
        """Give the tasks that outlive their session so much time; those that then live have leaked."""
        loop = self._loop
        deadline = loop.time() + seconds
        turns = loop.turns + MAX_LEFTOVER_TURNS
        while self._living and loop.turns < turns and loop.advance(deadline):
            run_ready()
        # What an exception's `__str__` does is watched, too.
        loop.in_app = True
        self._report_deaths()
        loop.in_app = False
        self._report_leaks()
        if self._living > MAX_LEFT:
            loop.cull([task for task, _ in self._tasks])

    def _report_leaks(self) -> None:
        leaked: dict[int, Counter[str]] = {}
        for task, client in self._tasks:
            if not task.done() and client != NOBODY:
                leaked.setdefault(client, Counter())[_name(task)] += 1
        for client, counts in sorted(leaked.items()):
            # Of a million tasks the tenth tells as much as all.
            names = [name for name, count in sorted(counts.items()) for _ in range(min(count, MAX_NAMESAKES))]
            self._recorder.add(Leaked, client, tuple(names[:MAX_LEAKED]))

    def _report_deaths(self) -> None:
        told: Counter[tuple[int, str]] = Counter()
        for task, client in self._tasks:
            death = task.death if task.unretrieved else None
            if death is None:
                continue
            task.hush()
            name = _name(task)
            told[client, name] += 1
            if told[client, name] <= MAX_DEATHS:
                at, step = self._deaths.get(task, (self._recorder.at, self._recorder.step))
                raised = describe(death, self._sources)
                self._recorder.rows.append(row(Crashed, at, step, client, "task", raised, name))


def _name(task: Any) -> str:
    coroutine = task.get_coro()
    return str(getattr(coroutine, "__qualname__", None) or type(coroutine).__name__)
