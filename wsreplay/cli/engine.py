"""The commands that run the engine: `fuzz` and `replay`. Each feeds the engine's events to the reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from wsreplay.cli.flags import CREDENTIALS, REPORTS, TARGET, flagged, given
from wsreplay.cli.output import complain
from wsreplay.config import Settings, read
from wsreplay.errors import COULD_NOT_RUN, INTERRUPTED, ConfigError, WsreplayError
from wsreplay.events import EngineEvent, RunFinished
from wsreplay.report.reporter import Reporter

_TIMES = ("message_timeout", "connection_timeout")
_CHECKS = ("checks", "exclude_checks")
_SEARCH = ("corpus", "seed", "max_examples", "max_time", "max_messages", "max_clients", "samples", "dictionary")

FUZZ = (
    *_SEARCH, "include", "exclude", "workers", *_CHECKS, *_TIMES, "max_message_size", *TARGET, *CREDENTIALS, *REPORTS,
)  # fmt: skip
REPLAY = ("target", "match", "masks", "update", "corpus", *_CHECKS, *_TIMES, *TARGET, *CREDENTIALS, *REPORTS)


@flagged(*FUZZ)
def fuzz(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET", help="The app as module:attribute; without it [tool.wsreplay] app.", show_default=False
        ),
    ] = None,
    **flags: object,
) -> None:
    """Replay the corpus, then search every WebSocket route of TARGET for bugs, and keep what is found."""
    settings = settings_of(flags, target=target)
    needs_target(settings)
    from wsreplay.fuzzing import fuzz as engine

    raise typer.Exit(_run(settings, lambda: engine(settings)))


@flagged(*REPLAY)
def replay(
    selection: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH|ID",
            help="Files, directories, ids or routes; all entries without it.",
            show_default=False,
        ),
    ] = None,
    **flags: object,
) -> None:
    """Run the entries of the corpus against the target, and say of each what became of it."""
    settings = settings_of(flags)
    needs_target(settings)
    from wsreplay.replaying import replay as engine

    chosen = tuple(os.path.abspath(word) if os.path.exists(word) else word for word in selection or ())
    raise typer.Exit(_run(settings, lambda: engine(settings, chosen)))


def settings_of(flags: dict[str, object], **more: object) -> Settings:
    """The settings for a command that was given these flags in the working directory."""
    return read(given(flags, **more), os.environ, Path.cwd(), needs_credentials="auth" in flags)


def needs_target(settings: Settings) -> None:
    """Raise ConfigError when nobody has named the target."""
    if not settings.target:
        raise ConfigError(
            "no target: expected module:attribute, as for uvicorn",
            "Name it on the command line, or as `app` in [tool.wsreplay] of pyproject.toml.",
        )


def _run(settings: Settings, start: Callable[[], Generator[EngineEvent, None, None]]) -> int:
    """Feed the engine's events to the reports; return the exit code."""
    code = COULD_NOT_RUN
    unwritten: list[WsreplayError] = []
    with ExitStack() as stack:
        reporters = _reporters(settings)
        for reporter in reversed(reporters):
            stack.callback(_close, reporter, unwritten)
        events = start()
        stack.callback(events.close)
        for event in events:
            for reporter in reporters:
                reporter.handle(event)
            if isinstance(event, RunFinished):
                code = event.exit_code
    return COULD_NOT_RUN if unwritten and code != INTERRUPTED else code


def _close(reporter: Reporter, unwritten: list[WsreplayError]) -> None:
    """Have a report written. One that cannot be is told, and keeps no other from being written."""
    try:
        reporter.close()
    except WsreplayError as error:
        complain(error)
        unwritten.append(error)


def _reporters(settings: Settings) -> list[Reporter]:
    """The reports that are asked for; raises ConfigError for one that could not be written."""
    from wsreplay.report.annotations import Annotations
    from wsreplay.report.console import for_streams
    from wsreplay.report.html_report import HtmlReport
    from wsreplay.report.json_report import JsonReport
    from wsreplay.report.junit_report import JunitReport

    reporters: list[Reporter] = [for_streams(settings, sys.stdout, sys.stderr, os.environ)]
    if settings.report_json is not None:
        reporters.append(JsonReport(settings.report_json))
    if settings.report_junit is not None:
        reporters.append(JunitReport(settings.report_junit))
    if settings.report_html is not None:
        reporters.append(HtmlReport(settings.report_html, settings))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        reporters.append(Annotations(settings.app_dir, sys.stdout))
    return reporters
