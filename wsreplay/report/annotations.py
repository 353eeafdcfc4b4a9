"""Findings as annotations of GitHub Actions: workflow commands that put them beside the lines of a pull request."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from wsreplay.events import EngineEvent, RunFinished
from wsreplay.report.finding import headline
from wsreplay.report.ledger import Found, Ledger
from wsreplay.report.text import path_text, shown_path, visible

MOST = 10
"""GitHub shows so many of a kind per step."""


class Annotations:
    """Writes one command for each of the first failures, at the end of a run. `app_dir` is where frames' files lie."""

    def __init__(self, app_dir: Path, out: TextIO) -> None:
        self._app_dir = app_dir
        self._out = out
        self._ledger = Ledger()

    def handle(self, event: EngineEvent) -> None:
        """Take one event."""
        self._ledger.handle(event)
        if isinstance(event, RunFinished):
            for found in self._ledger.of("failure")[:MOST]:
                self._out.write(self._command(found) + "\n")
            self._out.flush()

    def close(self) -> None:
        """Nothing is left to be written."""

    def _command(self, found: Found) -> str:
        finding = found.finding
        frame = finding.location
        properties = {"title": f"wsreplay: {visible(finding.check)}"}
        if frame is not None and (self._app_dir / frame.file).is_file():
            properties |= {"file": shown_path(self._app_dir / frame.file), "line": str(frame.line)}
        said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        where = f" ({path_text(found.path)})" if found.path is not None else ""
        return f"::error {said}::{_data(headline(finding, found.transcript) + where)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
