"""One route's search, inside a worker: generate scenarios, run them, and send what is new to the parent."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.strategies import SearchStrategy

from wsreplay import generation
from wsreplay.config import Settings
from wsreplay.coverage import Tracer
from wsreplay.features import features
from wsreplay.fuzzing.keeping import Kept, Novelty, tidy
from wsreplay.model import Connect, Finding, Scenario, Send, Transcript
from wsreplay.shrinking import shrink
from wsreplay.workers import Bench
from wsreplay.workers.runner import Outcome, Runner

HISTORY = 2000
"""Scenarios before a finding among which the parent looks for those that it depends on."""

REPORT_EVERY = 0.2
"""Seconds between two reports of progress."""

SHRINK_TRIES, SHRINK_SECONDS = 500, 30.0
"""What the shrinking of one finding may take. The tries end it, so that a seed gives the same on any machine; the real
seconds only where every try takes long.
"""

KEEP_TRIES, KEEP_SECONDS = 80, 10.0
"""The same for a scenario that is kept for its features."""


class Enough(BaseException):
    """The time is up, or the parent has asked for an end."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the parent asks of a campaign. `deadline` is on the monotonic clock (None: none); `known` are fingerprints
    that are on record, `seen` features that are; `deadly` are messages known to end the process, which are left out;
    with `every` each scenario is told before it runs.
    """

    path: str
    seed: int
    examples: int
    deadline: float | None = None
    known: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    deadly: frozenset[str | bytes] = frozenset()
    kept: tuple[Kept, ...] = ()
    every: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a campaign has come."""

    sequences: int = 0
    messages: int = 0
    connections: int = 0
    features: int = 0
    elapsed: float = 0.0
    done: bool = False
    doing: str = "fuzzing"


@dataclass(frozen=True, slots=True)
class Found:
    """A bug that is new to this campaign: as small as it could be made in this process, and as it was found."""

    finding: Finding
    scenario: Scenario
    transcript: Transcript
    original: Scenario
    after: int
    findings: tuple[Finding, ...] = ()


def derived_seed(*parts: object) -> int:
    """A seed of 64 bits that depends on nothing but `parts`."""
    text = "\x00".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def campaign(bench: Bench, order: Order) -> Tally:
    """Search the route `order.path`; send Tally, Found and Kept on the way and return the final Tally.

    After each Found it waits for the parent's answer: `go on`, `history` (answered with the scenarios before it) or
    `stop`.
    """
    tracer = Tracer(bench.sources.owns, bench.sources.name)
    with Runner(bench, order.path) as runner:
        search = _Search(bench, runner, tracer, order)
        try:
            with contextlib.suppress(Enough):
                search.run()
            search.tidy()
        finally:
            tracer.stop()
    return search.tally(done=True)


