"""What is compared: for each client, what came over its wire and what its handler saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agreement.journal import Line
from wsreplay.model import NOBODY, Accepted, Closed, Denied, Dropped, Ended, Message, Transcript

Frame = tuple[Any, ...]
"""One thing on the wire towards the client:

("accepted", subprotocol, headers)   the handshake was accepted; only headers that begin with `x-`
("status", code, body)               it was answered with an HTTP response
("text", str), ("bytes", bytes)      a message
("close", code, reason)              the server's close frame; code None when it carried none
("abrupt",)                          the connection ended without a close frame
("broken",)                          the client refused the server's handshake

What comes after the client's own close or drop is not on record.
"""

UNANSWERED: Frame = ("unanswered",)


@dataclass
class View:
    """One client's connection, from both ends."""

    wire: list[Frame] = field(default_factory=list)
    seen: list[Line] = field(default_factory=list)


def simulated(transcript: Transcript, seen: list[list[Line]]) -> list[View]:
    """The record of a run in the simulation.

    How a handler ended that did not close is ("raised",) or ("returned",), and ("unanswered",) if it began an HTTP
    response and did not complete it: what the client then sees is the server profile's affair.
    """
    views = [View(seen=lines) for lines in seen]
    left: set[int] = {NOBODY}
    for event in transcript.events:
        if isinstance(event, Dropped) or (isinstance(event, Closed) and event.origin == "client"):
            left.add(event.client)
        if event.client in left:
            continue
        wire = views[event.client].wire
        if wire and wire[-1][0] in ("close", "status"):
            continue
        frame = _frame(event, accepted=bool(wire))
        if frame == UNANSWERED and ("sent", "websocket.http.response.start") not in views[event.client].seen:
            frame = ("status", 500, b"Internal Server Error")
        if frame is not None:
            wire.append(frame)
    return views


def _frame(event: Any, accepted: bool) -> Frame | None:
    if isinstance(event, Accepted):
        headers = tuple((name, value) for name, value in event.headers if name.lower().startswith("x-"))
        return ("accepted", event.subprotocol, headers)
    if isinstance(event, Denied):
        return ("status", event.status, event.body)
    if isinstance(event, Message) and event.origin == "app":
        return (event.kind, event.data)
    if isinstance(event, Closed):
        return ("close", event.code, event.reason) if accepted else ("status", 403, b"")
    if isinstance(event, Ended) and event.cause in ("raised", "returned"):
        return (event.cause,) if accepted else UNANSWERED
    return None
