"""The corpus as a directory: `<route's slug>/<id>.msgpack`, one file an entry.

Any number of processes and threads may write it at once. Damage to one file touches no other. Nothing is deleted, save
what killed writers left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from wsreplay.corpus import files, naming
from wsreplay.corpus.codec import decode_with_id, encode_entry, scenario_id
from wsreplay.corpus.faults import FaultyError, MisnamedError, NewerFormatError, UnreadableError, named
from wsreplay.corpus.merging import decided, merge
from wsreplay.errors import CorpusError, EntryError
from wsreplay.model import Entry, Scenario, State


class Store:
    """The entries below `directory`, which need not exist before the first is saved."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._cleaned: set[Path] = set()

    # --- reading -----------------------------------------------------------------------------------------------------

    def paths(self) -> list[Path]:
        """The files of all entries, sorted: those in the directory and one level below, and no deeper.

        Raises CorpusError when a directory cannot be read.
        """
        here, below = files.names(self.directory)
        found = [self.directory / name for name in here if naming.is_entry(name)]
        for name in below:
            inside, _ = files.names(self.directory / name)
            found += [self.directory / name / one for one in inside if naming.is_entry(one)]
        return found

    @staticmethod
    def load(path: Path) -> Entry:
        """The entry in the file at `path`. Raises EntryError, naming the file, when it holds none or another one than
        its name says.
        """
        return _load(path)[0]

    def entries(self, paths: Iterable[Path] | None = None) -> Iterator[tuple[Path, Entry | EntryError]]:
        """Each of `paths` (default: all) with its entry, or with the error that stands for it."""
        for path in self.paths() if paths is None else paths:
            try:
                yield path, self.load(path)
            except EntryError as error:
                yield path, error

    def known(self) -> dict[str, Path]:
        """The fingerprint of every recorded finding, with the first file that shows it."""
        found: dict[str, Path] = {}
        for path, entry in self.entries():
            if isinstance(entry, Entry):
                for finding in entry.findings:
                    found.setdefault(finding.fingerprint, path)
        return found

    def passing(self, route: str) -> Iterator[Entry]:
        """The route's entries in which nothing was found, in the order of their files.

        Raises CorpusError when the route's directory cannot be read.
        """
        for _, entry in self.entries(Store(self.directory / naming.slug(route)).paths()):
            if isinstance(entry, Entry) and entry.scenario.route == route and not entry.findings:
                yield entry

    def path_of(self, scenario: Scenario) -> Path:
        """Where the entry of `scenario` is, or would be."""
        return self.directory / naming.slug(scenario.route) / naming.file_name(scenario_id(scenario))

    # --- selecting ---------------------------------------------------------------------------------------------------

    def select(self, selection: Sequence[str]) -> list[Path]:
        """The files that the words of `selection` name, in their order, each once.

        A word is the path of a file or of a directory of entries (as it is, or below the corpus), the id of an entry or
        its beginning, or a glob for routes. An empty directory gives nothing; raises CorpusError
        for any other word that does.
        """
        chosen: dict[str, Path] = {}
        for word in selection:
            for path in self._named(word):
                chosen.setdefault(str(path.absolute()), path)
        return list(chosen.values())

    def one(self, word: str) -> Path:
        """The only file that `word` names, as `select` reads it. Raises CorpusError when there are several, or none."""
        paths = self.select([word])
        if len(paths) != 1:
            several = ", ".join(named(path) for path in paths[:5]) or "none"
            raise CorpusError(f"{word!r} names {len(paths)} entries ({several}), expected one", "Give a longer id.")
        return paths[0]

    def _named(self, word: str) -> list[Path]:
        paths = self._at(word) or self._with_id(word) or self._of_route(word)
        if not paths and (word in ("", "/") or not files.is_directory(Path(word))):
            raise CorpusError(
                f"no entry in {named(self.directory)} is named by {word!r}",
                "Give a file, a directory, (the beginning of) an id, or a glob for routes; "
                "`wsreplay corpus ls` lists them.",
            )
        return paths

    def _at(self, word: str) -> list[Path]:
        # The root of the file system is never a corpus, but very often a route.
        if not word or word == "/":
            return []
        for path in (Path(word), self.directory / word):
            paths = Store(path).paths() if files.is_directory(path) else [path] if files.exists(path) else []
            if paths:
                return paths
        return []

    def _with_id(self, word: str) -> list[Path]:
        prefix = naming.id_prefix(word)
        return [path for path in self.paths() if prefix and path.name.startswith(prefix)]

    def _of_route(self, glob: str) -> list[Path]:
        routes = [(path, _route(entry)) for path, entry in self.entries()]
        # A file that cannot be read is taken for one of the route that its neighbours belong to.
        directories = {path.parent for path, route in routes if route is not None and _matches(route, glob)}
        directories.add(self.directory / naming.slug(glob))
        return [
            path
            for path, route in routes
            if (_matches(route, glob) if route is not None else path.parent in directories)
        ]

    # --- writing -----------------------------------------------------------------------------------------------------

    def save(self, entry: Entry) -> Path:
        """Keep `entry` and return its file; what is there already for the same scenario is merged (see `merging`), and
        not rewritten when that changes nothing.

        A damaged file in its place is set aside under another name. Raises CorpusError when it cannot be written, and
        EntryError when it cannot be stored, or the file in its place is of a newer format.
        """
        return self._put(entry, merge)

    def replace(self, entry: Entry) -> Path:
        """Record anew: `entry` takes the place of what is there for its scenario. A state that people have set
        survives. Returns and raises as `save`.
        """
        return self._put(entry, _anew)

    def _put(self, entry: Entry, rule: Callable[[Entry, Entry], Entry]) -> Path:
        # Refused before anything is touched.
        data = encode_entry(entry)
        path = self.path_of(entry.scenario)
        with files.locked(path.parent) as alone:
            if alone and path.parent not in self._cleaned:
                self._cleaned.add(path.parent)
                _clean(path.parent)
            there = _already(path)
            if there is not None:
                data = encode_entry(rule(there[0], entry))
            if there is None or there[1] != data:
                files.write(path, data)
        return path

    @staticmethod
    def set_state(path: Path, state: State) -> Entry:
        """Record what people have decided about the entry at `path`; return the entry. Raises EntryError when it cannot
        be read, CorpusError when it cannot be written.
        """
        _load(path)
        with files.locked(path.parent):
            entry, data = _load(path)
            entry = replace(entry, state=state)
            changed = encode_entry(entry)
            if changed != data:
                files.write(path, changed)
        return entry

    @staticmethod
    def discard(path: Path, same: Callable[[Entry], bool]) -> bool:
        """Remove the file at `path`. Return False, and leave it, where what it holds now is not the `same` any more.
        Raises CorpusError when it cannot be removed.
        """
        if not files.exists(path):
            return True
        with files.locked(path.parent):
            try:
                there, _ = decode_with_id(files.read(path))
            except EntryError:
                return not files.exists(path)
            if not same(there):
                return False
            files.remove(path)
        return True

    def clean(self) -> list[Path]:
        """Remove what killed writers left behind, and return the files. Raises CorpusError."""
        _, below = files.names(self.directory)
        removed = []
        for name in below:
            with files.locked(self.directory / name) as alone:
                removed += _clean(self.directory / name) if alone else []
        return removed


