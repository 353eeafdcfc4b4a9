"""The report for programs, `--report-json`. Its keys are a contract, which docs/reference/report-json.md explains."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from wsreplay.events import EngineEvent
from wsreplay.model import Frame
from wsreplay.report import files
from wsreplay.report.ledger import VERDICTS, Found, Ledger, RouteRecord
from wsreplay.report.text import shown_path

VERSION = 1
"""Of the report. 1: the first (wsreplay 0.1.0)."""

FLAG = "--report-json"


class JsonReport:
    """Writes the report when it is closed. Raises ConfigError at once when it could not."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        files.probe(path, FLAG)
        self._path = path
        self._ledger = Ledger()
        self._began = clock()
        self._clock = clock

    def handle(self, event: EngineEvent) -> None:
        """Take one event."""
        self._ledger.handle(event)

    def close(self) -> None:
        """Write the report; nothing if the run never began."""
        if self._ledger.started is not None:
            values = document(self._ledger, self._clock() - self._began)
            files.write(self._path, json.dumps(values, indent=2) + "\n", FLAG)


def document(ledger: Ledger, elapsed: float) -> dict[str, Any]:
    """The report as JSON values. `elapsed` holds if the run did not come to its end."""
    started, finished = ledger.started, ledger.finished
    return {
        "version": VERSION,
        "wsreplay": version("wsreplay"),
        "target": started.target if started else "",
        "seed": started.seed if started else None,
        "elapsed_s": round(finished.elapsed if finished else elapsed, 3),
        "replay": {verdict: ledger.counts[verdict] for verdict in VERDICTS},
        "routes": [_route(record) for record in ledger.routes.values()],
    }


def _route(record: RouteRecord) -> dict[str, Any]:
    return {
        "path": record.route.path,
        "framework": record.route.framework,
        "sequences": record.sequences,
        "messages": record.messages,
        "connections": record.connections,
        "interesting": record.interesting,
        "branches": {"reached": record.reached, "known": record.branches} if record.branches else None,
        "failures": [_finding(found) for found in record.of("failure")],
        "warnings": [_finding(found) for found in record.of("warning")],
    }


def _finding(found: Found) -> dict[str, Any]:
    finding = found.finding
    return {
        "check": finding.check,
        "severity": finding.severity,
        "exception": finding.exception,
        "message": finding.message if finding.exception is not None else finding.message or finding.detail,
        "location": location(finding.location),
        "close_code": finding.close_code,
        "cause": finding.cause,
        "step": finding.step,
        "fingerprint": finding.fingerprint,
        "entry": shown_path(found.path) if found.path is not None else None,
        "found_after": found.after,
    }


def location(frame: Frame | None) -> str | None:
    """A frame as `file name:line in function`, without directories."""
    return f"{PurePosixPath(frame.file).name}:{frame.line} in {frame.function}" if frame is not None else None
