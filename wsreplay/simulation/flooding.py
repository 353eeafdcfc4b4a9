"""Whether an app ever comes to the end of what it is sending.

A client's window is full after some messages, and the app waits until the next step. At the end of a scenario the
clients read everything, as fast as it comes. What then goes on sending while no time passes, beyond all measure, has
no end. It is counted, not timed: a replay comes to the same answer on any machine.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from wsreplay.model import Frame
from wsreplay.simulation.connection import Connection
from wsreplay.simulation.loop import SimulationLoop
from wsreplay.simulation.offspring import CURRENT
from wsreplay.sources import Sources

ENDLESS = 50_000
"""Messages to one client at one moment that are taken for endless: more than any history that is sent at once."""

ENDLESS_BYTES = 1 << 31
"""The same in bytes."""

LOOK = 1000
"""Messages after which it is looked whether their source is known to have no end."""

Places = set[tuple[str, str]]
"""Functions, as file and name, that were found to send without end."""

_OURS = 3
"""Frames of ours between the app's `await send(...)` and the look: the look, the message, the send."""


def endless(
    connections: Sequence[Connection], loop: SimulationLoop, sources: Sources, known: Places
) -> tuple[int, tuple[Frame, ...]] | None:
    """Let the peers of `connections` read all that there is for them at this moment. What they read is not recorded.

    Return the client in whose session code sends without end, and where it does; None if there is an end. `known`
    grows by that place: the next time it is believed sooner.
    """
    floods = [_Flood(sources, known) for _ in connections]
    for connection, flood in zip(connections, floods, strict=True):
        connection.overhear(flood.count)
    found = None
    while found is None and any(one.stuffed for one in connections):
        for connection in connections:
            connection.refresh()
        loop.run_ready()
        found = next((flood.found for flood in floods if flood.found is not None), None)
    for connection in connections:
        connection.overhear(None)
    return found


class _Flood:
    def __init__(self, sources: Sources, known: Places) -> None:
        self.found: tuple[int, tuple[Frame, ...]] | None = None
        self._sources = sources
        self._known = known
        self._messages = self._size = 0

    def count(self, size: int) -> None:
        self._messages += 1
        self._size += size
        if self.found is not None:
            return
        over = self._messages >= ENDLESS or self._size >= ENDLESS_BYTES
        if over or self._messages % LOOK == 0:
            frames = self._sources.stack(sys._getframe(_OURS))
            place = next(((frame.file, frame.function) for frame in reversed(frames) if frame.app), ("", ""))
            if over or place in self._known:
                self._known.add(place)
                self.found = (CURRENT.get(), frames)