def _anew(old: Entry, new: Entry) -> Entry:
    return replace(new, state=decided(old.state, new.state))


def _load(path: Path) -> tuple[Entry, bytes]:
    data = files.read(path)
    try:
        entry, entry_id = decode_with_id(data)
    except FaultyError as fault:
        raise fault.at(path) from None
    if naming.named_id(path) != entry_id:
        raise MisnamedError(
            f"{named(path)}: it holds the entry {entry_id}, which is not what its name says",
            f"Rename it to {naming.file_name(entry_id)}, or restore it from version control.",
        )
    return entry, data


def _already(path: Path) -> tuple[Entry, bytes] | None:
    """What is at `path`; a file that is beyond repair is set aside, one that others may be able to read is not."""
    if not files.exists(path):
        return None
    try:
        return _load(path)
    except (NewerFormatError, UnreadableError):
        raise
    except FaultyError:
        files.set_aside(path)
        return None


def _clean(directory: Path) -> list[Path]:
    """Remove leftovers. The caller holds the directory's lock, so nobody is writing one of them now."""
    found, _ = files.names(directory)
    leftovers = [directory / name for name in found if files.is_leftover(name)]
    for path in leftovers:
        files.remove(path)
    return leftovers


def _route(entry: Entry | EntryError) -> str | None:
    return entry.scenario.route if isinstance(entry, Entry) else None


def _matches(route: str, glob: str) -> bool:
    return route == glob or fnmatchcase(route, glob)
