"""A whole fuzzing run, in the parent: the corpus first, then route after route; everything found is saved at once."""

from __future__ import annotations

import os
import queue
import secrets
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from wsreplay.config import Settings
from wsreplay.corpus import Store
from wsreplay.errors import COULD_NOT_RUN, FOUND_NOTHING, FOUND_SOMETHING, INTERRUPTED, CorpusError, RouteError
from wsreplay.events import EngineEvent, EntrySaved, FindingFound, Notice, RunFinished, RunStarted
from wsreplay.fuzzing.campaign import campaign
from wsreplay.fuzzing.confirming import try_in_worker
from wsreplay.fuzzing.route import RouteRun
from wsreplay.model import Entry
from wsreplay.replaying import Interruption, Replays, replay_in_worker, replay_paths, unwritten
from wsreplay.workers import Launcher, Stopped

FUNCTIONS = (campaign, try_in_worker, replay_in_worker)
"""What workers run for a search."""


@dataclass
class _Result:
    failures: int = 0
    problems: list[str] = field(default_factory=list)
    unsaved: list[str] = field(default_factory=list)
    saved: list[Entry] = field(default_factory=list)

    def note(self, event: EngineEvent) -> None:
        if isinstance(event, FindingFound):
            self.failures += event.finding.severity == "failure"
            self.saved += [event.entry] if event.path is not None else []
        if isinstance(event, FindingFound | EntrySaved) and event.unsaved:
            self.unsaved.append(event.unsaved)


def fuzz(settings: Settings) -> Generator[EngineEvent, None, None]:
    """Fuzz the target, yielding what happens; the last event is RunFinished.

    Raises TargetError, RouteError, ConfigError and CorpusError before the first event. Ctrl-C (in the main thread)
    saves and reports what was found; a second one ends at once.
    """
    started = time.monotonic()
    deadline = started + settings.max_time if settings.max_time is not None else None
    if settings.seed is None:
        settings = replace(settings, seed=secrets.randbits(32))
    store = Store(Path(settings.corpus))
    paths = store.paths()
    result = _Result()
    interrupted = False
    with Interruption() as interruption:
        try:
            with Launcher(settings, interruption, FUNCTIONS) as launcher:
                for event in _run(settings, launcher, store, paths, result, deadline):
                    result.note(event)
                    yield event
        except Stopped:
            interrupted = True
    for event in _restored(store, result.saved):
        result.note(event)
        yield event
    result.problems += unwritten(result.unsaved, "saved")
    timed_out = deadline is not None and time.monotonic() >= deadline
    code = _exit_code(result, interrupted)
    elapsed = time.monotonic() - started
    yield RunFinished(elapsed, code, interrupted, timed_out, tuple(result.problems))


def _restored(store: Store, saved: list[Entry]) -> Iterator[EngineEvent]:
    """Save again what was found, should somebody have removed it meanwhile with the directory. Another entry that shows
    the same bug will do: then somebody has tidied up.
    """
    gone = [entry for entry in saved if not os.path.lexists(store.path_of(entry.scenario))]
    try:
        known = store.known() if gone else {}
        lost = [entry for entry in gone if not any(one.fingerprint in known for one in entry.findings)]
    except CorpusError:
        lost = gone
    again = 0
    for entry in lost:
        try:
            store.save(entry)
            again += 1
        except CorpusError as error:
            yield EntrySaved(entry.scenario.route, None, error.told, entry)
    if again:
        what = "1 entry was" if again == 1 else f"{again} entries were"
        yield Notice(f"{what} removed from the corpus during the run", "What was found has been saved again.")


def _run(
    settings: Settings, launcher: Launcher, store: Store, paths: list[Path], result: _Result, deadline: float | None
) -> Iterator[EngineEvent]:
    routes = launcher.routes
    corpus, most = str(settings.corpus), settings.max_examples or 0
    yield RunStarted("fuzz", settings.target, settings.seed, routes, corpus, most, len(paths))
    replays = yield from _replay_first(settings, launcher, store, paths)
    result.problems += replays.problems
    result.failures += sum(replays.counts[verdict] for verdict in ("fail", "changed", "flaky", "error"))
    result.failures -= replays.accepted
    yield from _routes(settings, launcher, store, replays, deadline)


