"""The fuzzing of one route, in the parent: starts campaigns in workers, confirms and saves what they find."""

from __future__ import annotations

import itertools
import platform
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hypothesis

from wsreplay.config import Settings
from wsreplay.corpus import Store, cover
from wsreplay.errors import CorpusError
from wsreplay.events import (
    EngineEvent,
    EntrySaved,
    FindingFound,
    Progress,
    RouteFinished,
    RouteStarted,
    SequenceTried,
)
from wsreplay.fuzzing import notices
from wsreplay.fuzzing.campaign import campaign
from wsreplay.fuzzing.confirming import HISTORY, Confirmation, Confirmed
from wsreplay.fuzzing.keeping import Kept, Tidied
from wsreplay.fuzzing.orders import Found, Order, Seen, Tally, derived_seed
from wsreplay.homes import same_bug, visitors
from wsreplay.model import NOBODY, Entry, Finding, Provenance, Route, Scenario, Send
from wsreplay.replaying import Replays
from wsreplay.shrinking import only_clients
from wsreplay.workers import Launcher, Stopped, Worker, WorkerLost

MAX_SAMPLES = 200
"""Entries of a route that a search mutates."""

PATIENCE = 1000
"""Sequences in a row that show nothing new, after which a search ends that nobody has set an end to."""

GRACE = 2.0
"""Seconds after its time is up after which a campaign that is still in the middle of a scenario is ended."""

MAX_RESTARTS = 200
"""Workers that one route may use up: a target that kills each of them has been understood."""


