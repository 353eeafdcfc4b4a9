"""`wsreplay show` and `wsreplay export`: one entry, for people and as code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wsreplay.cli.engine import needs_target, settings_of
from wsreplay.cli.flags import CREDENTIALS, TARGET, flagged
from wsreplay.cli.output import write
from wsreplay.config import Settings
from wsreplay.errors import ConfigError, CorpusError, EntryError
from wsreplay.model import Entry
from wsreplay.report.exchange import asked
from wsreplay.report.text import Line, path_text, visible

Named = Annotated[str, typer.Argument(metavar="ENTRY", help="A file, an id, or the beginning of an id.")]


@flagged("corpus")
def show(entry: Named, **flags: object) -> None:
    """Print ENTRY so that it can be read: what was sent, what came back, and what was found."""
    from wsreplay.report.shown import shown

    path, loaded = _load(entry, settings_of(flags))
    write(shown(path, loaded))


@flagged("corpus", "target", *TARGET, "message_timeout", "connection_timeout", "checks", "exclude_checks")
def export(
    entry: Named,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="pytest|script",
            help="A pytest test, which replays in the simulation, or a script that needs only the app.",
        ),
    ] = "pytest",
    **flags: object,
) -> None:
    """Print ENTRY as Python source."""
    if form not in ("pytest", "script"):
        raise ConfigError(f"--format: expected 'pytest' or 'script', got {form!r}")
    settings = settings_of(flags)
    needs_target(settings)
    from wsreplay.report.export import as_script, as_test

    _, loaded = _load(entry, settings)
    sys.stdout.write((as_test if form == "pytest" else as_script)(loaded, settings))


@flagged("corpus", "target", *TARGET, *CREDENTIALS, "message_timeout", "connection_timeout", "checks", "exclude_checks")
def shrink(
    entry: Named,
    replace: Annotated[bool, typer.Option("--replace", help="Delete ENTRY once the smaller one is saved.")] = False,
    **flags: object,
) -> None:
    """Make a failing ENTRY smaller: the simplest scenario that still shows its bug is saved in the corpus."""
    settings = settings_of(flags)
    needs_target(settings)
    from wsreplay.corpus import Sketch, Store, scenario_id
    from wsreplay.corpus.sketches import discard
    from wsreplay.fuzzing.reshrinking import launcher_for, reshrink
    from wsreplay.report.rescue import rescue

    path, loaded = _load(entry, settings)
    with launcher_for(settings) as launcher:
        done = reshrink(settings, launcher, path, loaded)
    if done.why:
        raise EntryError(f"cannot shrink {path_text(path)}: {done.why}", "See what it does: `wsreplay replay` it.")
    if done.smaller is None:
        write([Line(f"{path_text(path)} is as small as it gets", "good")])
        return
    try:
        saved = Store(settings.corpus).save(done.smaller)
    except CorpusError:
        write(rescue(done.smaller, settings.corpus))
        raise
    lines = [Line(f"saved {path_text(saved)}: {asked(done.smaller.scenario)}", "good")]
    if replace and scenario_id(loaded.scenario) != scenario_id(done.smaller.scenario):
        gone = discard(Sketch.of(path, loaded))
        what = f"deleted {path_text(path)}" if gone else f"left {path_text(path)}: somebody has changed it meanwhile"
        lines.append(Line(what, "warning"))
    write(lines)


def _load(word: str, settings: Settings) -> tuple[Path, Entry]:
    """The entry that `word` names. A file may have any name: git gives a copy of its own to `show`."""
    from wsreplay.corpus import Store, decode_entry
    from wsreplay.corpus.files import read

    path = Path(word)
    if not path.is_file():
        path = Store(settings.corpus).one(word)
    try:
        return path, decode_entry(read(path))
    except EntryError as error:
        named = visible(str(path))
        where = "" if named in error.message else f"{named}: "
        raise EntryError(f"{where}{error.message}", error.hint) from None
