"""The report as a page, `--report-html`: a jinja2 template over what the other reports tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from wsreplay.config import Settings
from wsreplay.errors import ConfigError
from wsreplay.events import EngineEvent, EntryReplayed, FindingFound
from wsreplay.report import files, replayed
from wsreplay.report.failure import failure_report
from wsreplay.report.finding import described, headline
from wsreplay.report.ledger import Found, Ledger, RouteRecord
from wsreplay.report.narration import branches, closing
from wsreplay.report.text import Line, visible

FLAG = "--report-html"


class HtmlReport:
    """Writes the page when it is closed. Raises ConfigError at once when it could not, or jinja2 is missing."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self._render = _template()
        files.probe(path, FLAG)
        self._path = path
        self._settings = settings
        self._ledger = Ledger()
        self._blocks: dict[str, dict[str, Any]] = {}

    def handle(self, event: EngineEvent) -> None:
        """Take one event."""
        if isinstance(event, FindingFound) and not self._ledger.knows(event):
            lines = [*described(event, self._settings), Line(), *failure_report(event, self._settings)][1:]
            title = headline(event.finding, event.entry.transcript)
            self._blocks[event.finding.fingerprint] = _block(title, event.finding.severity, lines)
        self._ledger.handle(event)

    def close(self) -> None:
        """Write the page; nothing if the run never began."""
        ledger = self._ledger
        if ledger.started is None:
            return
        page = self._render(
            target=visible(ledger.started.target),
            command=ledger.started.command,
            closing=closing(ledger, ledger.finished).text if ledger.finished else "The run did not come to its end.",
            routes=[_route(record) for record in ledger.routes.values()],
            sections=[
                ("Failures", list(self._of(ledger.of("failure")))),
                ("Replay", [self._replayed(event) for event in ledger.replayed if event.verdict != "pass"]),
                ("Warnings", list(self._of(ledger.of("warning")))),
            ],
        )
        files.write(self._path, page, FLAG)

    def _of(self, found: list[Found]) -> Iterator[dict[str, Any]]:
        """The blocks of findings that are not told in the replay's section."""
        for one in found:
            if one.finding.fingerprint in self._blocks:
                yield self._blocks[one.finding.fingerprint]

    def _replayed(self, event: EntryReplayed) -> dict[str, Any]:
        style = replayed.STYLES[event.verdict]
        lines = list(replayed.described(event, self._settings))
        return _block(lines[0].text, "failure" if style == "failure" else "warning", lines[1:])


def _template() -> Callable[..., str]:
    try:
        import jinja2  # an optional dependency
    except ImportError:
        raise ConfigError(
            f"{FLAG}: expected jinja2, which is not installed", "Install it: pip install 'wsreplay[html]'"
        ) from None
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    source = Path(__file__).with_name("templates") / "report.html.j2"
    return environment.from_string(source.read_text(encoding="utf-8")).render


def _block(title: str, style: str, lines: list[Line]) -> dict[str, Any]:
    while lines and not lines[-1].text:
        lines.pop()
    return {"title": title, "style": style, "lines": lines}


def _route(record: RouteRecord) -> dict[str, Any]:
    return {
        "path": visible(record.route.path),
        "framework": visible(record.route.framework),
        "sequences": record.sequences,
        "messages": record.messages,
        "connections": record.connections,
        "interesting": record.interesting,
        "branches": "".join(branches(record.reached, record.branches)) or "not measured",
        "failures": len(record.of("failure")),
        "warnings": len(record.of("warning")),
    }
