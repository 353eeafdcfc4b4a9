"""`datetime.now()` and `datetime.utcnow()`, as an app sees them: they go along with the clocks of the module `time`.

The class stays the one it is and every value is a true one: a stand-in for the class would not be what validators,
serialisers and database drivers look for. It is its own methods that are others for a while. Python offers no way to do
so with a class written in C, CPython only the one taken here; where it does not hold, dates know of no waits.
"""

from __future__ import annotations

import gc
import sys
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any

DEPRECATED = sys.version_info >= (3, 12)
"""Whether Python warns of `utcnow`."""

_time = time.time
_METHODS = ("now", "utcnow")


def _reached() -> tuple[dict[str, Any], Callable[[type], None]] | None:
    """The attributes of the class, and what makes the interpreter forget those that it has looked up."""
    try:
        import ctypes  # There are builds without it.

        forget = ctypes.pythonapi.PyType_Modified
    except (ImportError, AttributeError):
        return None
    forget.argtypes, forget.restype = [ctypes.py_object], None
    for found in gc.get_referents(vars(datetime)):
        if isinstance(found, dict) and all(name in found for name in _METHODS):
            return found, forget
    return None


class Dates:
    """Stand in for the two methods between `enter` and `leave`; `skipped` tells the seconds that have been skipped."""

    def __init__(self, skipped: Callable[[], float]) -> None:
        self._reached = _reached()
        self._theirs: dict[str, Any] = {name: vars(datetime)[name] for name in _METHODS}

        def now(cls: type[datetime], tz: tzinfo | None = None) -> datetime:
            return cls.fromtimestamp(_time() + skipped(), tz)

        def utcnow(cls: type[datetime]) -> datetime:
            if DEPRECATED:  # Of the app's line, and not of this one.
                warnings.warn("datetime.datetime.utcnow() is deprecated", DeprecationWarning, stacklevel=2)
            return now(cls, UTC).replace(tzinfo=None)

        self._ours: dict[str, Any] = {"now": classmethod(now), "utcnow": classmethod(utcnow)}

    def enter(self) -> None:
        """From now on they tell of what was skipped."""
        self._put(self._theirs, self._ours)

    def leave(self) -> None:
        """They are as they were."""
        self._put(self._ours, self._theirs)

    def _put(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        if self._reached is None:
            return
        attributes, forget = self._reached
        for name in _METHODS:
            # What somebody else has put in its place stays there.
            if attributes.get(name) is before[name]:
                attributes[name] = after[name]
        forget(datetime)
