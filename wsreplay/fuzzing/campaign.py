"""One route's search, inside a worker: generate scenarios, run them, and send what is new to the parent."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from wsreplay import generation
from wsreplay.coverage import Reach, Tracer, Ways
from wsreplay.documents import MAX_ECHO, readable
from wsreplay.features import features
from wsreplay.fuzzing.confirming import HISTORY
from wsreplay.fuzzing.keeping import Kept, Novelty, tidy
from wsreplay.fuzzing.orders import Found, Order, Seen, Tally
from wsreplay.fuzzing.probing import Probes, introduced
from wsreplay.generation import Author, Dice, Well
from wsreplay.homes import visitors
from wsreplay.identity import missing
from wsreplay.model import Accepted, Finding, Message, Scenario, Send
from wsreplay.shrinking import shrink, trim
from wsreplay.workers import Bench
from wsreplay.workers.drawing import drawing_options
from wsreplay.workers.runner import Outcome, Runner

REPORT_EVERY = 0.2
"""Seconds between two reports of progress."""

SHRINK_TRIES, SHRINK_SECONDS = 500, 30.0
"""What the shrinking of one finding may take. The tries end it, so that a seed gives the same on any machine; the real
seconds only where every try takes long.
"""

WARN_TRIES, WARN_SECONDS = 30, 5.0
"""The same for what is only a warning. A library that breaks may keep what it had of the client, each time."""

KEEP_TRIES, KEEP_SECONDS = 80, 10.0
"""The same for a scenario that is kept for its features."""

TRIM_TRIES, TRIM_SECONDS = 40, 5.0
"""The same for making short what is mutated from then on."""

TRIM_FROM = 2
"""Steps of a scenario that is short enough."""

TRACED_FIRST, TRACED_THEN = 300, 4
"""Where tracing costs as much as running, it is done for the first sequences of a route and one in so many later."""

MUTATIONS = 128
"""Scenarios in 256 that are mutations of what opened new ground, in this run or an earlier one."""


class Enough(BaseException):
    """The time is up, or the parent has asked for an end."""


def campaign(bench: Bench, order: Order) -> Tally:
    """Search the route `order.path`; send Tally, Found and Kept on the way and return the final Tally.

    After each Found it waits for the parent's answer: `go on`, `history` (answered with the scenarios before it) or
    `stop`.
    """
    tracer = Tracer(bench.sources.owns, bench.sources.name)
    with Runner(bench, order.path, tracer=tracer) as runner:
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
        self._endpoint = bench.endpoint(order.path)
        settings = bench.settings.for_route(order.path)
        self._options = drawing_options(settings)
        self._identity = settings.identity
        self._probes = Probes(settings)
        samples = [sample for sample in order.samples if not missing(sample, settings.secrets)]
        # Clients of a route that gives other credentials, say, would come with those of this one.
        others = [one for one in bench.endpoints if one is not self._endpoint]
        others = [one for one in others if bench.settings.for_route(one.route.path) == settings]
        self._author = Author(self._endpoint, self._options, samples, MUTATIONS, others)
        self._well = Well(order.seed)
        # What is not the application's is read, where it is the handler, and never traced.
        own = [code for code in self._author.functions if bench.sources.owns(code.co_filename)]
        self._ways = Ways(own, bench.sources.name)
        self._known = set(order.known)
        self._kept = list(order.kept)
        for kept in order.kept:
            self._author.learn(kept.scenario, kept.transcript.features)
        # What is new to this run leads on, what is new to the corpus is kept: so a seed goes the same way again,
        # whatever the corpus holds by then.
        self._fresh = Novelty()
        self._novelty = Novelty(order.seen.union(*(kept.transcript.features for kept in order.kept)))
        self._history: deque[Scenario] = deque(maxlen=HISTORY)
        self._runs = 0
        self._pending: deque[tuple[Scenario, Outcome, Finding, tuple[Scenario, ...]]] = deque()
        self._started = time.monotonic()
        self._reported = self._started
        self._progress = self._sequences = self._messages = self._connections = 0
        self._worn = False

    def run(self) -> None:
        """Write and try as many scenarios as were ordered."""
        self._tracer.start()
        self._tracer.pause()
        for scenario in generation.openings(self._endpoint, self._options, self._written(0, alone=True)):
            if not self._enough:
                self._try_and_probe(self._introduced(scenario, 0))
        while not self._enough:
            self._try_and_probe(self._written(self._sequences))

    @property
    def _enough(self) -> bool:
        order = self._order
        if order.examples is not None:
            return self._sequences >= order.examples
        return order.patience is not None and self._sequences - self._progress >= order.patience

    def _written(self, number: int, alone: bool = False) -> Scenario:
        scenario = self._author.scenario(Dice.thrown(self._order.seed, number), self._well.draw, alone)
        return self._introduced(scenario, number)

    def _introduced(self, scenario: Scenario, number: int) -> Scenario:
        return introduced(scenario, self._identity, number) if self._identity else scenario

    def tally(self, done: bool = False, doing: str = "fuzzing") -> Tally:
        """How far it has come."""
        elapsed = time.monotonic() - self._started
        reach = self._ways.reach if self._tracer.active else Reach()
        return Tally(
            self._sequences,
            self._messages,
            self._connections,
            len(self._novelty.seen),
            elapsed,
            done,
            doing,
            reach.gone,
            reach.known,
            self._worn,
        )

    def _try(self, scenario: Scenario) -> Outcome:
        self._look_at_the_clock()
        scenario = self._harmless(scenario)
        self._sequences += 1
        self._messages += scenario.messages
        self._bench.tally = (self._sequences, self._messages, self._connections)
        if self._order.every:
            self._tell(scenario)
        outcome = self._run(scenario, self._traces())
        self._connections += sum(1 for event in outcome.transcript.events if type(event) is Accepted)
        shown = features(outcome.transcript) | self._tracer.new()
        self._author.meet(shown)
        if fresh := self._fresh.take(shown):
            self._ways.take(fresh)
            self._progress = self._sequences
            self._hear(outcome)
            if not outcome.findings:
                self._author.learn(self._trimmed(scenario, fresh), fresh)
        if (new := self._novelty.take(shown)) and not outcome.findings:
            self._keep(scenario, new)
        while self._pending:
            self._found(*self._pending.popleft())
        if self._bench.worn(self._sequences):
            self._worn = True
            raise Enough
        return outcome

    def _trimmed(self, scenario: Scenario, fresh: frozenset[str]) -> Scenario:
        """What opened new ground without what was not needed for it: there is room to go on from there."""

        def still_shows(candidate: Scenario) -> bool:
            return fresh.issubset(self._traced(candidate)[1])

        # What an earlier scenario has left with the app may not show again.
        if len(scenario.steps) <= TRIM_FROM or not still_shows(scenario):
            return scenario
        return trim(scenario, still_shows, self._until(TRIM_TRIES, TRIM_SECONDS))

    def _try_and_probe(self, scenario: Scenario) -> None:
        outcome = self._try(scenario)
        if self._probes and not self._visitors(scenario):
            for probe in self._probes.of(scenario, outcome.transcript):
                self._try(probe)

    def _hear(self, outcome: Outcome) -> None:
        said = ""
        for event in outcome.transcript.events:
            if type(event) is not Message:
                continue
            text = readable(event.data)
            if event.origin == "app":
                self._author.hear(event.data if text is None else text, said)
            elif text is not None:
                said += text[:MAX_ECHO]

    def _harmless(self, scenario: Scenario) -> Scenario:
        """Leave out what is known to end the process, so that what else there is can be found."""
        deadly = self._order.deadly
        if not deadly:
            return scenario
        steps = tuple(step for step in scenario.steps if not (type(step) is Send and step.data in deadly))
        return replace(scenario, steps=steps) if len(steps) < len(scenario.steps) else scenario

    def _traces(self) -> bool:
        return self._tracer.cheap or self._sequences <= TRACED_FIRST or self._sequences % TRACED_THEN == 0

    def _run(self, scenario: Scenario, traced: bool = False) -> Outcome:
        """Run a scenario; a bug that is new is remembered, whatever the scenario was run for."""
        outcome = self._runner.run(scenario, traced)
        for finding in outcome.findings:
            if finding.fingerprint not in self._known:
                self._known.add(finding.fingerprint)
                if finding.route == self._order.path:
                    self._pending.append((scenario, outcome, finding, tuple(self._history)))
                else:
                    # It is for the search of that route, in which clients of this one take part, too.
                    self._runner.know_block(finding)
        self._history.append(scenario)
        self._runs += 1
        return outcome

    def _traced(self, scenario: Scenario) -> tuple[Outcome, frozenset[str]]:
        """Run a scenario once more, and tell all that it shows, whatever others have shown before."""
        self._tracer.reset()
        outcome = self._run(scenario, traced=True)
        return outcome, features(outcome.transcript) | self._tracer.new()

    def _visitors(self, scenario: Scenario) -> tuple[int, ...]:
        companions = self._author.companions
        return visitors(scenario, self._endpoint.route, companions) if companions else ()

    # --- findings ----------------------------------------------------------------------------------------------------

    def _found(self, scenario: Scenario, outcome: Outcome, finding: Finding, before: tuple[Scenario, ...]) -> None:
        self._runner.know_block(finding)
        self._report(doing=f"shrinking {finding.check}")
        seen = Found(finding, scenario, outcome.transcript, scenario, self._sequences, outcome.findings)
        self._tell(Seen(seen))
        small, best = self._shrunk(scenario, outcome, finding)
        found = next(one for one in best.findings if one.fingerprint == finding.fingerprint)
        self._tell(Found(found, small, best.transcript, scenario, self._sequences, best.findings))
        self._listen(before)

    def _shrunk(self, scenario: Scenario, outcome: Outcome, finding: Finding) -> tuple[Scenario, Outcome]:
        best = (scenario, outcome)

        def still_fails(candidate: Scenario) -> bool:
            nonlocal best
            if self._harmless(candidate) is not candidate:
                return False
            tried = self._run(candidate)
            if tried.shows(finding.fingerprint):
                best = (candidate, tried)
                return True
            return False

        if still_fails(scenario):
            failure = finding.severity == "failure"
            limits = (SHRINK_TRIES, SHRINK_SECONDS) if failure else (WARN_TRIES, WARN_SECONDS)
            shrink(scenario, still_fails, self._until(*limits))
        return best

    def _until(self, tries: int, seconds: float) -> Callable[[], bool]:
        last = self._runs + tries
        end = time.monotonic() + seconds
        if self._order.deadline is not None:
            end = min(end, self._order.deadline)
        return lambda: self._runs >= last or time.monotonic() >= end

    def _listen(self, before: tuple[Scenario, ...]) -> None:
        while True:
            answer = self._bench.channel.receive()
            if answer == "history":
                self._tell(before)
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
        if self._harmless(scenario) is not scenario:
            return None
        outcome, shown = self._traced(scenario)
        self._ways.take(self._fresh.take(shown))
        self._novelty.take(shown)
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
