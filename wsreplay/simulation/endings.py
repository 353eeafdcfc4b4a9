"""How a handler ended: the cause that the transcript records, and the exception if there was one."""

from __future__ import annotations

from wsreplay.model import NOBODY, Cause, Raised
from wsreplay.protocol import State
from wsreplay.simulation.connection import Connection
from wsreplay.simulation.exceptions import describe
from wsreplay.sources import Sources

_BY_STATE: dict[State, Cause] = {State.REJECTED: "rejected", State.DENIED: "denied", State.CLOSED: "closed"}


def conclude(connection: Connection, exception: BaseException | None, sources: Sources) -> tuple[Cause, Raised | None]:
    """Return the cause of the handler's end, and what it raised.

    The disconnect exception of a client that has gone is the usual way to leave: cause `disconnected`.
    """
    if connection.abandoned:
        return "unfinished", None
    if exception is None:
        if connection.state in _BY_STATE:
            return _BY_STATE[connection.state], None
        if connection.closing:
            return "closed", None
        return ("disconnected" if connection.gone else "returned"), None
    raised = describe(exception, sources, connection.client if connection.gone else None)
    usual = raised.nature in ("disconnect", "peer_gone") and raised.peer in (NOBODY, connection.client)
    return ("disconnected" if usual and connection.gone else "raised"), raised
