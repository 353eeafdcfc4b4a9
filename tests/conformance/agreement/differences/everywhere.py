"""What holds in every case."""

from __future__ import annotations

from dataclasses import replace

from agreement.journal import Line
from agreement.profile import (
    ABRUPT,
    END,
    HYPERCORN,
    LEGACY,
    PLAIN,
    UVICORN,
    WSPROTO,
    Difference,
    both,
    both_keys,
    frame,
    is_event,
    lines,
    told,
)
from agreement.records import UNANSWERED, View


def _app_ended_it(view: View) -> bool:
    return any(one[0] in ("close", "status") for one in view.wire)


def _codes_of_hypercorn(view: View) -> View:
    code = 1000 if _app_ended_it(view) else 1006
    return lines(lambda one: told(code) if is_event(one, "disconnect") else one)(view)


def _codes_of_legacy(view: View) -> View:
    def change(one: Line) -> Line:
        if not is_event(one, "disconnect") or view.wire[-1:] == [] or view.wire[-1][0] == "status":
            return one
        if view.wire[-1][0] == "close":
            return told(1005)
        return one if "reason" in one[1] else told(1006, "")

    return lines(change)(view)


def _refused_once_told(view: View) -> View:
    after: list[Line] = []
    known = False
    for one in view.seen:
        known = known or is_event(one, "disconnect")
        if known and one[0] == "refused":
            after.append((*one[:2], "RuntimeError"))
        elif known and one == ("ended", "ClientDisconnected"):
            after.append(("ended", "RuntimeError"))
        else:
            after.append(one)
    return replace(view, seen=after)


def _taken_when_too_late(view: View) -> View:
    after = [("sent", one[1]) if one[0] == "refused" and one[2] == "OSError" else one for one in view.seen]
    if after != view.seen:
        after = [END if one == ("ended", "ClientDisconnected") else one for one in after]
    return replace(view, seen=after)


def _exceptions_of_hypercorn(view: View) -> View:
    after: list[Line] = []
    for one in view.seen:
        if one[0] == "refused" and one[2] == "RuntimeError":
            after.append((*one[:2], "Exception"))
        elif one == ("ended", "RuntimeError") and after[-1][0] == "refused":
            after.append(("ended", "UnexpectedMessageError"))
        else:
            after.append(one)
    return replace(view, seen=after)


EVERYWHERE = (
    Difference(
        UVICORN,
        "a handler that ends without a close ends the TCP connection: the client sees 1006",
        both(frame(("raised",), ABRUPT), frame(("returned",), ABRUPT)),
    ),
    Difference(
        (HYPERCORN,),
        "a handler that ends without a close closes with 1011",
        both(frame(("raised",), ("close", 1011, "")), frame(("returned",), ("close", 1011, ""))),
    ),
    Difference(
        (PLAIN, WSPROTO),
        "an HTTP response to the handshake that is never completed is never sent",
        frame(UNANSWERED, ABRUPT),
    ),
    Difference(
        (HYPERCORN,),
        "an HTTP response to the handshake that is never completed becomes a 500",
        frame(UNANSWERED, ("status", 500)),
    ),
    Difference((HYPERCORN,), "its own 500 has no body", frame(("status", 500), ("status", 500, b""))),
    Difference((HYPERCORN,), "a message event has both keys, the unused one None (ASGI allows it)", lines(both_keys)),
    Difference(
        (HYPERCORN,),
        "the disconnect event says who ended it, not how: 1000 the app, 1006 the client; no reason",
        _codes_of_hypercorn,
    ),
    Difference(
        (HYPERCORN,), "sending to a client that has gone is no error (it speaks ASGI 2.3)", _taken_when_too_late
    ),
    Difference(
        (HYPERCORN,),
        "an event out of place raises its UnexpectedMessageError, which is no RuntimeError",
        _exceptions_of_hypercorn,
    ),
    Difference(
        (LEGACY,),
        "the disconnect event of a drop has 1006 and an empty reason, that of the app's own close 1005 and none",
        _codes_of_legacy,
    ),
    Difference(
        (LEGACY,),
        "sending after the disconnect event is a RuntimeError; before it, it is the OSError",
        _refused_once_told,
    ),
)
