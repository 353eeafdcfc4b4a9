"""The report where no terminal is: plain lines without control codes, and now and then one that tells the progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from wsreplay.config import Settings
from wsreplay.events import EngineEvent, EntryReplayed, Progress
from wsreplay.report.ledger import Ledger
from wsreplay.report.narration import Narrator, branches, rate
from wsreplay.report.text import counted, elapsed, number, visible

PAUSE = 5.0
"""Seconds between two lines of progress, at least."""


def coverage(event: Progress) -> list[str]:
    """How much was reached; where that is not known, how many features were seen."""
    return branches(event.reached, event.branches) or [counted(event.features, "feature")]


def progress_text(event: Progress) -> str:
    """Where a route stands, on one line."""
    parts = [
        counted(event.sequences, "sequence"),
        counted(event.messages, "message"),
        rate(event.sequences, event.elapsed),
        *coverage(event),
        f"{number(event.interesting)} new",
        counted(event.failures, "failure"),
        elapsed(event.elapsed),
    ]
    doing = f" ({visible(event.doing)})" if event.doing != "fuzzing" else ""
    return f"{visible(event.route)}: {', '.join(parts)}{doing}"


def replay_text(ledger: Ledger) -> str:
    """Where a replay stands, on one line."""
    done = sum(ledger.counts.values())
    bad = done - ledger.counts["pass"] - ledger.accepted
    total = ledger.started.entries if ledger.started is not None else 0
    return f"replaying: {number(done)} of {counted(total, 'entry', 'entries')}, {number(bad)} not as recorded"


class Plain:
    """Writes results to `out`, news and progress to `err`. `clock` gives seconds."""

    def __init__(
        self, settings: Settings, out: TextIO, err: TextIO, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._narrator = Narrator(settings)
        self._quiet = settings.quiet
        self._out = out
        self._err = err
        self._clock = clock
        self._last = clock()

    def handle(self, event: EngineEvent) -> None:
        """Write what there is to say about `event`."""
        if isinstance(event, Progress):
            self.tick(lambda: progress_text(event))
        for told in self._narrator.tell(event):
            stream = self._out if told.stream == "result" else self._err
            stream.write("".join(f"{line.text}\n" for line in told.lines))
            stream.flush()
        if isinstance(event, EntryReplayed):
            self.tick(lambda: replay_text(self._narrator.ledger))

    def close(self) -> None:
        """Nothing is left to be written."""

    def tick(self, text: Callable[[], str]) -> None:
        """Tell the progress, if the last time was long enough ago."""
        now = self._clock()
        if not self._quiet and now - self._last >= PAUSE:
            self._last = now
            self._err.write(text() + "\n")
            self._err.flush()
