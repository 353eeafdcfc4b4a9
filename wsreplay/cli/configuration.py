"""`wsreplay config ...`: what is to be known about the configuration."""

from __future__ import annotations

import json
import sys

import typer

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="What is to be known about the configuration.")


@app.callback()
def _config() -> None:
    """What is to be known about the configuration."""


@app.command("schema", short_help="Print a JSON Schema of pyproject.toml.")
def schema() -> None:
    """Print a JSON Schema of pyproject.toml, with which editors complete and check the table of wsreplay."""
    from wsreplay.config.schema import schema as made

    sys.stdout.write(json.dumps(made(), indent=2) + "\n")