@dataclass(frozen=True, slots=True)
class Search:
    """How one route is searched: by when it is to end, on the monotonic clock; whether what is found goes into the
    corpus; whether every sequence is told.
    """

    deadline: float | None = None
    save: bool = True
    every: bool = False


def fuzz_route(
    settings: Settings, launcher: Launcher, store: Store, path: str, search: Search
) -> Iterator[EngineEvent]:
    """Fuzz the route called `path`, yielding what happens, from RouteStarted to RouteFinished.

    Its entries are replayed before, in silence: bugs that they still show are not told again. Raises RouteError when
    the target has no such route. The settings have a seed; one route gives the same here as in a run of all.
    """
    route = next((route for route in launcher.routes if route.path == path), None)
    if route is None:
        raise RouteError(f"the target has no route {path!r} any more", "List its routes with `wsreplay routes`.")
    own = [file for file, entry in store.entries() if isinstance(entry, Entry) and entry.scenario.route == path]
    replays = _silently(replay_paths(replace(settings, update=False), launcher, store, own)) if own else Replays()
    kept = store if search.save else None
    runs = [
        RouteRun(settings, launcher, kept, route, replays, number, search.deadline, search.every)
        for number in range(settings.workers)
    ]
    yield from runs[0].events() if len(runs) == 1 else _together(runs)


def _silently(replaying: Generator[EngineEvent, None, Replays]) -> Replays:
    while True:
        try:
            next(replaying)
        except StopIteration as stop:
            result: Replays = stop.value
            return result


def _exit_code(result: _Result, interrupted: bool) -> int:
    if interrupted:
        return INTERRUPTED
    if result.problems:
        return COULD_NOT_RUN
    return FOUND_SOMETHING if result.failures else FOUND_NOTHING


def _replay_first(
    settings: Settings, launcher: Launcher, store: Store, paths: list[Path]
) -> Generator[EngineEvent, None, Replays]:
    if not paths:
        return Replays()
    return (yield from replay_paths(settings, launcher, store, paths))


def _routes(
    settings: Settings, launcher: Launcher, store: Store, replays: Replays, deadline: float | None
) -> Iterator[EngineEvent]:
    routes = launcher.routes
    for number, route in enumerate(routes):
        end = None
        if deadline is not None:
            now = time.monotonic()
            if now >= deadline:
                left = ", ".join(route.path for route in routes[number:])
                yield Notice(f"the time was up before these routes were tested: {left}", "Give more with --max-time.")
                return
            # What one route leaves of its share falls to the others.
            end = now + (deadline - now) / (len(routes) - number)
        runs = [
            RouteRun(settings, launcher, store, route, replays, worker, end, every=settings.verbose > 1)
            for worker in range(settings.workers)
        ]
        yield from runs[0].events() if len(runs) == 1 else _together(runs)


def _together(runs: list[RouteRun]) -> Iterator[EngineEvent]:
    """Run several campaigns over one route at once, each in a worker of its own."""
    inbox: queue.SimpleQueue[EngineEvent | BaseException | None] = queue.SimpleQueue()

    def drive(run: RouteRun) -> None:
        try:
            for event in run.events():
                inbox.put(event)
        except BaseException as error:  # noqa: BLE001 - it is raised again in the main thread
            inbox.put(error)
        else:
            inbox.put(None)

    threads = [threading.Thread(target=drive, args=(run,), daemon=True) for run in runs]
    for thread in threads:
        thread.start()
    open_runs, failure = len(runs), None
    told: set[str] = set()
    while open_runs:
        event = inbox.get()
        if event is None or isinstance(event, BaseException):
            open_runs -= 1
            failure = failure or event
        elif not (isinstance(event, FindingFound) and event.finding.fingerprint in told):
            if isinstance(event, FindingFound):
                told.add(event.finding.fingerprint)
            yield event
    if isinstance(failure, BaseException):
        raise failure
