"""Which threads are at work for the app, so that the clock does not jump over them.

asyncio knows of the work that went through `run_in_executor`; anyio and others run their own threads and call back. A
thread that waits for work is told apart by the innermost frame of its stack.
"""

from __future__ import annotations

import sys
import threading
from types import FrameType


def working_threads(known: frozenset[threading.Thread]) -> tuple[int, ...]:
    """Return the identifiers of the threads that do something now.

    `known` threads were there before and count only when they belong to a pool that runs the app's calls. They are not
    known by their identifiers, which the system gives to new threads when the old ones have ended.
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
        if thread in known and not _pooled(thread):
            continue
        if not _waits_for_work(frames[identifier]):
            working.append(identifier)
    return tuple(working)


def _pooled(thread: threading.Thread) -> bool:
    return type(thread).__name__ == "WorkerThread" and type(thread).__module__.startswith("anyio.")


def _waits_for_work(frame: FrameType) -> bool:
    # A pool's worker waits in C (SimpleQueue.get), below `_worker`; others in threading's `wait`, for another thread or
    # for us. One that has been given what it waits for is at work, although it has not woken up yet: on a busy machine
    # that takes its time.
    name, file = frame.f_code.co_name, frame.f_code.co_filename
    if name == "_worker" and file.endswith("concurrent/futures/thread.py"):
        return frame.f_locals.get("work_item") is None and not frame.f_locals["work_queue"].qsize()
    if _given(frame):
        return False
    if name == "wait" and file.endswith("threading.py"):
        return frame.f_locals.get("timeout") is None and not _notified(frame)
    return name == "get" and file.endswith("queue.py")


def _given(frame: FrameType) -> bool:
    """Whether there is something in the queue at which the thread waits, or it has just taken it out."""
    for one in (frame, frame.f_back):
        if one is not None and one.f_code.co_name == "get" and one.f_code.co_filename.endswith("queue.py"):
            return bool("item" in one.f_locals or one.f_locals["self"]._qsize())
    return False


def _notified(frame: FrameType) -> bool:
    """Whether the condition that the thread waits for has come about (`Event.wait` calls a condition's `wait`)."""
    condition, waiter = frame.f_locals.get("self"), frame.f_locals.get("waiter")
    return waiter is not None and waiter not in getattr(condition, "_waiters", (waiter,))
