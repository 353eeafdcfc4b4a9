"""Two lines of the application's source. Files are read here to be shown, and nowhere else in the reports.

A frame may come from a stranger's entry: a file is opened only where the target's own code lies, whatever a frame is
called, and shown only if it still has the recorded line where it was.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from wsreplay.config import Settings
from wsreplay.model import Frame
from wsreplay.redaction import hidden
from wsreplay.report.text import Line, place, visible

_LARGEST = 4_000_000
"""Bytes of a source file that are read at most."""

_NEAR = 10
"""Blank lines, and one more, that may lie between the two lines."""


def source(frame: Frame | None, settings: Settings | None) -> Iterator[Line]:
    """A place in the application with its line and the one before it (after it, where nothing is before it). Without
    settings, or where the file is not to be had, with the one line that was recorded.
    """
    if frame is None:
        return
    yield Line(f"  {place(frame)}", "strong")
    shown = _excerpt(frame, _lines(frame, settings) if settings is not None else [])
    # A credential may stand in the code itself.
    secrets = settings.hidden if settings is not None else ()
    shown = [(number, hidden(text, secrets)) for number, text in shown]
    indent = min((len(text) - len(text.lstrip()) for _, text in shown), default=0)
    for number, text in shown:
        mark = ">" if number == frame.line else " "
        yield Line(f"    {number:5} {mark} {visible(text[indent:].rstrip())}", "code")
    yield Line()


def _excerpt(frame: Frame, lines: list[str]) -> list[tuple[int, str]]:
    """What is shown, with the numbers of the lines."""
    if not lines:
        return [(frame.line, frame.source)] if frame.source else []
    near = (*range(frame.line - 1, max(frame.line - _NEAR, 0), -1), *range(frame.line + 1, frame.line + _NEAR))
    other = next((number for number in near if number <= len(lines) and lines[number - 1].strip()), frame.line)
    return [(number, lines[number - 1].expandtabs(4)) for number in sorted({other, frame.line})]


def _lines(frame: Frame, settings: Settings) -> list[str]:
    """The lines of the frame's file, if they are to be had and have the recorded one where it was."""
    try:
        path = _path(frame, settings)
        if path is None or path.stat().st_size > _LARGEST:
            return []
        # Not splitlines, for which a form feed in the middle of a line ends it.
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except (OSError, ValueError, RuntimeError):
        # No such file; or its name is none: it is too long, holds a NUL or a surrogate, or links run in a circle.
        return []
    here = lines[frame.line - 1].strip() if 0 < frame.line <= len(lines) else ""
    return lines if here and hidden(here, settings.hidden) == frame.source.strip() else []


def _path(frame: Frame, settings: Settings) -> Path | None:
    if not frame.file.endswith(".py"):
        return None
    for root, allowed in _places(settings):
        path = (root / frame.file).resolve()
        if (path == allowed or allowed in path.parents) and path.is_file():
            return path
    return None


def _places(settings: Settings) -> Iterator[tuple[Path, Path]]:
    """Directories that frames' files are relative to, each with what may be read of it: the application's directory,
    and the target's own package or module where that is installed elsewhere.
    """
    root = settings.app_dir.resolve()
    yield root, root
    try:
        # The name before the first dot: no package is imported to find it.
        spec = importlib.util.find_spec(settings.target.partition(":")[0].partition(".")[0])
    except (ImportError, ValueError, AttributeError):
        return
    if spec is None:
        return
    own = spec.submodule_search_locations or ([spec.origin] if spec.has_location and spec.origin else [])
    for one in own:
        lies = Path(one).resolve()
        yield lies.parent, lies
