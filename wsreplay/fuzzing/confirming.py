"""Confirming a finding in fresh processes, where nothing of what ran before can fake it.

A finding that does not show there alone may depend on earlier scenarios: then the fewest of them that it needs become
the head of one larger scenario, their clients coming first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wsreplay.checks import judge
from wsreplay.comparing import difference
from wsreplay.config import Settings
from wsreplay.corpus.limits import breach
from wsreplay.fuzzing.keeping import Kept
from wsreplay.fuzzing.orders import Found
from wsreplay.homes import attributed
from wsreplay.model import Finding, Scenario, Transcript
from wsreplay.shrinking import merge, reduce_history, shrink
from wsreplay.workers import Bench, Launcher, WorkerLost
from wsreplay.workers.judging import death, options_of
from wsreplay.workers.runner import Outcome, Runner

HISTORY = 2000
"""Scenarios before a finding among which those are looked for that it depends on."""

CONFIRM_TRIES, CONFIRM_SECONDS = 200, 30.0
"""What confirming one finding may take: so many processes, and where each takes long, so many real seconds."""

OVERTIME, OVERTIME_EACH = 5.0, 1.5
"""Real seconds by which confirming may outlast the time of the whole run, and what a process has even then."""

UNSTOPPABLE_SECONDS = 5.0
"""The same for what cannot be interrupted."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A finding as it is to be kept. `earlier` clients at the scenario's head come from earlier scenarios."""

    finding: Finding
    scenario: Scenario
    transcript: Transcript
    findings: tuple[Finding, ...]
    earlier: int = 0
    certain: bool = True

    @property
    def stateful(self) -> bool:
        """Whether the state that earlier scenarios had left was needed, or seemed to be."""
        return self.earlier > 0 or not self.certain


def try_in_worker(bench: Bench, path: str, scenarios: tuple[Scenario, ...]) -> Outcome:
    """Run the scenarios one after the other; return what the last one gave."""
    with Runner(bench, path) as runner:
        for scenario in scenarios[:-1]:
            runner.run(scenario)
        return runner.run(scenarios[-1])


