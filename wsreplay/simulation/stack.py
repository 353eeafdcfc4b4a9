"""The same room on the stack in every run, however deep the caller stands.

How deeply a message may be nested before an app that recurses breaks depends on how much of the stack is gone already.
Under a debugger, in a test and in the middle of shrinking that is another number than in a server, and a bug found in
one would not show in the other.
"""

from __future__ import annotations

import sys
from types import FrameType

_MOST = 2**31 - 1


class Stack:
    """Moves the recursion limit by the depth of the caller between `level` and `back`. What an app asks for itself by
    `sys.setrecursionlimit` holds, for later runs too.
    """

    def __init__(self) -> None:
        self._wanted = 0
        self._before = self._moved = 0

    def level(self) -> None:
        """Give what runs from here on as many frames as it would have at the bottom of the stack."""
        self._before = sys.getrecursionlimit()
        self._moved = min((self._wanted or self._before) + _depth(sys._getframe(1)), _MOST)
        sys.setrecursionlimit(self._moved)

    def back(self) -> None:
        """Give the caller back what it had."""
        left = sys.getrecursionlimit()
        if left != self._moved:
            self._wanted = left
        sys.setrecursionlimit(self._before)


def _depth(frame: FrameType | None) -> int:
    depth = 0
    while frame is not None:
        depth += 1
        frame = frame.f_back
    return depth
