"""What the settings ask of the checks, and the finding that only the parent can make: a process that died."""

from __future__ import annotations

from wsreplay import checks
from wsreplay.config import Settings
from wsreplay.model import Finding, Frame


def options_of(settings: Settings) -> checks.Options:
    """The checks' options that the settings ask for."""
    return checks.Options(
        enabled=tuple(settings.checks),
        disabled=tuple(settings.exclude_checks),
        error_codes=tuple(settings.error_codes),
    )


def crash_finding(route: str, how: str, frames: tuple[Frame, ...]) -> Finding:
    """The finding for a scenario during which the worker process ended: `how` in words, `frames` where it was stuck."""
    location = next((frame for frame in reversed(frames) if frame.app), None)
    if frames:
        detail = "the handler blocks the event loop and swallows every attempt to interrupt it"
        return Finding("blocked_loop", "failure", route, "blocked", detail, location=location, frames=frames)
    detail = f"the process {how} while this scenario ran"
    return Finding("process_crash", "failure", route, how.split(" (")[0], detail)
