"""The report for CI servers, `--report-junit`: a test case for each replayed entry, for each failure, and for each
route that had none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from wsreplay.events import EngineEvent, EntryReplayed
from wsreplay.report import files
from wsreplay.report.exchange import exchange
from wsreplay.report.finding import body, what
from wsreplay.report.ledger import Found, Ledger, RouteRecord
from wsreplay.report.replayed import one_line
from wsreplay.report.text import path_text, visible

FLAG = "--report-junit"

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 does not allow, escaped or not (2.2, production Char)."""


class JunitReport:
    """Writes the report when it is closed. Raises ConfigError at once when it could not."""

    def __init__(self, path: Path) -> None:
        files.probe(path, FLAG)
        self._path = path
        self._ledger = Ledger()

    def handle(self, event: EngineEvent) -> None:
        """Take one event."""
        self._ledger.handle(event)

    def close(self) -> None:
        """Write the report; nothing if the run never began."""
        if self._ledger.started is not None:
            files.write(self._path, document(self._ledger), FLAG)


def document(ledger: Ledger) -> str:
    """The report as XML."""
    cases = [*(_replayed(event) for event in ledger.replayed), *_routes(ledger)]
    failures = sum(1 for case in cases if case.find("failure") is not None)
    errors = sum(1 for case in cases if case.find("error") is not None)
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    elapsed = f"{ledger.finished.elapsed if ledger.finished else 0.0:.3f}"
    figures = {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors), "time": elapsed}
    suites = ElementTree.Element("testsuites", figures)
    name = f"wsreplay {ledger.started.command} {ledger.started.target}" if ledger.started else "wsreplay"
    suite = ElementTree.SubElement(
        suites, "testsuite", {"name": _clean(visible(name)), **figures, "skipped": str(skipped)}
    )
    suite.extend(cases)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _replayed(event: EntryReplayed) -> ElementTree.Element:
    case = _case("wsreplay.replay", path_text(event.path))
    if event.standing == "accepted":
        ElementTree.SubElement(case, "skipped", {"type": "accepted", "message": _clean(one_line(event).text)})
    elif event.verdict != "pass":
        tag = "error" if event.verdict == "error" else "failure"
        text = ""
        if event.entry is not None and event.transcript is not None:
            text = "\n".join(line.text for line in exchange(event.entry.scenario, event.transcript))
        _outcome(case, tag, event.verdict, one_line(event).text, text)
    return case


def _routes(ledger: Ledger) -> Iterator[ElementTree.Element]:
    if ledger.started is None or ledger.started.command != "fuzz":
        return
    for record in ledger.routes.values():
        fresh = [found for found in record.of("failure") if found.after > 0]
        if not fresh:
            yield _case("wsreplay.fuzz", record.route.path)
        for found in fresh:
            yield _failure(record, found)


def _failure(record: RouteRecord, found: Found) -> ElementTree.Element:
    finding = found.finding
    case = _case("wsreplay.fuzz", f"{record.route.path} {finding.check} {finding.fingerprint}")
    lines = list(body(finding, found.transcript))
    if found.entry is not None and found.transcript is not None:  # pragma: no branch - what a search finds has both
        lines += exchange(found.entry.scenario, found.transcript)
    text = "\n".join(line.text for line in lines)
    if found.path is not None:
        text += f"\nSaved as {path_text(found.path)}"
    _outcome(case, "failure", finding.check, what(finding, found.transcript), text)
    return case


def _case(group: str, name: str) -> ElementTree.Element:
    return ElementTree.Element("testcase", {"classname": group, "name": _clean(visible(name))})


def _outcome(case: ElementTree.Element, tag: str, kind: str, message: str, text: str) -> None:
    element = ElementTree.SubElement(case, tag, {"type": _clean(kind), "message": _clean(message)})
    element.text = _clean(text)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)
