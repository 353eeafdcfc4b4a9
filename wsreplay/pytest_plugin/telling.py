"""What is told once all items have run: figures route by route, the sequences if they were asked for, reports."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from wsreplay.errors import WsreplayError
from wsreplay.events import EngineEvent, FindingFound, RunFinished, RunStarted, SequenceTried
from wsreplay.pytest_plugin.choices import Choices
from wsreplay.pytest_plugin.showing import write
from wsreplay.report.exchange import asked
from wsreplay.report.finding import one_liner
from wsreplay.report.html_report import HtmlReport
from wsreplay.report.json_report import JsonReport
from wsreplay.report.ledger import Ledger
from wsreplay.report.narration import summary
from wsreplay.report.replayed import counts_text
from wsreplay.report.reporter import Reporter
from wsreplay.report.text import Line, counted, sentence, visible

HTTP = "wsreplay tests WebSocket routes only; what --routes would do with HTTP routes is not done."


class Account:
    """Takes the events of all items, in this process or others. Raises ConfigError for a report that cannot be
    written.
    """

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._ledger = Ledger()
        self._sequences: dict[str, list[SequenceTried]] = {}
        self._warnings: list[FindingFound] = []
        self._reporters: list[Reporter] = []
        self._unwritten: list[WsreplayError] = []
        self._began = time.monotonic()
        settings = choices.settings
        if settings.report_json is not None:
            self._reporters.append(JsonReport(settings.report_json))
        if settings.report_html is not None:
            self._reporters.append(HtmlReport(settings.report_html, settings))
        command = "fuzz" if choices.fuzz else "replay"
        seed = settings.seed if choices.fuzz else None
        self.handle(RunStarted(command, settings.target or "the fixture app", seed, (), str(settings.corpus)))

    def handle(self, event: EngineEvent) -> None:
        """Take one event."""
        if isinstance(event, SequenceTried):
            self._sequences.setdefault(event.route, []).append(event)
        if isinstance(event, FindingFound) and event.finding.severity == "warning":
            self._warnings.append(event)
        self._ledger.handle(event)
        for reporter in self._reporters:
            reporter.handle(event)

    def close(self, exit_code: int) -> bool:
        """Write the reports; return whether all could be written. Those that could not are told with the rest."""
        self.handle(RunFinished(time.monotonic() - self._began, exit_code))
        for reporter in self._reporters:
            try:
                reporter.close()
            except WsreplayError as error:
                self._unwritten.append(error)
        return not self._unwritten

    def tell(self, terminal: pytest.TerminalReporter) -> None:
        """Write the summary."""
        lines = tuple(self._lines())
        if lines:
            terminal.ensure_newline()
            terminal.section("wsreplay", sep="=")
            write(terminal, lines)

    def _lines(self) -> Iterator[Line]:
        if self._choices.routes:
            more = "" if self._choices.fuzz else " Add --routes-websocket to have those tested."
            yield Line(f"{HTTP}{more}", "warning")
        if self._ledger.replayed:
            said = counts_text(self._ledger.counts, self._ledger.accepted)
            yield Line(f"Replayed {counted(len(self._ledger.replayed), 'entry', 'entries')}: {said}.")
            anew = sum(event.updated for event in self._ledger.replayed)
            if anew:
                yield Line(f"Recorded anew: {counted(anew, 'entry', 'entries')}.", "warning")
        for route, tried in self._sequences.items():
            yield Line(f"Sequences of {visible(route)}:", "strong")
            yield from (Line(f"  {number}. {asked(one.scenario)}") for number, one in enumerate(tried, 1))
        if any(record.sequences for record in self._ledger.routes.values()):
            yield from (one_liner(event) for event in self._warnings)
            yield from summary(self._ledger)
            yield Line(f"Seed: {self._choices.settings.seed}")
        yield from (Line(f"error: {sentence(error.told)}", "failure") for error in self._unwritten)
