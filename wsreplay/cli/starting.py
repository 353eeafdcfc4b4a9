"""`wsreplay init`: a first configuration."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from wsreplay.cli.output import write
from wsreplay.report.text import Line, Style, visible

_STYLES: dict[str, Style] = {"done": "good", "kept": "dim", "left": "warning"}


def init(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET",
            help="The app as module:attribute; without it, the likeliest in this directory.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write a first configuration into pyproject.toml, and what git has to know; print a job for CI.

    What is there is left as it is; every step says what it did.
    """
    from wsreplay.starting import apps, attributes, ci_job, configuration, textconv

    here = Path.cwd()
    found = apps(here, target, os.environ)
    app = found[0] if found else None
    steps = [configuration(here, app, found[1:4]), attributes(here), textconv(here)]
    lines = [Line(f"{step.state}: {visible(step.text)}", _STYLES[step.state]) for step in steps]
    if app is None:
        lines.append(Line("left: no app was found here: name it as `app` in [tool.wsreplay]", "warning"))
    lines += [Line(), Line("A job for CI, as .github/workflows/wsreplay.yml say:", "strong"), Line()]
    write(lines)
    sys.stdout.write(ci_job(here, app.target if app else None))
