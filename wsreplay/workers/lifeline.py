"""A process that does not outlive the one that started it, whatever became of that."""

from __future__ import annotations

import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux, prctl(2)."""


def end_with_parent() -> None:
    """Have this process killed when the thread that started it ends, even if it is busy outside Python code by then.

    Only Linux can do that. Elsewhere a worker ends at the next word that it says or hears.
    """
    if sys.platform.startswith("linux"):  # pragma: no branch - tests run on Linux
        import ctypes  # here, as it takes its time, and nobody else needs it

        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
