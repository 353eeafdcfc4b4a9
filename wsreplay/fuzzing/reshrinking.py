"""Making entries smaller that are in the corpus already: imported or recorded ones, or those of an older shrinker.

A failing entry stays one for the same bug, in a fresh process for every try. Passing entries of a route are chosen and
shrunk together, so that they still show all that their app shows now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from wsreplay.config import Settings
from wsreplay.coverage import Tracer
from wsreplay.features import features
from wsreplay.fuzzing.campaign import KEEP_TRIES
from wsreplay.fuzzing.confirming import Confirmation
from wsreplay.fuzzing.keeping import Kept, tidy
from wsreplay.identity import missing
from wsreplay.model import Entry, Scenario, State
from wsreplay.shrinking import size
from wsreplay.workers import Bench, Launcher, WorkerLost
from wsreplay.workers.runner import Runner


@dataclass(frozen=True, slots=True)
class Reshrunk:
    """What became of the entry at `path`: `smaller` takes its place; it is `superfluous` where others show all that it
    shows. Neither, where it is as small as it gets, or `why` says what stands in the way.
    """

    path: Path
    entry: Entry
    smaller: Entry | None = None
    superfluous: bool = False
    why: str = ""


def reshrink(settings: Settings, launcher: Launcher, path: Path, entry: Entry) -> Reshrunk:
    """Shrink an entry whose scenario fails: with the failure on record, or, where none is, with any."""
    why = _obstacle(settings, launcher, entry)
    if why:
        return Reshrunk(path, entry, why=why)
    route = entry.scenario.route
    confirmation = Confirmation(launcher, settings.for_route(route), route, None)
    found = confirmation.anew(entry.scenario, [one.fingerprint for one in entry.findings if one.severity == "failure"])
    if found is None:
        return Reshrunk(path, entry, why="it does not fail, or not as it is on record")
    if size(found.scenario) >= size(entry.scenario):
        return Reshrunk(path, entry)
    smaller = replace(entry, scenario=found.scenario, transcript=found.transcript, findings=found.findings)
    return Reshrunk(path, entry, smaller)


def retidy(
    settings: Settings, launcher: Launcher, route: str, passing: Sequence[tuple[Path, Entry]]
) -> Iterator[Reshrunk]:
    """Choose anew among the passing entries of a route, and shrink what is chosen."""
    able = []
    for path, entry in passing:
        why = _obstacle(settings, launcher, entry)
        if why:
            yield Reshrunk(path, entry, why=why)
        else:
            able.append((path, entry))
    shown, chosen = _tidied(launcher, route, tuple(entry.scenario for _, entry in able))
    confirmation = Confirmation(launcher, settings.for_route(route), route, None)
    for number, (path, entry) in enumerate(able):
        if number not in shown:
            # It passed when it was recorded, or nobody has seen what it does.
            yield reshrink(settings, launcher, path, entry)
        elif number not in chosen:
            yield Reshrunk(path, entry, superfluous=True)
        else:
            yield _alone(confirmation, path, entry, chosen[number])


def all_reshrunk(settings: Settings, loaded: Sequence[tuple[Path, Entry]]) -> Iterator[Reshrunk]:
    """Shrink the entries of a corpus: those that fail one by one, those that pass by their routes. What people have
    decided about stays as it is. Raises what loading the target raises.
    """
    passing: dict[str, list[tuple[Path, Entry]]] = {}
    with Launcher(settings) as launcher:
        for path, entry in loaded:
            if entry.state != State():
                continue
            if entry.verdict == "fail":
                yield reshrink(settings, launcher, path, entry)
            elif not entry.findings:
                passing.setdefault(entry.scenario.route, []).append((path, entry))
        for route, entries in passing.items():
            yield from retidy(settings, launcher, route, entries)


def _alone(confirmation: Confirmation, path: Path, entry: Entry, chosen: Kept) -> Reshrunk:
    """The choice, if it does in a fresh process what it did among others."""
    alone = confirmation.kept(chosen)
    if alone is None or size(alone.scenario) >= size(entry.scenario):
        return Reshrunk(path, entry)
    return Reshrunk(path, entry, replace(entry, scenario=alone.scenario, transcript=alone.transcript))


def _obstacle(settings: Settings, launcher: Launcher, entry: Entry) -> str:
    route = entry.scenario.route
    if route not in {known.path for known in launcher.routes}:
        return f"the target has no route {route!r}"
    names = missing(entry.scenario, settings.for_route(route).secrets)
    return f"it needs credentials that are not configured: {', '.join(names)}" if names else ""


# --- in the worker ---------------------------------------------------------------------------------------------------


def _tidied(launcher: Launcher, route: str, scenarios: tuple[Scenario, ...]) -> tuple[frozenset[int], dict[int, Kept]]:
    worker = launcher.worker()
    try:
        result: tuple[frozenset[int], dict[int, Kept]] = worker.result(tidy_in_worker, route, scenarios)
        return result
    except WorkerLost:
        return frozenset(), {}
    finally:
        worker.close()


def tidy_in_worker(bench: Bench, route: str, scenarios: tuple[Scenario, ...]) -> tuple[frozenset[int], dict[int, Kept]]:
    """Which of the scenarios pass, and those, made smaller, that show together all that these show; by their place."""
    tracer = Tracer(bench.sources.owns, bench.sources.name)
    with Runner(bench, route, tracer=tracer) as runner:
        tracer.start()
        tracer.pause()
        try:
            show = partial(_shown, runner, tracer)
            seen = {number: one for number, scenario in enumerate(scenarios) if (one := show(scenario)) is not None}
            kept = [replace(one, after=number) for number, one in seen.items()]
            return frozenset(seen), {one.after: one for one in tidy(kept, (), show, _clock).kept}
        finally:
            tracer.stop()


def _shown(runner: Runner, tracer: Tracer, scenario: Scenario) -> Kept | None:
    tracer.reset()
    outcome = runner.run(scenario, traced=True)
    if outcome.findings:
        return None
    shown = features(outcome.transcript) | tracer.new()
    return Kept(scenario, replace(outcome.transcript, features=tuple(sorted(shown))), 0)


def _clock() -> Callable[[], bool]:
    tries = iter(range(KEEP_TRIES))
    return lambda: next(tries, None) is None
