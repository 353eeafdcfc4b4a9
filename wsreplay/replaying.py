"""The replay loop: runs the corpus against the target and says of each entry what became of it.

One worker runs entry after entry. What is not a plain pass is run again, alone, in fresh workers: an entry is not to
blame for what another one left behind, and one that differs from run to run is flaky.
"""

from __future__ import annotations

import datetime
import os
import shlex
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from wsreplay.checks import judge
from wsreplay.comparing import difference, first_difference, masks_for
from wsreplay.config import Settings
from wsreplay.corpus import Store
from wsreplay.errors import (
    COULD_NOT_RUN,
    FOUND_NOTHING,
    FOUND_SOMETHING,
    INTERRUPTED,
    CorpusError,
    CredentialError,
    EntryError,
    RouteError,
    ScenarioError,
)
from wsreplay.events import EngineEvent, EntryReplayed, Notice, ReplayFinished, RunFinished, RunStarted, Standing
from wsreplay.homes import attributed
from wsreplay.identity import missing
from wsreplay.masks import NO_MASKS, Masks
from wsreplay.model import Entry, Finding, Transcript, Verdict
from wsreplay.workers import Bench, Launcher, Stopped, WorkerLost
from wsreplay.workers.judging import death, options_of
from wsreplay.workers.runners import Runners

AGAIN = 4
"""How often an entry that is no plain pass is run again, each time in a fresh worker with other random numbers."""

AT_ONCE = 5000
"""Entries that one worker runs at most: what an app keeps of each must not add up without end."""

VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "changed", "flaky", "stale", "error")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a worker says of one entry; entry and transcript only where they matter. `killed` when the worker was, maybe
    from outside; `gone` when the file was, before it could be run.
    """

    path: str
    verdict: Verdict
    recorded: Verdict = "pass"
    fingerprints: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    entry: Entry | None = None
    transcript: Transcript | None = None
    findings: tuple[Finding, ...] = ()
    difference: str = ""
    missing: tuple[str, ...] = ()
    killed: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Replays:
    """What the replay of a corpus has shown: counts, the bugs that are still there, and the features on record.
    `problems` say what kept it from its job, `accepted` is how many entries fail as people have accepted that they do.
    """

    counts: Counter[Verdict] = field(default_factory=Counter)
    accepted: int = 0
    failing: frozenset[str] = frozenset()
    features: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()


def replay(settings: Settings, selection: Sequence[str] = ()) -> Generator[EngineEvent, None, None]:
    """Replay the entries that `selection` names (paths, directories, ids; all without it), yielding what happens.

    Raises CorpusError, TargetError and RouteError before the first event; RouteError too when no entry was selected.
    """
    started = time.monotonic()
    store = Store(Path(settings.corpus))
    paths = store.select(selection) if selection else store.paths()
    if not paths:
        what = " ".join(selection) or str(settings.corpus)
        raise RouteError(f"no entry to replay in {what}", "Find some first: `wsreplay fuzz TARGET`.")
    interrupted = False
    replays = None
    with Interruption() as interruption:
        try:
            with Launcher(settings, interruption, (replay_in_worker,)) as launcher:
                yield RunStarted(
                    "replay", settings.target, None, launcher.routes, str(settings.corpus), entries=len(paths)
                )
                replays = yield from replay_paths(settings, launcher, store, paths)
        except Stopped:
            interrupted = True
    failed = replays is not None and sum(replays.counts.values()) != replays.counts["pass"] + replays.accepted
    problems = replays.problems if replays is not None else ()
    code = COULD_NOT_RUN if problems else FOUND_SOMETHING if failed else FOUND_NOTHING
    code = INTERRUPTED if interrupted else code
    yield RunFinished(time.monotonic() - started, code, interrupted=interrupted, problems=problems)


class Interruption:
    """Ctrl-C as a flag, so that what was found is saved and told first. A second one ends the run at once."""

    def __init__(self) -> None:
        self.requested = False
        self._previous: object = None

    def __call__(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self.requested

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)  # type: ignore[arg-type]

    def _handle(self, *_: object) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


def replay_paths(
    settings: Settings, launcher: Launcher, store: Store, paths: Sequence[Path]
) -> Generator[EngineEvent, None, Replays]:
    """Replay the entries at `paths`, yielding EntryReplayed for each and ReplayFinished; return the Replays."""
    counts: Counter[Verdict] = Counter()
    failing: set[str] = set()
    features: set[str] = set()
    lacking: dict[str, None] = {}
    unsaved: list[str] = []
    accepted = 0
    for seen in _run_all(settings, launcher, paths):
        if seen.gone:
            yield Notice(f"{seen.path} is not replayed: somebody has removed it meanwhile")
            continue
        killed = seen.killed
        if seen.verdict not in ("pass", "stale", "error") or (seen.recorded == "fail" and seen.verdict == "pass"):
            seen = _again(settings, launcher, seen)  # noqa: PLW2901 - the better-founded answer
        elif seen.verdict == "error" and not seen.missing:
            # The app may have used up what it takes to read a file.
            seen = _alone(settings, launcher, seen, 0)  # noqa: PLW2901
        if killed and not seen.killed:
            yield Notice(
                f"a worker was killed by signal 9 (SIGKILL) while {seen.path} ran, which does not do that by itself",
                "If nobody has killed it, the system has: see whether the machine is out of memory.",
            )
        updated, why = _update(store, seen) if settings.update else (False, "")
        unsaved += [why] if why else []
        standing = _standing(seen, datetime.date.today())
        event = EntryReplayed(
            seen.path, seen.verdict, seen.entry, seen.findings, seen.transcript, seen.difference, updated, standing, why
        )
        counts[seen.verdict] += 1
        lacking.update(dict.fromkeys(seen.missing))
        accepted += standing == "accepted"
        features.update(seen.features)
        if seen.verdict in ("fail", "changed", "flaky"):
            failing.update(finding.fingerprint for finding in seen.findings)
        yield event
    yield ReplayFinished({verdict: counts[verdict] for verdict in VERDICTS}, accepted)
    problems = [CredentialError(tuple(lacking), "the replay").told] if lacking else []
    problems += unwritten(unsaved, "recorded anew")
    return Replays(counts, accepted, frozenset(failing), frozenset(features), tuple(problems))


def unwritten(reasons: Sequence[str], what: str) -> list[str]:
    """The problem that entries could not be `what`, in one sentence; they have been told one by one."""
    if len(reasons) < 2:
        return list(reasons)
    return [f"{len(reasons)} entries could not be {what}; the first: {reasons[0]}"]


def _standing(seen: Replayed, today: datetime.date) -> Standing:
    """What people's acceptance of the entry means for the verdict: only what was accepted is excused."""
    entry = seen.entry
    if entry is None or entry.state.name != "accepted" or entry.verdict != "fail":
        return ""
    if seen.verdict == "pass":
        return "resolved"
    recorded = {finding.fingerprint for finding in entry.findings}
    if seen.verdict != "fail" or not recorded.issuperset(seen.fingerprints):
        return ""
    # As text, for a file may say anything; ISO dates sort as days do.
    over = entry.state.until is not None and today.isoformat() > entry.state.until
    return "expired" if over else "accepted"


