"""The report on a terminal: colours, and a line for each route, which lives while it is fuzzed and stays when done."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TextIO

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from wsreplay.config import Settings
from wsreplay.events import EngineEvent, EntryReplayed, Progress, RouteFinished, RunFinished
from wsreplay.report.narration import Narrator, rate
from wsreplay.report.plain import Plain, coverage, replay_text
from wsreplay.report.reporter import Reporter
from wsreplay.report.text import Line, counted, elapsed, number, visible
from wsreplay.report.tracking import is_live

STYLES: Mapping[str, str] = {
    "title": "bold",
    "failure": "bold red",
    "warning": "yellow",
    "good": "green",
    "client": "cyan",
    "app": "magenta",
    "break": "bold red",
    "dim": "dim",
    "code": "blue",
    "strong": "bold",
}


def for_streams(settings: Settings, out: TextIO, err: TextIO, environ: Mapping[str, str]) -> Reporter:
    """The report that suits the streams: NO_COLOR, FORCE_COLOR, TERM=dumb and CI are honoured."""
    live = is_live(err, environ)
    painted = Console(file=out, _environ=environ).color_system is not None
    if not live and not painted:
        return Plain(settings, out, err)
    return Terminal(settings, out, err, environ, live)


WIDE = 110
"""Columns from which on the living lines have room for whole words."""


BETWEEN = 0.2
"""Seconds between two looks of the line that tells how far a replay has come."""


class Terminal:
    """Writes styled results to `out`, news and the living lines (if `live`) to `err`."""

    def __init__(self, settings: Settings, out: TextIO, err: TextIO, environ: Mapping[str, str], live: bool) -> None:
        self._narrator = Narrator(settings)
        self._out = Console(file=out, highlight=False, emoji=False, markup=False, _environ=environ)
        self._err = Console(file=err, highlight=False, emoji=False, markup=False, _environ=environ)
        self._plain = None if live or settings.quiet else Plain(settings, out, err)
        self._going: dict[str, Progress] = {}
        self._live: Live | None = None
        self._shows_progress = live and not settings.quiet
        self._shown = time.monotonic()

    def handle(self, event: EngineEvent) -> None:
        """Show `event`."""
        if isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, RouteFinished):
            self._going.pop(event.route.path, None)
            self._pause()
        elif isinstance(event, RunFinished):
            self._going.clear()
            self._pause()
        for told in self._narrator.tell(event):
            self._pause()
            console = self._out if told.stream == "result" else self._err
            console.print(_painted(told.lines), soft_wrap=True)
        if isinstance(event, EntryReplayed):
            self._replaying()

    def close(self) -> None:
        """Take the living lines away."""
        self._pause()

    def _progress(self, event: Progress) -> None:
        if self._plain is not None:
            self._plain.handle(event)
        if not self._shows_progress:
            return
        self._going[event.route] = event
        self._show(_table(list(self._going.values()), self._err.width >= WIDE))

    def _replaying(self) -> None:
        if self._plain is not None:
            self._plain.tick(lambda: replay_text(self._narrator.ledger))
        now = time.monotonic()
        if self._shows_progress and now - self._shown >= BETWEEN:
            self._shown = now
            self._show(Text(replay_text(self._narrator.ledger), "dim"))

    def _show(self, what: RenderableType) -> None:
        if self._live is None:
            # Both streams often are one terminal: the living lines give way whenever anything else is written.
            self._live = Live(
                console=self._err, transient=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
            )
            self._live.start()
        self._live.update(what, refresh=True)

    def _pause(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


def paint(lines: Iterable[Line], out: TextIO, environ: Mapping[str, str]) -> None:
    """Write lines in the colours that `out` can show."""
    console = Console(file=out, highlight=False, emoji=False, markup=False, _environ=environ)
    console.print(_painted(tuple(lines)), soft_wrap=True)


def _painted(lines: tuple[Line, ...]) -> Text:
    return Text("\n").join(Text(line.text, STYLES.get(line.style, "")) for line in lines)


def _table(going: list[Progress], wide: bool) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold", overflow="ellipsis", min_width=10)
    for _ in range(6):
        table.add_column(no_wrap=True, justify="right")
    for event in going:
        figures = _figures(event) if wide else _short_figures(event)
        table.add_row(
            visible(event.route),
            *figures,
            Text(counted(event.failures, "failure"), "bold red" if event.failures else "green"),
            Text(elapsed(event.elapsed) if event.doing == "fuzzing" else visible(event.doing), "dim"),
        )
    return table


def _figures(event: Progress) -> tuple[str, ...]:
    return (
        counted(event.sequences, "sequence"),
        counted(event.messages, "message"),
        rate(event.sequences, event.elapsed),
        ", ".join([*coverage(event), f"{number(event.interesting)} new"]),
    )


def _short_figures(event: Progress) -> tuple[str, ...]:
    """The same in fewer letters, for a terminal of 80 columns."""
    reached = f"{event.reached}/{event.branches} br" if event.branches else f"{number(event.features)} ft"
    return (
        f"{number(event.sequences)} seq",
        f"{number(event.messages)} msg",
        rate(event.sequences, event.elapsed),
        f"{reached}, {number(event.interesting)} new",
    )
