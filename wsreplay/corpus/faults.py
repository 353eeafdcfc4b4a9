"""Why one file of a corpus cannot be used, each reason a class, so that `check` and `save` can tell them apart."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from wsreplay.errors import EntryError
from wsreplay.escaping import visible


def named(path: Path) -> str:
    """A path as messages name it: whoever gave the file its name, it is on one line."""
    return visible(str(path))


class FaultyError(EntryError):
    """Base of the reasons. `kind` is the word for it in `wsreplay corpus check`."""

    kind: ClassVar[str] = "damaged"

    def at(self, path: Path) -> FaultyError:
        """The same fault, naming the file it was found in."""
        return type(self)(f"{named(path)}: {self.message}", self.hint)


class DamagedError(FaultyError):
    """Not an entry, or no longer one: truncated, altered, or of wrong types."""


class NewerFormatError(FaultyError):
    """An entry of a format version that this wsreplay does not know."""

    kind = "newer"


class LimitError(FaultyError):
    """An entry, or a file, beyond what `limits` allows."""

    kind = "limit"


class MisnamedError(FaultyError):
    """A whole entry in a file that bears another entry's name."""

    kind = "misnamed"


class UnreadableError(FaultyError):
    """A file that the operating system does not let us read."""

    kind = "unreadable"
