"""A process that does not outlive the one that started it, whatever became of that."""

from __future__ import annotations

import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux, prctl(2)."""


def end_with_parent(parent: int | None = None) -> None:
    """Have this process killed when the thread that started it ends, even if it is busy outside Python code by then.
    It may have ended already where that is not process `parent` any more.

    Only Linux can do that. Elsewhere a worker ends at the next word that it says or hears.
    """
    if sys.platform.startswith("linux"):  # pragma: no branch - tests run on Linux
        import ctypes  # here, as it takes its time, and nobody else needs it

        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)  # pragma: no cover - nobody is left to count it
