"""The command `wsreplay`: its commands, and what becomes of errors."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from wsreplay.cli import configuration, corpus, engine, entries, output, routes, starting
from wsreplay.errors import COULD_NOT_RUN, WsreplayError


class Commands(TyperGroup):
    """Runs a command; turns errors for the user into a message on stderr and the exit code of their class."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that `ctx` holds."""
        try:
            return super().invoke(ctx)
        except WsreplayError as error:
            output.complain(error)
            raise typer.Exit(error.exit_code) from None
        except OSError as error:
            # The engine and the corpus name what they cannot read or write; left are the streams that results go to.
            output.give_up(error)
            raise typer.Exit(COULD_NOT_RUN) from None


app = typer.Typer(
    cls=Commands,
    name="wsreplay",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("init", short_help="Write a first configuration.")(starting.init)
app.command("fuzz", short_help="Search a target for bugs, and keep what is found.")(engine.fuzz)
app.command("replay", short_help="Run the entries of a corpus again.")(engine.replay)
app.command("routes", short_help="List the routes of a target.")(routes.routes)
app.command("show", short_help="Print an entry for people.")(entries.show)
app.command("shrink", short_help="Make a failing entry smaller.")(entries.shrink)
app.command("export", short_help="Print an entry as Python source.")(entries.export)
app.add_typer(corpus.app, name="corpus")
app.add_typer(configuration.app, name="config")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wsreplay {version('wsreplay')}")
        raise typer.Exit


@app.callback()
def _wsreplay(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Find the message sequences that break a WebSocket endpoint, keep them, replay them."""


def main() -> None:
    """The console entry. Exits 0 when nothing was found, 1 on findings, 2 when it could not run, 130 on Ctrl-C."""
    output.prepare_streams()
    try:
        get_command(app).main(prog_name="wsreplay")
    except OSError as error:
        # Help could not be written.
        output.give_up(error)
        sys.exit(COULD_NOT_RUN)
