"""Branch features of application code: which statement follows which where the code had a choice, as short strings.

`sys.monitoring` where the interpreter has it (3.12), `sys.settrace` below. The features are the same on every Python:

    cov:chat/rooms.py:Room.join:0       the function was entered
    cov:chat/rooms.py:Room.join:3-7     from its fourth line, a branching statement, to its eighth, the next statement

Branching statements are `if`, `while`, `for`, a `case`, an `except`; the way into an `except` counts too. Bytecode
differs from Python to Python, statements do not: lines are those where a statement begins. They count from the head of
their function, so that an edit elsewhere in the file leaves the features of this one as they are.
"""

from __future__ import annotations

from wsreplay.coverage.monitoring import TOOLS
from wsreplay.coverage.tracer import Tracer
from wsreplay.coverage.ways import Reach, Ways

__all__ = ["TOOLS", "Reach", "Tracer", "Ways"]
