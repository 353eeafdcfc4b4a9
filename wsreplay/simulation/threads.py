"""Which threads are at work for the app, so that the clock does not jump over them.

asyncio knows of the work that went through `run_in_executor`; anyio and others run their own threads and call back. A
thread that waits for work is told apart by the innermost frame of its stack.
"""

from __future__ import annotations

import sys
import threading
from types import FrameType


def working_threads(known: frozenset[int]) -> tuple[int, ...]:
    """Return the identifiers of the threads that do something now.

    `known` threads were there before and count only when they belong to a pool that runs the app's calls.
    """
    if threading.active_count() <= 1:
        return ()
    frames = sys._current_frames()
    current = threading.get_ident()
    working = []
    for thread in threading.enumerate():
        identifier = thread.ident or 0
        if identifier == current or identifier not in frames:
            continue
        if identifier in known and not _pooled(thread):
            continue
        if not _waits_for_work(frames[identifier]):
            working.append(identifier)
    return tuple(working)


def _pooled(thread: threading.Thread) -> bool:
    return type(thread).__name__ == "WorkerThread" and type(thread).__module__.startswith("anyio.")


def _waits_for_work(frame: FrameType) -> bool:
    # A pool's worker waits in C (SimpleQueue.get), below `_worker`; others in threading's `wait`, for another thread or
    # for us. A wait with a timeout ends by itself: that is work.
    code = frame.f_code
    if code.co_name == "_worker" and code.co_filename.endswith("concurrent/futures/thread.py"):
        return True
    if _given(frame):
        return False
    if code.co_name == "wait" and code.co_filename.endswith("threading.py"):
        return frame.f_locals.get("timeout") is None
    return code.co_name == "get" and code.co_filename.endswith("queue.py")


def _given(frame: FrameType) -> bool:
    """Whether there is something in the queue at which the thread waits: it has not woken up yet."""
    for one in (frame, frame.f_back):
        if one is not None and one.f_code.co_name == "get" and one.f_code.co_filename.endswith("queue.py"):
            return bool(one.f_locals["self"]._qsize())
    return False
