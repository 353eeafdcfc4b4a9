"""Runs scenarios in a worker and says what the checks make of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wsreplay.checks import judge
from wsreplay.config import Settings
from wsreplay.coverage import Tracer
from wsreplay.homes import attributed
from wsreplay.model import Close, Connect, Drop, Event, Finding, Hung, Leaked, Scenario, Transcript, Wait
from wsreplay.workers.bench import Bench, limits_of
from wsreplay.workers.judging import options_of
from wsreplay.workers.randomness import Randomness


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a scenario gave. `cut_short`: its real time was up before its last step."""

    transcript: Transcript
    findings: tuple[Finding, ...]
    cut_short: bool = False

    def shows(self, fingerprint: str) -> bool:
        """Whether the bug with this fingerprint is among the findings."""
        return any(finding.fingerprint == fingerprint for finding in self.findings)

    @property
    def failed(self) -> bool:
        """Whether a check of severity failure fired."""
        return any(finding.severity == "failure" for finding in self.findings)


class Runner:
    """One simulation of the target, whose app lives from scenario to scenario. A context manager.

    Chance is what `randomness` gives, so that an app which draws, or hands out identifiers, does the same in every run,
    on every machine; another number shows whether it depends on that. A `tracer`, which the caller
    starts and stops, runs while the app does in a `traced` scenario.
    """

    def __init__(
        self, bench: Bench, path: str | None = None, randomness: int = 0, tracer: Tracer | None = None
    ) -> None:
        self._bench = bench
        self._tracer = tracer
        self._randomness = Randomness(randomness)
        self._settings: Settings = bench.settings.for_route(path) if path is not None else bench.settings
        self._simulation = bench.simulation(path)
        self._options = self._usual = options_of(self._settings)
        self._idle: dict[str, frozenset[str]] = {}
        self._rescued: set[str] = set()

    def __enter__(self) -> Runner:
        self._randomness.start()
        try:
            self._simulation.start()
        except BaseException:
            self._randomness.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._simulation.stop()
        finally:
            self._randomness.stop()

    def run(self, scenario: Scenario, traced: bool = False, recorded: tuple[str, ...] = ()) -> Outcome:
        """Run `scenario`, on record in case it kills the process. `recorded` are checks that run in any case. Raises
        ScenarioError for one that cannot be run.
        """
        self._options = options_of(self._settings, recorded) if recorded else self._usual
        self._bench.in_flight(scenario)
        transcript = self._simulation.run(scenario, self._tracer if traced else None)
        cut_short = self._simulation.cut_short
        findings = judge(scenario, transcript, self._options)
        if findings:
            findings = self._reconsider(scenario, transcript, findings)
            findings = attributed(findings, scenario, self._bench.routes)
        return Outcome(transcript, findings, cut_short)

    def adopt(self, settings: Settings) -> None:
        """Go by the settings of another route from now on; the app lives on."""
        if settings != self._settings:
            self._settings = settings
            self._usual = options_of(settings)
            self._simulation.adopt(limits_of(settings), settings.secrets)

    def know_block(self, finding: Finding) -> None:
        """Interrupt at once what blocks the loop in a place that is known to."""
        if finding.check == "blocked_loop" and finding.location is not None:
            self._simulation.know_block(finding.location)

    # --- second thoughts ---------------------------------------------------------------------------------------------

    def _reconsider(
        self, scenario: Scenario, transcript: Transcript, findings: tuple[Finding, ...]
    ) -> tuple[Finding, ...]:
        if any(finding.check == "leaked_task" for finding in findings):
            usual = replace(transcript, events=self._without_service_tasks(scenario, transcript.events))
            findings = judge(scenario, usual, self._options)
        return tuple(finding for finding in findings if not self._is_rendezvous(scenario, finding))

    def _without_service_tasks(self, scenario: Scenario, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Drop from Leaked what a connection without a message leaves behind too."""
        kept: list[Event] = []
        for event in events:
            if type(event) is Leaked and event.client >= 0:
                tasks = tuple(name for name in event.tasks if name not in self._idle_tasks(scenario, event.client))
                if not tasks:
                    continue
                event = replace(event, tasks=tasks)  # noqa: PLW2901 - the same event with fewer tasks
            kept.append(event)
        return tuple(kept)

    def _idle_tasks(self, scenario: Scenario, client: int) -> frozenset[str]:
        peer = scenario.clients[client]
        if peer.path not in self._idle:
            idle = Scenario(scenario.route, (peer,), (Connect(0), Wait(self._settings.message_timeout)))
            self._bench.in_flight(idle)
            events = self._simulation.run(idle).events
            names = [event.tasks for event in events if type(event) is Leaked]
            self._idle[peer.path] = frozenset(name for tasks in names for name in tasks)
        return self._idle[peer.path]

    def _is_rendezvous(self, scenario: Scenario, finding: Finding) -> bool:
        """Whether what looks like a hang is a wait for another client, which ends when one comes and does the same."""
        if finding.check != "hang" or finding.cause == "reply" or finding.client < 0:
            return False
        if finding.fingerprint in self._rescued:
            return True
        company = _with_company(scenario, finding.client)
        self._bench.in_flight(company)
        events = self._simulation.run(company).events
        stuck = any(
            type(event) is Hung and event.phase == "disconnect" and event.client == finding.client for event in events
        )
        if not stuck:
            self._rescued.add(finding.fingerprint)
        return not stuck


def _with_company(scenario: Scenario, client: int) -> Scenario:
    """The same scenario, in which a new client does what `client` did before anybody leaves."""
    number = len(scenario.clients)
    staying = [step for step in scenario.steps if not isinstance(step, Close | Drop)]
    leaving = [step for step in scenario.steps if isinstance(step, Close | Drop)]
    copied = [replace(step, client=number) for step in staying if not isinstance(step, Wait) and step.client == client]
    clients = (*scenario.clients, scenario.clients[client])
    return replace(scenario, clients=clients, steps=(*staying, *copied, *leaving))
