"""What the settings ask of the checks, and the transcript that only the parent can write: of a process that died."""

from __future__ import annotations

from wsreplay import checks
from wsreplay.config import Settings
from wsreplay.model import NOBODY, Died, Frame, Scenario, Transcript


def options_of(settings: Settings) -> checks.Options:
    """The checks' options that the settings ask for."""
    return checks.Options(
        enabled=tuple(settings.checks),
        disabled=tuple(settings.exclude_checks),
        error_codes=tuple(settings.error_codes),
        subprotocols=settings.validate_subprotocols,
    )


def death(scenario: Scenario, how: str, frames: tuple[Frame, ...]) -> Transcript:
    """The transcript of a scenario during which its process ended; nothing else of it is known."""
    return Transcript((Died(0.0, len(scenario.steps), NOBODY, how, frames),))
