"""How a handler ended: the cause that the transcript records, and the exception if there was one."""

from __future__ import annotations

import asyncio
from typing import Any

from wsreplay.model import Cause, Raised
from wsreplay.protocol import State
from wsreplay.simulation.connection import Connection
from wsreplay.simulation.exceptions import describe
from wsreplay.sources import Sources

_BY_STATE: dict[State, Cause] = {State.REJECTED: "rejected", State.DENIED: "denied", State.CLOSED: "closed"}


def conclude(connection: Connection, task: asyncio.Task[Any], sources: Sources) -> tuple[Cause, Raised | None]:
    """Return the cause of the handler's end, and what it raised.

    The disconnect exception of a client that has gone is the usual way to leave: cause `disconnected`.
    """
    exception = asyncio.CancelledError() if task.cancelled() else task.exception()
    if exception is None:
        if connection.state in _BY_STATE:
            return _BY_STATE[connection.state], None
        return ("disconnected" if connection.gone else "returned"), None
    raised = describe(exception, sources)
    usual = raised.nature == "disconnect" or (raised.nature == "peer_gone" and raised.peer == connection.client)
    if usual and connection.gone and raised.peer in (-1, connection.client):
        return "disconnected", raised
    return "raised", raised