class Confirmation:
    """Confirms the findings of one route. `deadline` bounds it on the monotonic clock."""

    def __init__(self, launcher: Launcher, settings: Settings, path: str, deadline: float | None) -> None:
        self._launcher = launcher
        self._options = options_of(settings)
        self._path = path
        self._deadline = deadline
        self._end = 0.0
        self._tries = 0

    def of(self, found: Found, history: Callable[[], Sequence[Scenario]]) -> Confirmed:
        """Confirm what a campaign has found; `history` fetches the scenarios that had run before it."""
        self._start_clock()
        fingerprint = found.finding.fingerprint
        for scenario in dict.fromkeys((found.scenario, found.original)):
            alone = self._try(fingerprint, scenario)
            if alone is not None:
                # What was small among the remains of other scenarios may be smaller still without them.
                small, outcome = self._shrink(fingerprint, scenario, alone)
                return self._confirmed(fingerprint, small, outcome)
        return self._with_history(found, history())

    def anew(self, scenario: Scenario, fingerprints: Sequence[str]) -> Confirmed | None:
        """Shrink a scenario that shows a bug alone: one with a fingerprint of these, where there are any. None if it
        shows none.
        """
        self._start_clock()
        outcome = self.alone(scenario)
        failures = (one.fingerprint for one in outcome.findings if one.severity == "failure")
        fingerprint = next((one for one in failures if not fingerprints or one in fingerprints), None)
        if fingerprint is None:
            return None
        small, outcome = self._shrink(fingerprint, scenario, outcome)
        return self._confirmed(fingerprint, small, outcome)

    def alone(self, *scenarios: Scenario) -> Outcome:
        """What the last of the scenarios gives in a fresh worker, after the others. Raises Stopped."""
        try:
            return self._alone(scenarios)
        except WorkerLost as lost:
            if not lost.killed:
                return self.death(scenarios[-1], lost)
        # Only a scenario whose worker is killed again has to do with that.
        try:
            return self._alone(scenarios)
        except WorkerLost as lost:
            return self.death(scenarios[-1], lost)

    def _alone(self, scenarios: tuple[Scenario, ...]) -> Outcome:
        worker = self._launcher.worker()
        until = None
        if self._deadline is not None:
            until = max(self._deadline + OVERTIME, time.monotonic() + OVERTIME_EACH)
        try:
            outcome: Outcome = worker.result(try_in_worker, self._path, scenarios, until=until)
            return outcome
        except WorkerLost as lost:
            if not lost.late:
                raise
            return Outcome(Transcript(()), ())
        finally:
            worker.close()

    def kept(self, kept: Kept) -> Kept | None:
        """What a scenario that was kept does in a fresh process, as a replay will run it; None where it passes no more,
        or does something else without what others had left behind. Raises Stopped.
        """
        outcome = self.alone(kept.scenario)
        if outcome.failed or difference(kept.transcript, outcome.transcript, "close"):
            return None
        transcript = replace(outcome.transcript, features=kept.transcript.features)
        return replace(kept, transcript=transcript, findings=outcome.findings)

    def death(self, scenario: Scenario, lost: WorkerLost) -> Outcome:
        """What the checks make of a scenario during which a worker died."""
        transcript = death(scenario, lost.how, lost.frames)
        findings = judge(scenario, transcript, self._options)
        return Outcome(transcript, attributed(findings, scenario, self._launcher.routes))

    def of_death(self, scenario: Scenario, died: Outcome, history: Sequence[Scenario] = ()) -> Confirmed:
        """Confirm a scenario during which a worker died, having run those of `history` before."""
        self._start_clock()
        finding = died.findings[0]
        outcome = self._try(finding.fingerprint, scenario)
        if outcome is None:
            found = Found(finding, scenario, died.transcript, scenario, 0, died.findings)
            return self._with_history(found, history[-HISTORY:])
        small, outcome = self._shrink(finding.fingerprint, scenario, outcome)
        return self._confirmed(finding.fingerprint, small, outcome)

    def _with_history(self, found: Found, history: Sequence[Scenario]) -> Confirmed:
        fingerprint = found.finding.fingerprint
        unsure = Confirmed(found.finding, found.scenario, found.transcript, found.findings, certain=False)
        final = found.original

        def in_turn(before: Sequence[Scenario]) -> bool:
            return self._try(fingerprint, *before, final) is not None

        shown: list[tuple[Scenario, Outcome]] = []

        def at_once(before: Sequence[Scenario]) -> bool:
            whole = merge(before, final)
            outcome = None if breach(whole) else self._try(fingerprint, whole)
            if outcome is not None:
                shown.append((whole, outcome))
            return outcome is not None

        earlier = reduce_history(history, final, in_turn, self._late)
        if earlier is not None and not at_once(earlier):
            # In one long scenario other things are under way when somebody leaves: a few more may be needed.
            reduce_history(history, final, at_once, self._late)
        if not shown:
            return unsure
        self._start_clock()
        small, outcome = self._shrink(fingerprint, *shown[-1])
        own = min(len(final.clients), len(small.clients))
        return replace(self._confirmed(fingerprint, small, outcome), earlier=len(small.clients) - own)

    def _confirmed(self, fingerprint: str, scenario: Scenario, outcome: Outcome) -> Confirmed:
        finding = next(one for one in outcome.findings if one.fingerprint == fingerprint)
        return Confirmed(finding, scenario, outcome.transcript, outcome.findings)

    def _shrink(self, fingerprint: str, scenario: Scenario, outcome: Outcome) -> tuple[Scenario, Outcome]:
        best = (scenario, outcome)
        if any(one.fingerprint == fingerprint and one.cause == "unstoppable" for one in outcome.findings):
            # Each try takes seconds, and ends a process.
            self._end = min(self._end, time.monotonic() + UNSTOPPABLE_SECONDS)

        def still_fails(candidate: Scenario) -> bool:
            nonlocal best
            tried = self._try(fingerprint, candidate)
            if tried is not None:
                best = (candidate, tried)
            return tried is not None

        shrink(scenario, still_fails, self._late)
        return best

    def _try(self, fingerprint: str, *scenarios: Scenario) -> Outcome | None:
        """Run the scenarios in a fresh worker; the outcome if the bug shows in the last one."""
        self._tries += 1
        outcome = self.alone(*scenarios)
        if not outcome.shows(fingerprint):
            return None
        if any(one.fingerprint == fingerprint and one.check == "blocked_loop" for one in outcome.findings):
            # A first run pays for imports and caches: only what blocks again is a block.
            return outcome if len(scenarios) > 1 else self._blocks_again(fingerprint, scenarios[-1])
        return outcome

    def _blocks_again(self, fingerprint: str, scenario: Scenario) -> Outcome | None:
        return self._try(fingerprint, scenario, scenario)

    def _start_clock(self) -> None:
        self._tries = 0
        now = time.monotonic()
        self._end = now + CONFIRM_SECONDS
        if self._deadline is not None:
            # Half of what is left is for what else there is to find; the last moment's find is confirmed, if shortly.
            self._end = min(self._end, now + max((self._deadline - now) / 2, 1.0))

    def _late(self) -> bool:
        return self._tries >= CONFIRM_TRIES or self._launcher.should_stop() or time.monotonic() >= self._end
