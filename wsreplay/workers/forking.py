"""Whether a process can be forked, and what its child has to begin anew.

A thread does not live on in a child. That of a `logging.handlers.QueueListener`, which Litestar starts when an app is
made, only waits for records, and is begun anew; any other may be in the middle of something.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import warnings
from typing import Any


def can_fork() -> bool:
    """Whether nothing would be missing in a child."""
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    return sys.platform.startswith("linux") and all(_listener(thread) is not None for thread in others)


def end_group(pid: int) -> None:
    """End what a process that led a group has left behind: app code forks, too."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def fork() -> int:
    """Fork as `os.fork` does, and go on in the child with the listeners that there were."""
    listeners = [listener for thread in threading.enumerate() if (listener := _listener(thread)) is not None]
    with warnings.catch_warnings():
        # From Python 3.12 on a fork beside threads is warned of; the child has none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        for listener in listeners:
            listener._thread = None
            listener.start()
    return pid


def _listener(thread: threading.Thread) -> Any:
    """The listener that a thread belongs to; None if it does to none."""
    handlers = sys.modules.get("logging.handlers")
    owner = getattr(getattr(thread, "_target", None), "__self__", None)
    return owner if handlers is not None and isinstance(owner, handlers.QueueListener) else None
