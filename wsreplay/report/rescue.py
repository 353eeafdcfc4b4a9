"""What could not be saved, so that nothing is lost: why, and a command for a shell that saves it after all."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from pathlib import Path

from wsreplay.corpus import Store, encode_entry
from wsreplay.errors import EntryError
from wsreplay.model import Entry
from wsreplay.report.text import Line, sentence, shell, shown_path

WIDTH = 76
"""Characters of a line of base64, as MIME has them (RFC 2045, 6.8)."""


def unsaved(why: str, entry: Entry, corpus: Path) -> Iterator[Line]:
    """The lines about an entry that could not be saved."""
    yield Line(f"  Not saved: {sentence(why)}", "failure")
    yield from rescue(entry, corpus)


def rescue(entry: Entry, corpus: Path) -> Iterator[Line]:
    """A command that puts the entry into the corpus, byte for byte; nothing for one that no file could hold."""
    try:
        data = gzip.compress(encode_entry(entry), mtime=0)
    except EntryError:
        return
    path = Store(corpus).path_of(entry.scenario)
    directory, file = shell([shown_path(path.parent)]), shell([shown_path(path)])
    text = base64.b64encode(data).decode("ascii")
    yield Line("  When that is mended, save it with this command:")
    yield Line(f"mkdir -p {directory} && base64 -d <<'END' | gunzip > {file}", "strong")
    yield from (Line(text[at : at + WIDTH]) for at in range(0, len(text), WIDTH))
    yield Line("END", "strong")
