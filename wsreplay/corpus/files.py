"""Files, whole or not at all: reading one of unknown origin, and writing one that a crash cannot leave half done.

Every error of the operating system leaves here as a CorpusError that says what to do.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from wsreplay.corpus.faults import LimitError, UnreadableError, named
from wsreplay.corpus.limits import MAX_FILE
from wsreplay.errors import CorpusError

TEMPORARY = ".tmp"
"""The suffix of a file that is being written."""

ASIDE = ".damaged"
"""The suffix of a file that could not be read and stood in the way of a new entry."""

_LEFTOVER = re.compile(r"\.[0-9a-f]{16}-[0-9a-f]{8}" + re.escape(TEMPORARY))

_WHAT_TO_DO = {
    errno.ENOSPC: "The disk is full: free some space.",
    errno.EDQUOT: "The quota is used up: free some space.",
    errno.EFBIG: "The file size limit of this process is too low: see `ulimit -f`.",
    errno.EROFS: "The file system is read-only: name another directory with --corpus.",
    errno.EACCES: "Permission is missing: change it, or name another directory with --corpus.",
    errno.EPERM: "Permission is missing: change it, or name another directory with --corpus.",
    errno.ENOTDIR: "A file stands where a directory should be: name another directory with --corpus.",
    errno.EEXIST: "A file stands where a directory should be: name another directory with --corpus.",
    errno.ENAMETOOLONG: "The path is too long: name another directory with --corpus.",
    errno.ELOOP: "Symbolic links lead round in a circle: mend them, or name another directory with --corpus.",
    errno.ENOENT: "The directory has gone: somebody has removed it meanwhile, or a link leads nowhere.",
}


def failed(doing: str, path: Path, error: OSError) -> CorpusError:
    """The CorpusError for an error of the operating system."""
    hint = _WHAT_TO_DO.get(error.errno or 0, "Check the path, or name another directory with --corpus.")
    return CorpusError(f"cannot {doing} {named(path)}: {error.strerror or error}", hint)


def read(path: Path) -> bytes:
    """The content of an entry's file. Raises UnreadableError or LimitError (both EntryError).

    Opening does not wait, so a named pipe cannot make it hang.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableError(f"{named(path)}: not a regular file", "Remove it from the corpus.")
            if status.st_size > MAX_FILE:
                what = f"{named(path)}: {status.st_size} bytes, at most {MAX_FILE} are read"
                raise LimitError(what, "No entry is that large: remove it from the corpus.")
            return os.read(handle, status.st_size + 1)
        finally:
            os.close(handle)
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the path.
        what = getattr(error, "strerror", None) or str(error)
        raise UnreadableError(
            f"{named(path)}: cannot be read: {what}", "Check that it exists and may be read."
        ) from None


def names(directory: Path) -> tuple[list[str], list[str]]:
    """The names of the files and of the directories in `directory`, each sorted; hidden directories left out.

    One that does not exist is empty. Raises CorpusError when it cannot be listed.
    """
    files: list[str] = []
    directories: list[str] = []
    try:
        with os.scandir(directory) as found:
            for one in found:
                if not _is_directory(one):
                    files.append(one.name)
                elif not one.name.startswith("."):
                    directories.append(one.name)
    except FileNotFoundError:
        return [], []
    except (OSError, ValueError) as error:
        raise failed("read the directory", directory, _as_os_error(error)) from None
    return sorted(files), sorted(directories)


def _is_directory(one: os.DirEntry[str]) -> bool:
    try:
        return one.is_dir()
    except OSError:
        # Links that lead round in a circle lead to no directory.
        return False


def is_leftover(name: str) -> bool:
    """Whether a file of that name is one of `write` that a killed process left behind, or is about to rename."""
    return _LEFTOVER.fullmatch(name) is not None


def _as_os_error(error: OSError | ValueError) -> OSError:
    return error if isinstance(error, OSError) else OSError(errno.EINVAL, str(error))


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[bool]:
    """Make `directory` and hold it against all other writers, on any process or thread of this machine.

    The lock is the directory's own, so nothing is left behind and a killed writer holds nothing. Yields False where the
    file system knows no such locks: writes are then still whole, but two at once may not see each other. Raises
    CorpusError when the directory cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise failed("make the directory", directory, _as_os_error(error)) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:  # pragma: no cover - network file systems
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def write(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that, whatever happens, the file is there as it was, or as it should be, and survives
    a power cut once this returns. Raises CorpusError.
    """
    temporary = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{TEMPORARY}")
    try:
        try:
            _write_new(temporary, data)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_directory(path.parent)
    except OSError as error:
        raise failed("write", path, error) from None


def _write_new(path: Path, data: bytes) -> None:
    # Not mkstemp, whose files only their owner may read: a corpus is shared.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    with open(handle, "wb", buffering=0) as file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        os.fsync(handle)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def set_aside(path: Path) -> None:
    """Rename a file that is in the way, to a name that is no entry's. Raises CorpusError."""
    try:
        os.replace(path, path.with_name(f"{path.stem}.{secrets.token_hex(4)}{ASIDE}"))
    except OSError as error:
        raise failed("rename", path, error) from None


def remove(path: Path) -> None:
    """Remove a file; one that has gone already is no error. Raises CorpusError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise failed("remove", path, error) from None


def exists(path: Path) -> bool:
    """Whether there is anything at `path`, even a link to nowhere."""
    return os.path.lexists(path)


def is_directory(path: Path) -> bool:
    """Whether `path` is a directory, or a link to one."""
    return os.path.isdir(path)


def size(path: Path) -> int:
    """The size of a file in bytes; 0 when it has gone."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
