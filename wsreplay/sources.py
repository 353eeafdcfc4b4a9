"""Which files are the application's own code, and how places in code become frames without absolute paths.

Application code is everything that lies neither in the standard library nor among installed packages and their scripts
(`bin/wsreplay` itself stands at the foot of every stack), plus the target's own package wherever that is installed.
This tool's own files are never application code, save the bundled demo.
"""

from __future__ import annotations

import itertools
import linecache
import os
import site
import sys
import sysconfig
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType, TracebackType

from wsreplay.model import Frame

MAX_FRAMES = 16
"""A recursion error has a thousand frames; its ends tell everything."""

MAX_DEPTH = 2000
"""Frames of a stack, or of each end of a traceback, that are looked at: a recursion may be millions deep."""

MAX_INNER = 3
"""Library frames that are told: so many below the application's innermost, which called them."""

_OURS = Path(__file__).resolve().parent


def _library_roots() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    roots = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")}
    roots.update(site.getsitepackages())
    roots.add(site.getusersitepackages())
    roots.update(str(Path(root).resolve()) for root in tuple(roots))
    return tuple(sorted(root.rstrip("/") + "/" for root in roots))


class Sources:
    """Tells application code from library code, and names files relative to `root` (the directory that the target is
    imported from). `target_file` is the file of the target's module, None where it has none.
    """

    def __init__(self, root: Path, target_file: str | None = None, package: str = "") -> None:
        self.root = root.resolve()
        self._libraries = _library_roots()
        self._own = self._target_places(target_file, package)
        self._owned: dict[str, bool] = {}
        self._names: dict[str, str] = {}

    @staticmethod
    def _target_places(target_file: str | None, package: str) -> tuple[str, ...]:
        if target_file is None:
            return ()
        path = Path(target_file).resolve()
        depth = package.count(".") + (1 if path.name == "__init__.py" else 0)
        if depth == 0 or _OURS in path.parents:
            # A single module; of this very package only the target's own file or directory.
            return (str(path.parent) + "/",) if path.name == "__init__.py" and depth else (str(path),)
        return (str(path.parents[depth - 1]) + "/",)

    def owns(self, filename: str) -> bool:
        """Whether `filename` (as a code object has it) is application code."""
        owned = self._owned.get(filename)
        if owned is None:
            owned = self._owned[filename] = self._decide(filename)
        return owned

    def _decide(self, filename: str) -> bool:
        if filename.startswith("<"):
            return False
        if not os.path.isabs(filename) and os.path.splitext(filename)[1] not in ("", ".py"):
            # What a compiled library calls its source, wherever that was.
            return False
        path = str(Path(filename).resolve())
        if any(path == place or (place.endswith("/") and path.startswith(place)) for place in self._own):
            return True
        if path.startswith(f"{_OURS}/"):
            return False
        return not any(path.startswith(root) for root in self._libraries) and "/site-packages/" not in path

    def name(self, filename: str) -> str:
        """A short, stable name: relative to the root, from the package on in a library, never absolute."""
        name = self._names.get(filename)
        if name is None:
            name = self._names[filename] = self._shorten(filename)
        return name

    def _shorten(self, filename: str) -> str:
        if filename.startswith("<"):
            return filename
        path = Path(filename).resolve()
        for root in (*sorted(self._libraries, key=len, reverse=True), str(self.root)):
            try:
                return path.relative_to(root).as_posix()
            except ValueError:
                continue
        for entry in sorted((entry for entry in sys.path if entry), key=len, reverse=True):
            try:
                return path.relative_to(Path(entry).resolve()).as_posix()
            except ValueError:
                continue
        return path.name

    def frame(self, code: CodeType, line: int) -> Frame:
        """One place in code; `source` is its line of text, stripped."""
        filename = code.co_filename
        owned = self.owns(filename)
        text = linecache.getline(filename, line).strip() if owned else ""
        return Frame(self.name(filename), line, code.co_qualname, text, owned)

    def traceback(self, traceback: TracebackType | None) -> tuple[Frame, ...]:
        """The frames of a traceback, outermost first, without this tool's own and the event loop's."""
        places = _walk_traceback(traceback)
        head = tuple(itertools.islice(places, MAX_DEPTH))
        return self._frames((*head, *deque(places, MAX_DEPTH)))

    def stack(self, frame: FrameType | None) -> tuple[Frame, ...]:
        """The frames of a running stack, outermost first, up to the event loop that runs it."""
        inner = itertools.takewhile(lambda place: not self.ours(place[0].co_filename), _walk_stack(frame))
        return self._frames(reversed(tuple(inner)))

    def ours(self, filename: str) -> bool:
        """Whether `filename` is this tool's."""
        return filename.startswith(f"{_OURS}/") and not self.owns(filename)

    def awaiting(self, coroutine: object) -> tuple[Frame, ...]:
        """Where a suspended coroutine waits, outermost first."""
        return self._frames(_walk_awaits(coroutine))

    def _frames(self, places: Iterable[tuple[CodeType, int]]) -> tuple[Frame, ...]:
        kept: list[tuple[CodeType, int]] = []
        inner: list[tuple[CodeType, int]] = []
        for place in places:
            filename = place[0].co_filename
            if self.owns(filename):
                kept.append(place)
                inner.clear()
            elif not (filename.startswith((f"{_OURS}/", "<frozen")) or "/asyncio/" in filename):
                inner.append(place)
        # Below the application's own code the call comes first; without any, the place of the error does.
        kept += inner[:MAX_INNER] if kept else inner[-MAX_INNER:]
        if len(kept) > MAX_FRAMES:
            half = MAX_FRAMES // 2
            kept = kept[:half] + kept[-half:]
        return tuple(self.frame(code, line) for code, line in kept)


def _walk_traceback(traceback: TracebackType | None) -> Iterator[tuple[CodeType, int]]:
    while traceback is not None:
        yield traceback.tb_frame.f_code, traceback.tb_lineno or 0
        traceback = traceback.tb_next


def _walk_stack(frame: FrameType | None) -> Iterator[tuple[CodeType, int]]:
    for _ in range(MAX_DEPTH):
        if frame is None:
            return
        yield frame.f_code, frame.f_lineno or 0
        frame = frame.f_back


def _walk_awaits(coroutine: object) -> Iterator[tuple[CodeType, int]]:
    # Coroutines, generators and asynchronous generators keep the same facts under different names.
    for _ in range(200):
        for prefix, inner in (("cr", "cr_await"), ("gi", "gi_yieldfrom"), ("ag", "ag_await")):
            frame = getattr(coroutine, f"{prefix}_frame", None)
            if frame is not None:
                yield frame.f_code, frame.f_lineno or 0
                coroutine = getattr(coroutine, inner, None)
                break
        else:
            return
