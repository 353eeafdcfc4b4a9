"""What a decision about many entries needs to know of each, in little memory: a corpus may hold any number of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from sys import intern

from wsreplay.corpus.codec import encode_entry
from wsreplay.corpus.store import Store
from wsreplay.errors import EntryError
from wsreplay.model import Entry, State, Verdict


@dataclass(frozen=True, slots=True)
class Sketch:
    """An entry without its scenario and transcript. `bare` says that it has no findings and that people have decided
    nothing about it; `digest` tells whether the file still holds the same.
    """

    path: Path
    route: str
    verdict: Verdict
    open: bool
    bare: bool
    features: tuple[str, ...]
    digest: bytes

    @staticmethod
    def of(path: Path, entry: Entry) -> Sketch:
        """The sketch of an entry. Texts that many of them share are kept once."""
        undecided = entry.state == State()
        return Sketch(
            path,
            intern(entry.scenario.route),
            entry.verdict,
            undecided,
            undecided and not entry.findings,
            tuple(map(intern, entry.transcript.features)),
            digest(entry),
        )


def sketches(store: Store, paths: Iterable[Path] | None = None) -> Iterator[Sketch | tuple[Path, EntryError]]:
    """A sketch of each of `paths` (default: all of the store's), or the error that stands for it."""
    for path, entry in store.entries(paths):
        yield Sketch.of(path, entry) if isinstance(entry, Entry) else (path, entry)


def digest(entry: Entry) -> bytes:
    """32 bytes that stand for all that an entry holds."""
    return hashlib.sha256(encode_entry(entry)).digest()


def discard(sketch: Sketch) -> bool:
    """Remove the entry's file. Return False, and leave it, where another writer has changed it since: what was known
    when it was chosen is not all there is to it now. Raises CorpusError when it cannot be removed.
    """
    return Store.discard(sketch.path, lambda entry: digest(entry) == sketch.digest)
