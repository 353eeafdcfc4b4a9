"""The current task of a thread, to be put aside: from Python 3.14 on a thread has one, whichever loop is its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


def _no_swap(_loop: object, _task: object) -> None:
    """Before Python 3.12 there is none."""


swap: Callable[[Any, Any], object] = getattr(asyncio.tasks, "_swap_current_task", _no_swap)


def put_aside(loop: object) -> object:
    """Let no task be the loop's current one; what was, to be given to `swap`."""
    try:
        return swap(loop, None)
    except KeyError:  # Python 3.12, where no task is the current one.
        return None
