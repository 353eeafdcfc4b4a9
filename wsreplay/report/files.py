"""Report files: whether one can be written is known before the run, and it is written whole or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path

from wsreplay.corpus import files
from wsreplay.errors import ConfigError, CorpusError

_HINT = "Name a file in a directory that you may write to."


def probe(path: Path, flag: str) -> None:
    """Make sure that `path` can be written, and its directory exists. Raises ConfigError, naming the flag."""
    try:
        if path.is_dir():
            raise ConfigError(f"{flag}: expected the path of a file, but {path} is a directory", _HINT)
        if "\0" in str(path):
            raise ValueError("a path holds no NUL")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"{flag}: cannot write {path}: {reason}", _HINT) from None


def write(path: Path, text: str, flag: str) -> None:
    """Put `text` at `path` as UTF-8, in one piece. Raises ConfigError, naming the flag."""
    try:
        files.write(path, text.encode("utf-8", "backslashreplace"))
    except CorpusError as error:
        # What is to be done about a corpus may be something else.
        hint = _HINT if "--corpus" in error.hint else error.hint
        raise ConfigError(f"{flag}: {error.message}", hint) from None
