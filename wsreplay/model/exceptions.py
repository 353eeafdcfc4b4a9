"""Exceptions as data, and places in code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Nature: TypeAlias = Literal["error", "disconnect", "peer_gone", "interrupted", "cancelled", "unsupported"]

NOBODY = -1
"""The client index of an event that belongs to no client."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in code: `file` relative to the target (or the last parts of a library's path), never absolute."""

    file: str
    line: int
    function: str
    source: str = ""
    app: bool = True


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception as data. `type` is the class name, `module` where that class lives, `frames` the stack from the
    outermost to the innermost frame (long stacks lose their middle).

    `nature` is what the simulation knows of it:
    `disconnect`: a framework's own class for 'the client has gone';
    `peer_gone`: the very OSError that our `send()` raised, or one derived from it; `peer` is the client that was gone;
    `interrupted`: the watchdog stopped it; `cancelled`: a CancelledError; `unsupported`: the framework itself refuses
    client input that it cannot decode (no application frame); `error`: everything else.
    For a group the leaf that matters most is described and `group` is true.
    """

    type: str
    message: str
    module: str = "builtins"
    frames: tuple[Frame, ...] = ()
    nature: Nature = "error"
    peer: int = NOBODY
    group: bool = False

    @property
    def location(self) -> Frame | None:
        """The innermost frame in application code."""
        for frame in reversed(self.frames):
            if frame.app:
                return frame
        return None
