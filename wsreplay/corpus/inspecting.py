"""What can be said about a corpus without running anything: a row for each entry, figures, and what is amiss.

Functions here return values; printing them is for others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
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


def rows(store: Store, paths: Iterable[Path] | None = None) -> Iterator[Row | Problem]:
    """A row for each of `paths` (default: all of the store's), or the problem that keeps it from being read, one by
    one. Raises CorpusError when the directory cannot be read.
    """
    for path, entry in store.entries(paths):
        yield _row(path, entry) if isinstance(entry, Entry) else _unusable(path, entry)


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


class Counting:
    """Adds up rows as they come."""

    def __init__(self) -> None:
        self._routes: dict[str, _Sum] = {}
        self._total = _Sum()
        self._checks: Counter[str] = Counter()

    def add(self, row: Row) -> None:
        """One more entry."""
        self._total.add(row)
        self._routes.setdefault(row.route, _Sum()).add(row)
        self._checks.update(row.checks)

    def stats(self) -> Stats:
        """The figures so far."""
        routes = tuple((route, one.figures()) for route, one in sorted(self._routes.items()))
        return Stats(self._total.figures(), routes, tuple(sorted(self._checks.items())))


class _Sum:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._fingerprints: set[str] = set()
        self._features: set[str] = set()

    def add(self, row: Row) -> None:
        self._counts.update(entries=1, messages=row.messages, size=row.size)
        self._counts["failing" if row.verdict == "fail" else "passing"] += 1
        self._counts[row.state] += 1
        self._fingerprints.update(row.fingerprints)
        self._features.update(row.features)

    def figures(self) -> Figures:
        names = ("entries", "failing", "passing", "fixed", "accepted", "messages", "size")
        figures = {name: self._counts[name] for name in names}
        return Figures(**figures, fingerprints=len(self._fingerprints), features=len(self._features))


def check(store: Store, paths: Iterable[Path] | None = None) -> tuple[Problem, ...]:
    """All that is amiss, by path; `paths` are those of all entries, where the caller has them. Raises CorpusError when
    a directory cannot be read.
    """
    problems: list[Problem] = []
    shown: dict[tuple[str, str], Path] = {}
    for path, entry in store.entries(paths):
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
