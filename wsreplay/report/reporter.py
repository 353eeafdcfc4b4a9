"""What a report is to the engine's events: something that is fed with them, and closed."""

from __future__ import annotations

from typing import Protocol

from wsreplay.events import EngineEvent


class Reporter(Protocol):
    """Takes every event of a run in order. `close` is called once, however the run ended."""

    def handle(self, event: EngineEvent) -> None:
        """Take one event."""

    def close(self) -> None:
        """Finish: write what is to be written."""