class _Search:
    def __init__(self, bench: Bench, runner: Runner, tracer: Tracer, order: Order) -> None:
        self._bench = bench
        self._runner = runner
        self._tracer = tracer
        self._order = order
        self._known = set(order.known)
        self._kept = list(order.kept)
        self._novelty = Novelty(order.seen.union(*(kept.transcript.features for kept in order.kept)))
        self._history: list[Scenario] = []
        self._pending: deque[tuple[Scenario, Outcome, Finding, int]] = deque()
        self._started = time.monotonic()
        self._reported = self._started
        self._sequences = self._messages = self._connections = 0

    def run(self) -> None:
        """Generate and try as many scenarios as were ordered."""
        settings_ = self._bench.settings.for_route(self._order.path)
        endpoint = self._bench.endpoint(self._order.path)
        strategy = generation.scenarios(endpoint, _options(settings_))
        self._tracer.start()
        self._try(_idle(endpoint.route.path, strategy, self._order.seed))
        if self._order.examples > 1:
            _hypothesis_loop(strategy, self._try, self._order.seed, self._order.examples - 1)()

    def tally(self, done: bool = False, doing: str = "fuzzing") -> Tally:
        """How far it has come."""
        elapsed = time.monotonic() - self._started
        return Tally(self._sequences, self._messages, self._connections, len(self._novelty.seen), elapsed, done, doing)

    def _try(self, scenario: Scenario) -> None:
        self._look_at_the_clock()
        scenario = self._harmless(scenario)
        self._sequences += 1
        self._messages += scenario.messages
        self._connections += sum(1 for step in scenario.steps if type(step) is Connect)
        self._bench.tally = (self._sequences, self._messages, self._connections)
        if self._order.every:
            self._tell(scenario)
        outcome = self._run(scenario)
        shown = self._new_features(outcome)
        if shown and not outcome.findings:
            self._keep(scenario, shown)
        while self._pending:
            self._found(*self._pending.popleft())

    def _harmless(self, scenario: Scenario) -> Scenario:
        """Leave out what is known to end the process, so that what else there is can be found."""
        deadly = self._order.deadly
        if not deadly:
            return scenario
        steps = tuple(step for step in scenario.steps if not (type(step) is Send and step.data in deadly))
        return replace(scenario, steps=steps)

    def _run(self, scenario: Scenario) -> Outcome:
        """Run a scenario; a bug that is new is remembered, whatever the scenario was run for."""
        before = len(self._history)
        outcome = self._runner.run(scenario)
        for finding in outcome.findings:
            if finding.fingerprint not in self._known:
                self._known.add(finding.fingerprint)
                self._pending.append((scenario, outcome, finding, before))
        self._history.append(scenario)
        return outcome

    def _new_features(self, outcome: Outcome) -> frozenset[str]:
        return self._novelty.take(features(outcome.transcript) | self._tracer.new())

    # --- findings ----------------------------------------------------------------------------------------------------

    def _found(self, scenario: Scenario, outcome: Outcome, finding: Finding, before: int) -> None:
        self._runner.know_block(finding)
        self._report(doing=f"shrinking {finding.check}")
        small, best = self._shrunk(scenario, outcome, finding.fingerprint)
        found = next(one for one in best.findings if one.fingerprint == finding.fingerprint)
        self._tell(Found(found, small, best.transcript, scenario, self._sequences, best.findings))
        self._listen(before)

    def _shrunk(self, scenario: Scenario, outcome: Outcome, fingerprint: str) -> tuple[Scenario, Outcome]:
        best = (scenario, outcome)

        def still_fails(candidate: Scenario) -> bool:
            nonlocal best
            tried = self._run(candidate)
            if tried.shows(fingerprint):
                best = (candidate, tried)
                return True
            return False

        if still_fails(scenario):
            shrink(scenario, still_fails, self._until(SHRINK_TRIES, SHRINK_SECONDS))
        return best

    def _until(self, tries: int, seconds: float) -> Callable[[], bool]:
        last = len(self._history) + tries
        end = time.monotonic() + seconds
        if self._order.deadline is not None:
            end = min(end, self._order.deadline)
        return lambda: len(self._history) >= last or time.monotonic() >= end

    def _listen(self, before: int) -> None:
        while True:
            answer = self._bench.channel.receive()
            if answer == "history":
                self._tell(tuple(self._history[max(0, before - HISTORY) : before]))
            elif answer == "stop":
                raise Enough
            else:
                return

    # --- what is kept for its features -------------------------------------------------------------------------------

    def tidy(self) -> None:
        """Make the final choice among what was kept, and tell it to the parent."""
        if self._kept and not self._late:
            self._report(doing="choosing what to keep")
            limits = partial(self._until, KEEP_TRIES, KEEP_SECONDS)
            self._tell(tidy(self._kept, self._order.seen, self._shown, limits))

    def _keep(self, scenario: Scenario, new: frozenset[str]) -> None:
        kept = self._shown(scenario)
        # What was shown once and is not shown again was the state of the app's, not the scenario's.
        if kept is not None and not new.isdisjoint(kept.transcript.features):
            self._kept.append(kept)
            self._tell(kept)

    def _shown(self, scenario: Scenario) -> Kept | None:
        """Run a scenario and return it with the features that it shows; None if a check fires."""
        self._tracer.reset()
        outcome = self._run(scenario)
        shown = features(outcome.transcript) | self._tracer.new()
        if outcome.findings:
            return None
        transcript = replace(outcome.transcript, features=tuple(sorted(shown & self._novelty.seen)))
        return Kept(scenario, transcript, self._sequences)

    # --- the parent --------------------------------------------------------------------------------------------------

    def _look_at_the_clock(self) -> None:
        if self._late:
            raise Enough
        if time.monotonic() - self._reported >= REPORT_EVERY:
            self._report()

    @property
    def _late(self) -> bool:
        return self._order.deadline is not None and time.monotonic() >= self._order.deadline

    def _report(self, doing: str = "fuzzing") -> None:
        self._reported = time.monotonic()
        self._tell(self.tally(doing=doing))

    def _tell(self, value: object) -> None:
        self._bench.channel.send(("told", value))


def _options(settings_: Settings) -> generation.Options:
    return generation.Options(
        max_messages=settings_.max_messages,
        max_clients=settings_.max_clients,
        max_message_size=settings_.max_message_size,
        close_codes=tuple(settings_.close_codes),
        headers=tuple(settings_.headers),
    )


def _hypothesis_loop(
    strategy: SearchStrategy[Scenario], body: Callable[[Scenario], None], number: int, examples: int
) -> Callable[[], None]:
    """Hypothesis's engine around `body`. Every setting is stated: the defaults differ on CI machines."""

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(strategy)
    def test(scenario: Scenario) -> None:
        body(scenario)

    return test


def _idle(route: str, strategy: SearchStrategy[Scenario], number: int) -> Scenario:
    """A connection without a message, on a path that the strategy finds: what every session of the route does."""
    found: list[Scenario] = []

    def remember(scenario: Scenario) -> None:
        found.append(scenario)
        raise Enough

    with contextlib.suppress(Enough):
        _hypothesis_loop(strategy, remember, number, 1)()
    return Scenario(route, found[0].clients[:1], (Connect(0),))
