"""`wsreplay corpus ...`: look at a corpus, and look after it. What a command deletes it names."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wsreplay.cli.engine import needs_target, settings_of
from wsreplay.cli.flags import CREDENTIALS, TARGET, flagged
from wsreplay.cli.output import write
from wsreplay.config import Settings
from wsreplay.errors import COULD_NOT_RUN, FOUND_NOTHING, FOUND_SOMETHING, ConfigError, CorpusError, EntryError
from wsreplay.model import State
from wsreplay.report.exchange import asked
from wsreplay.report.text import Line, counted, number, path_text, sentence, visible

if TYPE_CHECKING:
    from wsreplay.corpus import Sketch, Store
    from wsreplay.corpus.inspecting import Figures, Problem, Row

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Look at a corpus, and look after it.")

Selection = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH|ID", help="Files, directories, ids or routes; all entries without it.", show_default=False
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


@app.command("ls", short_help="List the entries.")
@flagged("corpus")
def ls(selection: Selection = None, **flags: object) -> None:
    """List the entries, one a line."""
    from wsreplay.corpus.inspecting import Row, rows

    store = _store(flags)
    paths = store.select(selection) if selection else store.paths()
    problems: list[Problem] = []

    def lines() -> Iterator[Line]:
        for row in rows(store, _tracked(paths, "reading")):
            if isinstance(row, Row):
                yield _listed(row)
            else:
                problems.append(row)

    write(lines())
    write(_problems(problems))


def _listed(row: Row) -> Line:
    state = "" if row.state == "open" else f" ({row.state})"
    what = ", ".join(row.checks) or counted(len(row.features), "feature")
    sent = counted(row.messages, "message")
    text = f"{row.id}  {row.verdict:4}{state}  {visible(row.route)}  {sent}  {visible(what)}"
    return Line(text, "failure" if row.verdict == "fail" and not state else "")


@app.command("stats", short_help="Count the entries, route by route.")
@flagged("corpus")
def stats(**flags: object) -> None:
    """Count the entries, route by route."""
    from wsreplay.corpus.inspecting import Counting, Row, rows

    store = _store(flags)
    counting = Counting()
    problems: list[Problem] = []
    for row in rows(store, _tracked(store.paths(), "reading")):
        if isinstance(row, Row):
            counting.add(row)
        else:
            problems.append(row)
    figures = counting.stats()
    lines = [Line(f"{visible(route)}: {_figures(one)}") for route, one in figures.routes]
    lines += [Line(f"{visible(check)}: {counted(times, 'entry', 'entries')}") for check, times in figures.checks]
    write([*lines, Line(f"all: {_figures(figures.total)}", "strong"), *_problems(problems)])


def _figures(figures: Figures) -> str:
    parts = [
        counted(figures.entries, "entry", "entries"),
        f"{number(figures.failing)} failing",
        f"{number(figures.passing)} passing",
        counted(figures.fingerprints, "bug"),
        counted(figures.features, "feature"),
        counted(figures.messages, "message"),
        counted(figures.size, "byte"),
    ]
    if figures.accepted:
        parts.insert(3, f"{number(figures.accepted)} accepted")
    return ", ".join(parts)


@app.command("check", short_help="Look for what is amiss with the files.")
@flagged("corpus")
def check(**flags: object) -> None:
    """Look for what is amiss with the files: damage, foreign formats, wrong names, credentials. Exits 1 on any."""
    from wsreplay.corpus.inspecting import NOTES
    from wsreplay.corpus.inspecting import check as problems_of

    store = _store(flags)
    paths = store.paths()
    problems = problems_of(store, _tracked(paths, "checking"))
    write([*_problems(problems), Line(f"{counted(len(paths), 'file')}, {counted(len(problems), 'problem')}")])
    bad = any(problem.kind not in NOTES or problem.kind == "secret" for problem in problems)
    raise typer.Exit(FOUND_SOMETHING if bad else FOUND_NOTHING)


def _problems(problems: Iterable[Problem]) -> Iterator[Line]:
    for problem in problems:
        detail = problem.detail.removeprefix(f"{visible(str(problem.path))}: ")
        yield Line(
            f"{problem.kind}: {path_text(problem.path)}: {sentence(detail)}. {sentence(problem.hint)}", "failure"
        )


@app.command("min", short_help="Make a corpus smaller: fewer entries, and smaller ones.")
@flagged("corpus", "target", *TARGET, *CREDENTIALS)
def minimise(dry_run: DryRun = False, **flags: object) -> None:
    """Delete the passing entries that show nothing which others do not show. With a target (--target, or `app` in the
    configuration) every entry is run, and put in the place of a larger one if it can be made smaller.
    """
    settings = settings_of(flags)
    store = _there(settings)
    sketched, unread = _readable(store)
    if settings.target:
        _shrink_all(settings, store, sketched, dry_run, unread)
        return
    from wsreplay.corpus import keep

    kept = set(keep(sketched))
    _delete([one for index, one in enumerate(sketched) if index not in kept], dry_run, unread)


def _shrink_all(settings: Settings, store: Store, sketched: list[Sketch], dry_run: bool, unread: list[Line]) -> None:
    from wsreplay.fuzzing.reshrinking import all_reshrunk

    superfluous: set[Path] = set()
    saved: set[Path] = set()
    smaller = 0
    unsaved: list[CorpusError] = []
    for done in all_reshrunk(settings, sketched):
        if done.smaller is not None:
            try:
                saved.update([] if dry_run else [store.save(done.smaller)])
            except CorpusError as error:
                unsaved.append(_unsaved(error, f"left as it is: {path_text(done.path)}"))
                continue
            smaller += 1
            verb = "would shrink" if dry_run else "shrunk"
            write([Line(f"{verb} {path_text(done.path)}: {asked(done.smaller.scenario)}", "good")])
        elif done.why:
            write([Line(f"left as it is: {path_text(done.path)}: {visible(done.why)}", "warning")])
        if done.smaller is not None or done.superfluous:
            superfluous.add(done.path)
    write([Line(f"{counted(smaller, 'entry', 'entries')} {'to shrink' if dry_run else 'shrunk'}")])
    _delete([one for one in sketched if one.path in superfluous - saved], dry_run, unread)
    if unsaved:
        raise typer.Exit(COULD_NOT_RUN)


@app.command("merge", short_help="Take over the entries of other corpora.")
@flagged("corpus")
def merge(
    sources: Annotated[list[Path], typer.Argument(metavar="DIR", help="The corpora to take entries from.")],
    **flags: object,
) -> None:
    """Take over all entries of other corpora; those that are there already are merged, and nothing is lost."""
    from wsreplay.corpus import Store

    store = Store(settings_of(flags).corpus)
    for source in sources:
        if not source.exists():
            raise CorpusError(f"cannot merge {path_text(source)}: there is no such directory", "Name the other corpus.")
    lines: list[Line] = []
    unsaved: list[CorpusError] = []
    before = len(store.paths())
    for source in sources:
        other = Store(source)
        for path, entry in other.entries(_tracked(other.paths(), "merging")):
            if isinstance(entry, EntryError):
                lines.append(_left_out(path, entry))
                continue
            try:
                store.save(entry)
            except CorpusError as error:
                unsaved.append(_unsaved(error, f"not taken over: {path_text(path)}"))
    new = len(store.paths()) - before
    write([*lines, Line(f"{counted(new, 'new entry', 'new entries')} in {path_text(store.directory)}")])
    raise typer.Exit(COULD_NOT_RUN if unsaved else FOUND_SOMETHING if lines else FOUND_NOTHING)


def _unsaved(error: CorpusError, what: str) -> CorpusError:
    """Say at once what could not be written, and go on with the rest."""
    write([Line(f"{what}: {sentence(error.told)}", "failure")])
    return error


@app.command("accept", short_help="Note that a finding is accepted.")
@flagged("corpus")
def accept(
    entry: Annotated[str, typer.Argument(metavar="ENTRY", help="A file, an id, or the beginning of an id.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it may stay as it is.")] = "",
    until: Annotated[
        str | None, typer.Option("--until", metavar="YYYY-MM-DD", help="The last day for which that holds.")
    ] = None,
    reopen: Annotated[bool, typer.Option("--reopen", help="Take it back: the finding counts again.")] = False,
    **flags: object,
) -> None:
    """Note that the finding of ENTRY is known and accepted."""
    if not reopen and not reason.strip():
        raise ConfigError("corpus accept: expected a reason", "Say why, for those who come after: --reason '...'.")
    if until is not None:
        try:
            until = datetime.date.fromisoformat(until).isoformat()
        except ValueError:
            raise ConfigError(f"--until: expected a date as YYYY-MM-DD, got {until!r}") from None
    store = _store(flags)
    path = store.one(entry)
    store.set_state(path, State() if reopen else State("accepted", reason.strip(), until))
    write([Line(f"{path_text(path)}: {'open' if reopen else 'accepted'}")])


@app.command("prune", short_help="Delete the entries of routes that are gone.")
@flagged("corpus", "target", *TARGET)
def prune(dry_run: DryRun = False, **flags: object) -> None:
    """Delete the entries of routes that the target no longer has, and what killed writers left behind."""
    settings = settings_of(flags)
    needs_target(settings)
    from wsreplay.workers import Launcher

    store = _there(settings)
    with Launcher(settings) as launcher:
        routes = {route.path for route in launcher.routes}
    sketched, unread = _readable(store)
    if not dry_run:
        store.clean()
    _delete([one for one in sketched if one.route not in routes], dry_run, unread)


def _readable(store: Store) -> tuple[list[Sketch], list[Line]]:
    """A sketch of each entry that can be read, and a line for each file that cannot."""
    from wsreplay.corpus import Sketch, sketches

    sketched: list[Sketch] = []
    unread = []
    for one in sketches(store, _tracked(store.paths(), "reading")):
        if isinstance(one, Sketch):
            sketched.append(one)
        else:
            unread.append(_left_out(*one))
    return sketched, unread


def _left_out(path: Path, error: EntryError) -> Line:
    detail = error.message.removeprefix(f"{visible(str(path))}: ")
    return Line(f"left out {path_text(path)}: {sentence(detail)}", "failure")


def _delete(superfluous: list[Sketch], dry_run: bool, unread: list[Line]) -> None:
    """Delete entries as they were read, and name each; one that a run has added to meanwhile stays."""
    from wsreplay.corpus.sketches import discard

    write(unread)
    deleted = 0
    for one in superfluous:
        if dry_run or discard(one):
            deleted += 1
            write([Line(f"{'would delete' if dry_run else 'deleted'} {path_text(one.path)}", "warning")])
        else:
            write([Line(f"left as it is: {path_text(one.path)}: somebody has changed it meanwhile", "warning")])
    write([Line(f"{counted(deleted, 'entry', 'entries')} {'to delete' if dry_run else 'deleted'}")])


def _tracked(paths: list[Path], doing: str) -> Iterator[Path]:
    from wsreplay.report.tracking import tracked

    return tracked(paths, doing, sys.stderr, os.environ)


def _store(flags: dict[str, object]) -> Store:
    return _there(settings_of(flags))


def _there(settings: Settings) -> Store:
    """The corpus, which must exist: a misspelt name is not a clean corpus."""
    from wsreplay.corpus import Store

    if not os.path.lexists(settings.corpus):
        raise CorpusError(
            f"there is no corpus at {settings.corpus}",
            "Name the directory with --corpus, or make it: `wsreplay fuzz TARGET`.",
        )
    return Store(settings.corpus)