def _run_all(settings: Settings, launcher: Launcher, paths: Sequence[Path]) -> Iterator[Replayed]:
    """Replay all in one worker after the other: an entry that kills its worker costs only itself."""
    remaining = deque(paths)
    while remaining:
        worker = launcher.worker()
        try:
            for seen in worker.call(replay_in_worker, tuple(str(path) for path in islice(remaining, AT_ONCE))):
                remaining.popleft()
                yield seen
        except WorkerLost as lost:
            yield _lost(settings, launcher, remaining.popleft(), lost)
        finally:
            worker.close()


def _lost(settings: Settings, launcher: Launcher, path: Path, lost: WorkerLost) -> Replayed:
    try:
        entry = Store.load(path)
    except EntryError as error:
        return Replayed(str(path), "error", difference=str(error))
    transcript = death(entry.scenario, lost.how, lost.frames)
    recorded = [finding.check for finding in entry.findings]
    route = settings.for_route(entry.scenario.route)
    findings = judge(entry.scenario, transcript, options_of(route, recorded))
    findings = attributed(findings, entry.scenario, launcher.routes)
    return replace(_verdict(str(path), entry, transcript, findings, route), killed=lost.killed)


def _again(settings: Settings, launcher: Launcher, seen: Replayed) -> Replayed:
    """Run an entry alone in fresh workers; different results make it flaky."""
    runs = [_alone(settings, launcher, seen, 0)]
    for number in range(1, AGAIN):
        runs.append(_alone(settings, launcher, seen, number))
        if not _alike(settings, runs[0], runs[-1]):
            break
    else:
        return runs[0]
    return replace(runs[0], verdict="flaky", difference=_how_they_differ(settings, launcher, runs))


def _alike(settings: Settings, one: Replayed, other: Replayed) -> bool:
    if (one.verdict, one.fingerprints) != (other.verdict, other.fingerprints):
        return False
    # Two runs that fail alike are the same when they end the same, whatever else was said.
    match = settings.match if one.verdict == "changed" and not one.fingerprints else "close"
    return not difference(one.transcript or _NOTHING, other.transcript or _NOTHING, match, _masks(settings, one))


def _masks(settings: Settings, seen: Replayed) -> Masks:
    return Masks.parse(settings.for_route(seen.entry.scenario.route).masks) if seen.entry is not None else NO_MASKS