class RouteRun:
    """One route's run. `number` tells apart the campaigns of several workers; each has a seed of its own. Without a
    store nothing is saved; `every` sequence is told if that is asked for.
    """

    def __init__(
        self,
        settings: Settings,
        launcher: Launcher,
        store: Store | None,
        route: Route,
        replays: Replays,
        number: int = 0,
        deadline: float | None = None,
        every: bool = False,
    ) -> None:
        self._settings = settings.for_route(route.path)
        self._launcher = launcher
        self._store = store
        self._route = route
        self._number = number
        self._deadline = deadline
        self._every = every
        self._replays = replays
        self._confirmation = Confirmation(launcher, self._settings, route.path, deadline)
        self._known = set(replays.failing)
        # Once, before anything is saved: several runs over one route mutate the same.
        self._samples = _samples(store, route, settings.seed)
        self._deadly: set[str | bytes] = set()
        self._kept: list[Kept] = []
        self._interesting = 0
        self._failures = self._warnings = 0
        self._told = 0
        self._seen: Found | None = None
        self._before = Tally()
        self._now = Tally()
        self._worker: Worker | None = None

    def events(self) -> Iterator[EngineEvent]:
        """Fuzz the route and yield what happens."""
        yield RouteStarted(self._route)
        stopped = None
        try:
            yield from self._campaigns()
        except Stopped as stop:
            stopped = stop
        finally:
            self._end_worker()
        yield from self._save_kept()
        total = self._total
        why = "interrupted" if stopped else "time" if self._late else ""
        yield RouteFinished(
            self._route,
            total.sequences,
            total.messages,
            total.connections,
            self._interesting,
            total.elapsed,
            why,
            total.reached,
            total.branches,
        )
        if stopped is not None:
            raise stopped

    # --- campaigns ---------------------------------------------------------------------------------------------------

    def _campaigns(self) -> Iterator[EngineEvent]:
        dead_at_the_start = 0
        for generation in range(MAX_RESTARTS):
            remaining = self._remaining()
            if (remaining is not None and remaining <= 0) or self._late:
                return
            order = self._order(generation, remaining)
            self._worker = self._launcher.worker()
            try:
                again = yield from self._one_campaign(self._worker, order)
            except WorkerLost as lost:
                again = not lost.late
                if lost.scenario is None:
                    dead_at_the_start += 1
                    if dead_at_the_start > 1:
                        raise notices.cannot_start(lost) from None
                else:
                    dead_at_the_start = 0
                    self._count_lost(lost)
                    if lost.late:
                        yield notices.out_of_time(self._route)
                    else:
                        yield from self._died(lost.scenario, lost)
                    yield from self._unfinished(lost.past)
            finally:
                self._end_worker()
            self._before, self._now = self._total, Tally()
            if not again:
                return
        yield notices.given_up(self._route, MAX_RESTARTS)

    def _remaining(self) -> int | None:
        """How many sequences are left to try; None where nobody has said how many it should be."""
        most = self._settings.max_examples
        return most - self._total.sequences if most is not None else None

    def _order(self, generation: int, remaining: int | None) -> Order:
        assert self._settings.seed is not None
        seed = derived_seed(self._settings.seed, self._route.path, self._number, generation)
        return Order(
            self._route.path,
            seed,
            remaining,
            self._deadline,
            frozenset(self._known),
            frozenset(self._replays.features),
            frozenset(self._deadly),
            tuple(self._kept),
            self._samples,
            self._every,
            PATIENCE if self._settings.max_time is None else None,
        )

    def _one_campaign(self, worker: Worker, order: Order) -> Generator[EngineEvent, None, bool]:
        """Run one campaign; return whether the rest should be done by a fresh worker."""
        # A campaign ends by itself when its time is up, between two scenarios.
        until = None if self._deadline is None else max(self._deadline, time.monotonic()) + GRACE
        calling = worker.call(campaign, order, until=until)
        again = False
        while True:
            try:
                told = next(calling)
            except StopIteration as stop:
                self._now = stop.value
                return again or self._now.worn
            if isinstance(told, Tally):
                self._now = told
                yield self._progress()
            elif isinstance(told, Scenario):
                self._told += 1
                yield SequenceTried(self._route.path, self._told, told)
            elif isinstance(told, Seen):
                self._seen = told.found
            elif isinstance(told, Kept):
                self._kept.append(told)
                self._interesting += 1
            elif isinstance(told, Tidied):
                self._kept = list(told.kept)
                self._interesting = len(self._kept)
            else:
                assert isinstance(told, Found), told
                self._now = replace(self._now, sequences=max(self._now.sequences, told.after))
                stateful = yield from self._take(worker, calling, told)
                again = again or stateful
                worker.answer("stop" if stateful else "go on")

    def _count_lost(self, lost: WorkerLost) -> None:
        sequences, messages, connections = lost.tally
        self._now = replace(
            self._now,
            sequences=max(self._now.sequences, sequences, 1),
            messages=max(self._now.messages, messages),
            connections=max(self._now.connections, connections),
        )

    def _end_worker(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    @property
    def _late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    # --- findings ----------------------------------------------------------------------------------------------------

    def _take(self, worker: Worker, calling: Iterator[Any], found: Found) -> Generator[EngineEvent, None, bool]:
        def history() -> Sequence[Scenario]:
            worker.answer("history")
            past: tuple[Scenario, ...] = next(calling)
            return past

        self._seen = None
        self._known.add(found.finding.fingerprint)
        yield self._progress(f"confirming {found.finding.check}")
        if found.finding.client == NOBODY and self._is_of_others(found.original, found.finding):
            return False
        try:
            confirmed = self._confirmation.of(found, history)
        except (Stopped, WorkerLost):
            unsure = Confirmed(found.finding, found.scenario, found.transcript, found.findings, certain=False)
            yield self._report(unsure, found.after, found.original)
            raise
        yield self._report(confirmed, found.after, found.original)
        return confirmed.stateful

    def _died(self, scenario: Scenario, lost: WorkerLost) -> Iterator[EngineEvent]:
        died = self._confirmation.death(scenario, lost)
        if not died.findings or died.findings[0].fingerprint in self._known:
            self._deadly.update(_last_message(scenario))
            return
        if self._is_of_others(scenario, died.findings[0]):
            self._deadly.update(_last_message(scenario))
            return
        confirmed = self._confirmation.of_death(scenario, died, lost.past)
        if lost.killed and not confirmed.certain:
            # Nothing is known against the scenario: it is no finding, and nothing of it is left out from now on.
            yield notices.killed(self._route)
            return
        self._deadly.update(_last_message(confirmed.scenario))
        self._known.add(confirmed.finding.fingerprint)
        yield self._report(confirmed, self._total.sequences, scenario)

    def _is_of_others(self, scenario: Scenario, finding: Finding) -> bool:
        """Whether clients of other routes do it without one of this route; their own search tells that."""
        routes = self._launcher.routes
        others = visitors(scenario, self._route, [route for route in routes if route.path != self._route.path])
        if not 0 < len(others) < len(scenario.clients):
            return False
        return any(same_bug(one, finding) for one in self._confirmation.alone(only_clients(scenario, others)).findings)

    def _unfinished(self, past: Sequence[Scenario]) -> Iterator[EngineEvent]:
        """The bug that was being made smaller when the worker died of it, as it was found."""
        found, self._seen = self._seen, None
        if found is not None and found.finding.fingerprint not in self._known:
            self._known.add(found.finding.fingerprint)
            confirmed = self._confirmation.of(found, lambda: past[-HISTORY:])
            yield self._report(confirmed, found.after, found.original)

    def _report(self, confirmed: Confirmed, after: int, original: Scenario) -> FindingFound:
        """Save a finding, and say so."""
        finding = confirmed.finding
        if not confirmed.certain:
            detail = f"{finding.detail} (seen once; a fresh process did not show it again)"
            finding = replace(finding, severity="warning", detail=detail)
        findings = tuple(finding if one.fingerprint == finding.fingerprint else one for one in confirmed.findings)
        entry = self._entry(confirmed.scenario, confirmed, findings, after)
        if finding.severity == "failure":
            self._failures += 1
        else:
            self._warnings += 1
        path, unsaved = self._save(entry)
        return FindingFound(
            self._route.path, finding, entry, path, after, original.messages, confirmed.certain, unsaved=unsaved
        )

    # --- saving ------------------------------------------------------------------------------------------------------

    def _entry(
        self,
        scenario: Scenario,
        found: Confirmed | Kept,
        findings: tuple[Finding, ...],
        after: int,
    ) -> Entry:
        provenance = Provenance(
            source="fuzz",
            seed=self._settings.seed,
            sequences=after,
            wsreplay=version("wsreplay"),
            python=platform.python_version(),
            hypothesis=hypothesis.__version__,
            earlier=getattr(found, "earlier", 0),
        )
        return Entry(scenario, found.transcript, findings, provenance)

    def _save(self, entry: Entry) -> tuple[str | None, str]:
        if self._store is None:
            return None, ""
        try:
            return _shown(self._store.save(entry)), ""
        except CorpusError as error:
            return None, error.told

    def _save_kept(self) -> Iterator[EngineEvent]:
        """Save the smallest set of kept scenarios that shows every feature not yet on record."""
        if self._store is None:
            return
        candidates = [(kept, frozenset(kept.transcript.features)) for kept in self._kept]
        for index in cover([features for _, features in candidates], self._replays.features):
            kept = self._alone(candidates[index][0])
            if kept is None:
                continue
            entry = self._entry(kept.scenario, kept, kept.findings, kept.after)
            path, unsaved = self._save(entry)
            yield EntrySaved(self._route.path, path, unsaved, entry)

    def _alone(self, kept: Kept) -> Kept | None:
        try:
            return self._confirmation.kept(kept)
        except Stopped:
            return kept

    # --- figures -----------------------------------------------------------------------------------------------------

    @property
    def _total(self) -> Tally:
        before, now = self._before, self._now
        return Tally(
            before.sequences + now.sequences,
            before.messages + now.messages,
            before.connections + now.connections,
            max(before.features, now.features),
            before.elapsed + now.elapsed,
            reached=max(before.reached, now.reached),
            branches=max(before.branches, now.branches),
        )

    def _progress(self, doing: str = "") -> Progress:
        total = self._total
        return Progress(
            self._route.path,
            total.sequences,
            total.messages,
            total.connections,
            total.features,
            self._interesting,
            self._failures,
            self._warnings,
            total.elapsed,
            doing or self._now.doing,
            total.reached,
            total.branches,
        )


def _samples(store: Store | None, route: Route, seed: int | None) -> tuple[Scenario, ...]:
    if store is None:
        return ()
    # Not what this very seed has found before: a second run of it is to be as the first one was.
    try:
        others = (entry.scenario for entry in store.passing(route.path) if entry.provenance.seed != seed)
        return tuple(itertools.islice(others, MAX_SAMPLES))
    except CorpusError:
        # It cannot be written to either, and that will be told.
        return ()


def _last_message(scenario: Scenario) -> tuple[str | bytes, ...]:
    return tuple(step.data for step in scenario.steps if type(step) is Send)[-1:]


def _shown(path: Path) -> str:
    """The path as a person would type it: relative to the working directory where it lies below."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()
