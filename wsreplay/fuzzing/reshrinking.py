"""Making entries smaller that are in the corpus already: imported or recorded ones, or those of an older shrinker.

A failing entry stays one for the same bug, in a fresh process for every try. Passing entries of a route are chosen and
shrunk together, so that they still show all that their app shows now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from sys import intern

from wsreplay.config import Settings
from wsreplay.corpus import Sketch, Store, cover
from wsreplay.coverage import Tracer
from wsreplay.errors import EntryError
from wsreplay.features import features
from wsreplay.fuzzing.campaign import KEEP_TRIES
from wsreplay.fuzzing.confirming import Confirmation, try_in_worker
from wsreplay.fuzzing.keeping import Kept, tidy
from wsreplay.identity import missing
from wsreplay.model import Entry, Scenario
from wsreplay.shrinking import size
from wsreplay.workers import Bench, Launcher, WorkerLost
from wsreplay.workers.runner import Runner


@dataclass(frozen=True, slots=True)
class Reshrunk:
    """What became of the entry at `path`: `smaller` takes its place; it is `superfluous` where others show all that it
    shows. Neither, where it is as small as it gets, or `why` says what stands in the way.
    """

    path: Path
    smaller: Entry | None = None
    superfluous: bool = False
    why: str = ""


def launcher_for(settings: Settings) -> Launcher:
    """What gives the workers that shrinking takes."""
    return Launcher(settings, functions=(try_in_worker, tidy_in_worker))


def reshrink(settings: Settings, launcher: Launcher, path: Path, entry: Entry) -> Reshrunk:
    """Shrink an entry whose scenario fails: with the failure on record, or, where none is, with any."""
    why = _obstacle(settings, launcher, entry)
    if why:
        return Reshrunk(path, why=why)
    route = entry.scenario.route
    confirmation = Confirmation(launcher, settings.for_route(route), route, None)
    found = confirmation.anew(entry.scenario, [one.fingerprint for one in entry.findings if one.severity == "failure"])
    if found is None:
        return Reshrunk(path, why="it does not fail, or not as it is on record")
    if size(found.scenario) >= size(entry.scenario):
        return Reshrunk(path)
    smaller = replace(entry, scenario=found.scenario, transcript=found.transcript, findings=found.findings)
    return Reshrunk(path, smaller)


def retidy(settings: Settings, launcher: Launcher, route: str, passing: Sequence[Path]) -> Iterator[Reshrunk]:
    """Choose anew among the passing entries of a route, and shrink what is chosen."""
    able = []
    for path in passing:
        entry = _loaded(path)
        why = _obstacle(settings, launcher, entry) if entry is not None else ""
        if why:
            yield Reshrunk(path, why=why)
        elif entry is not None:
            able.append(path)
    shown, chosen = _tidied(launcher, route, tuple(map(str, able)))
    confirmation = Confirmation(launcher, settings.for_route(route), route, None)
    for number, path in enumerate(able):
        if number in shown and number not in chosen:
            yield Reshrunk(path, superfluous=True)
        elif (entry := _loaded(path)) is not None:
            # One that did not pass passed when it was recorded, or nobody has seen what it does.
            yield (
                _alone(confirmation, path, entry, chosen[number])
                if number in shown
                else reshrink(settings, launcher, path, entry)
            )


def all_reshrunk(settings: Settings, sketches: Iterable[Sketch]) -> Iterator[Reshrunk]:
    """Shrink the entries of a corpus: those that fail one by one, those that pass by their routes. What people have
    decided about stays as it is. Raises what loading the target raises.
    """
    passing: dict[str, list[Path]] = {}
    with launcher_for(settings) as launcher:
        for sketch in sketches:
            if sketch.open and sketch.verdict == "fail":
                if (entry := _loaded(sketch.path)) is not None:
                    yield reshrink(settings, launcher, sketch.path, entry)
            elif sketch.bare:
                passing.setdefault(sketch.route, []).append(sketch.path)
        for route, paths in passing.items():
            yield from retidy(settings, launcher, route, paths)


def _loaded(path: Path) -> Entry | None:
    """The entry at `path`, unless somebody has removed or damaged it since it was chosen."""
    try:
        return Store.load(path)
    except EntryError:
        return None


def _alone(confirmation: Confirmation, path: Path, entry: Entry, chosen: Kept) -> Reshrunk:
    """The choice, if it does in a fresh process what it did among others."""
    alone = confirmation.kept(chosen)
    if alone is None or size(alone.scenario) >= size(entry.scenario):
        return Reshrunk(path)
    return Reshrunk(path, replace(entry, scenario=alone.scenario, transcript=alone.transcript))


def _obstacle(settings: Settings, launcher: Launcher, entry: Entry) -> str:
    route = entry.scenario.route
    if route not in {known.path for known in launcher.routes}:
        return f"the target has no route {route!r}"
    names = missing(entry.scenario, settings.for_route(route).secrets)
    return f"it needs credentials that are not configured: {', '.join(names)}" if names else ""


# --- in the worker ---------------------------------------------------------------------------------------------------


def _tidied(launcher: Launcher, route: str, paths: tuple[str, ...]) -> tuple[frozenset[int], dict[int, Kept]]:
    worker = launcher.worker()
    try:
        result: tuple[frozenset[int], dict[int, Kept]] = worker.result(tidy_in_worker, route, paths)
        return result
    except WorkerLost:
        return frozenset(), {}
    finally:
        worker.close()


def tidy_in_worker(bench: Bench, route: str, paths: tuple[str, ...]) -> tuple[frozenset[int], dict[int, Kept]]:
    """Which of the entries at `paths` pass, and those, made smaller, that show together all that these show; by their
    place.
    """
    tracer = Tracer(bench.sources.owns, bench.sources.name)
    with Runner(bench, route, tracer=tracer) as runner:
        tracer.start()
        tracer.pause()
        try:
            show = partial(_shown, runner, tracer)
            shown: dict[int, tuple[str, ...]] = {}
            for number, path in enumerate(paths):
                # Of many entries only what they show is remembered.
                if (one := _run(show, path)) is not None:
                    shown[number] = tuple(map(intern, one.transcript.features))
            numbers = list(shown)
            chosen = [numbers[index] for index in cover(list(shown.values()))]
            again = [(number, _run(show, paths[number])) for number in chosen]
            kept = [replace(one, after=number) for number, one in again if one is not None]
            return frozenset(shown), {one.after: one for one in tidy(kept, (), show, _clock).kept}
        finally:
            tracer.stop()


def _run(show: Callable[[Scenario], Kept | None], path: str) -> Kept | None:
    entry = _loaded(Path(path))
    return show(entry.scenario) if entry is not None else None


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
