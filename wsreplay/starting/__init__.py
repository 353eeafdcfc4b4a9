"""A project's first steps with wsreplay: its configuration, and what git has to know of a corpus.

Nothing that is there is changed: what is missing is added, and what was done is said. No project code is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from wsreplay.config.file import find
from wsreplay.starting.guessing import App, guess
from wsreplay.starting.job import ci_job
from wsreplay.starting.writing import Done, attributes, configuration, textconv

__all__ = ["App", "Done", "apps", "attributes", "ci_job", "configuration", "textconv"]


def apps(directory: Path, target: str | None, environ: Mapping[str, str]) -> tuple[App, ...]:
    """The apps of a project, the one to take first: that of the user's word, that of a configuration, a guess."""
    known = target or find(directory, environ).values.get("target")
    return (App(known),) if known else guess(directory)