def _how_they_differ(settings: Settings, launcher: Launcher, runs: list[Replayed]) -> str:
    """The first point of difference, and the masks that would make the rest comparable."""
    masks = _masks(settings, runs[0])
    told = f"two runs differ: {first_difference(runs[0].transcript, runs[-1].transcript, masks)}"
    if settings.match == "close" or any(run.verdict != "changed" for run in runs):
        return told
    # What is the same by chance in two runs may differ in a third.
    runs = [*runs, *(_alone(settings, launcher, runs[0], number) for number in range(len(runs), AGAIN))]
    found = masks_for([run.transcript for run in runs if run.transcript is not None], settings.match, masks)
    flags = " ".join(f"--masks {shlex.quote(mask)}" for mask in found)
    return f"{told}; the rest is comparable with {flags}" if found else told


_NOTHING = Transcript(())


def _alone(settings: Settings, launcher: Launcher, seen: Replayed, randomness: int) -> Replayed:
    one = _once(settings, launcher, seen, randomness)
    # Only an entry whose worker is killed again has to do with that.
    return _once(settings, launcher, seen, randomness) if one.killed else one


def _once(settings: Settings, launcher: Launcher, seen: Replayed, randomness: int) -> Replayed:
    worker = launcher.worker()
    try:
        (one,) = worker.call(replay_in_worker, (seen.path,), True, randomness)
        result: Replayed = one
        return result
    except WorkerLost as lost:
        return _lost(settings, launcher, Path(seen.path), lost)
    finally:
        worker.close()


def _update(store: Store, seen: Replayed) -> tuple[bool, str]:
    """Record anew what changed: the transcript, and the findings that came with it. Whether that was done, and what
    stood in the way.
    """
    if seen.verdict not in ("changed", "pass") or seen.entry is None or seen.transcript is None:
        return False, ""
    if seen.verdict == "pass" and not seen.entry.findings:
        return False, ""
    transcript = replace(seen.transcript, features=seen.entry.transcript.features)
    try:
        store.replace(replace(seen.entry, transcript=transcript, findings=seen.findings))
    except CorpusError as error:
        return False, error.told
    return True, ""


# --- in the worker ---------------------------------------------------------------------------------------------------


def replay_in_worker(bench: Bench, paths: tuple[str, ...], whole: bool = False, randomness: int = 0) -> None:
    """Replay the entries at `paths` one after another and send a Replayed for each, `whole` even for a plain pass."""
    known = {route.path for route in bench.routes}
    with Runners(bench, randomness) as runners:
        for path in paths:
            bench.channel.send(("replayed", _replay_one(runners, path, known, whole)))


def _replay_one(runners: Runners, path: str, known: set[str], whole: bool) -> Replayed:
    try:
        entry = Store.load(Path(path))
    except EntryError as error:
        return Replayed(path, "error", difference=str(error), gone=not os.path.lexists(path))
    scenario = entry.scenario
    if scenario.route not in known:
        what = f"the target has no route {scenario.route!r}"
        return Replayed(path, "stale", entry.verdict, entry=entry, difference=what)
    lacking = missing(scenario, runners.settings(scenario.route).secrets)
    if lacking:
        what = str(CredentialError(lacking, "the entry"))
        return Replayed(path, "error", entry.verdict, entry=entry, difference=what, missing=lacking)
    try:
        outcome = runners.of(scenario.route).run(scenario, recorded=tuple(finding.check for finding in entry.findings))
    except ScenarioError as error:
        return Replayed(path, "error", entry.verdict, entry=entry, difference=str(error))
    if outcome.cut_short:
        return Replayed(path, "error", entry.verdict, entry=entry, difference=_too_long(runners, scenario.route))
    seen = _verdict(path, entry, outcome.transcript, outcome.findings, runners.settings(scenario.route))
    if seen.verdict == "pass" and entry.verdict == "pass" and not whole:
        return replace(seen, entry=None, transcript=None)
    return seen


def _too_long(runners: Runners, route: str) -> str:
    limit = runners.settings(route).scenario_limit
    return (
        f"it takes more than {limit:g} seconds of real time, and was cut short. "
        "If it is meant to take so long, raise `scenario_limit` in [tool.wsreplay]."
    )


def _verdict(
    path: str, entry: Entry, transcript: Transcript, findings: tuple[Finding, ...], settings: Settings
) -> Replayed:
    failures = tuple(finding for finding in findings if finding.severity == "failure")
    recorded = {finding.fingerprint for finding in entry.findings if finding.severity == "failure"}
    verdict: Verdict = "pass"
    what = ""
    if any(finding.fingerprint in recorded for finding in failures):
        verdict = "fail"
    elif failures:
        verdict, what = "changed", f"now {failures[0].check}: {failures[0].detail}"
    elif not recorded:
        what = difference(entry.transcript, transcript, settings.match, Masks.parse(settings.masks))
        verdict = "changed" if what else "pass"
    return Replayed(
        path,
        verdict,
        entry.verdict,
        tuple(sorted(finding.fingerprint for finding in failures)),
        entry.transcript.features,
        entry,
        transcript,
        findings,
        what,
    )
