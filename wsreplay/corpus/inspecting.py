"""What can be said about a corpus without running anything: a row for each entry, figures, and what is amiss.

Functions here return values; printing them is for others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wsreplay.corpus import files, naming
from wsreplay.corpus.codec import encode_entry
from wsreplay.corpus.faults import FaultyError, named
from wsreplay.corpus.secrecy import suspects
from wsreplay.corpus.store import Store
from wsreplay.errors import EntryError
from wsreplay.model import Entry, Source, StateName, Verdict

NOTES = frozenset({"not canonical", "duplicate", "secret", "leftover"})
"""Kinds of problems that keep no entry from being replayed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in a line. `size` is in bytes; `checks` names the checks that fired, `fingerprints` the bugs."""

    path: Path
    id: str
    route: str
    verdict: Verdict
    state: StateName
    clients: int
    messages: int
    size: int
    source: Source
    checks: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something amiss with one file. `detail` is a sentence, `hint` says what to do.

    `kind` is `damaged`, `newer` (format), `limit` (beyond one), `misnamed` (another id than its name says),
    `unreadable`, `misplaced` (another route's directory), or one of `NOTES`.
    """

    path: Path
    kind: str
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """All entries of a corpus that can be read, and a problem for each that cannot."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over some entries; `size` is in bytes. `fingerprints` and `features` count different ones."""

    entries: int = 0
    failing: int = 0
    passing: int = 0
    fixed: int = 0
    accepted: int = 0
    messages: int = 0
    size: int = 0
    fingerprints: int = 0
    features: int = 0


@dataclass(frozen=True, slots=True)
class Stats:
    """The figures of a corpus, of each of its routes (sorted by path), and how many entries each check fired for."""

    total: Figures
    routes: tuple[tuple[str, Figures], ...]
    checks: tuple[tuple[str, int], ...]
    unreadable: int


def listing(store: Store, paths: Iterable[Path] | None = None) -> Listing:
    """A row for each of `paths` (default: all of the store's). Raises CorpusError when the directory cannot be read."""
    rows: list[Row] = []
    problems: list[Problem] = []
    for path, entry in store.entries(paths):
        if isinstance(entry, Entry):
            rows.append(_row(path, entry))
        else:
            problems.append(_unusable(path, entry))
    return Listing(tuple(rows), tuple(problems))


def _row(path: Path, entry: Entry) -> Row:
    return Row(
        path,
        naming.named_id(path),
        entry.scenario.route,
        entry.verdict,
        entry.state.name,
        len(entry.scenario.clients),
        entry.scenario.messages,
        files.size(path),
        entry.provenance.source,
        tuple(sorted({finding.check for finding in entry.findings})),
        tuple(sorted({finding.fingerprint for finding in entry.findings})),
        entry.transcript.features,
    )


def stats(listed: Listing) -> Stats:
    """The figures of a listing."""
    routes = sorted({row.route for row in listed.rows})
    by_route = tuple((route, _figures([row for row in listed.rows if row.route == route])) for route in routes)
    checks = Counter(check for row in listed.rows for check in row.checks)
    return Stats(_figures(listed.rows), by_route, tuple(sorted(checks.items())), len(listed.problems))


def _figures(rows: Sequence[Row]) -> Figures:
    return Figures(
        entries=len(rows),
        failing=sum(row.verdict == "fail" for row in rows),
        passing=sum(row.verdict == "pass" for row in rows),
        fixed=sum(row.state == "fixed" for row in rows),
        accepted=sum(row.state == "accepted" for row in rows),
        messages=sum(row.messages for row in rows),
        size=sum(row.size for row in rows),
        fingerprints=len({one for row in rows for one in row.fingerprints}),
        features=len({one for row in rows for one in row.features}),
    )


def check(store: Store) -> tuple[Problem, ...]:
    """All that is amiss, by path. Raises CorpusError when a directory cannot be read."""
    problems: list[Problem] = []
    shown: dict[tuple[str, str], Path] = {}
    for path, entry in store.entries():
        if isinstance(entry, Entry):
            problems += _of_entry(store, path, entry)
            problems += _repeated(path, entry, shown)
        else:
            problems.append(_unusable(path, entry))
    problems += _leftovers(store)
    return tuple(sorted(problems, key=lambda problem: (problem.path, problem.kind)))


def _unusable(path: Path, error: EntryError) -> Problem:
    kind = error.kind if isinstance(error, FaultyError) else "damaged"
    return Problem(path, kind, error.message, error.hint)


def _of_entry(store: Store, path: Path, entry: Entry) -> list[Problem]:
    problems = []
    expected = store.path_of(entry.scenario)
    if path.parent != expected.parent:
        detail = f"an entry of the route {entry.scenario.route!r}, which is not what its directory says"
        problems.append(Problem(path, "misplaced", detail, f"Move it to {named(expected)}."))
    if encode_entry(entry) != files.read(path):
        detail = "another encoding than the one wsreplay writes"
        problems.append(Problem(path, "not canonical", detail, "It is read all the same."))
    problems += [
        Problem(path, "secret", f"{where} looks like {what}", "Replace it by a placeholder and revoke it.")
        for where, what in suspects(entry)
    ]
    return problems


def _repeated(path: Path, entry: Entry, shown: dict[tuple[str, str], Path]) -> list[Problem]:
    problems = []
    for finding in entry.findings:
        if finding.severity == "failure":
            first = shown.setdefault((entry.scenario.route, finding.fingerprint), path)
            if first != path:
                detail = f"the same bug as {named(first)} ({finding.check}, {finding.fingerprint})"
                problems.append(Problem(path, "duplicate", detail, "One of them is enough."))
    return problems


def _leftovers(store: Store) -> list[Problem]:
    here, below = files.names(store.directory)
    found = [store.directory / name for name in here]
    for name in below:
        inside, _ = files.names(store.directory / name)
        found += [store.directory / name / one for one in inside]
    problems = []
    for path in found:
        if files.is_leftover(path.name):
            problems.append(Problem(path, "leftover", "left behind by a writer that was killed", "Remove it."))
        elif path.suffix == files.ASIDE:
            problems.append(
                Problem(path, "leftover", "set aside because it could not be read", "Look at it, remove it.")
            )
    return problems
