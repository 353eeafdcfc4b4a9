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
        "it ends the TCP connection under a handler that does not close",
        both(frame(("raised",), ABRUPT), frame(("returned",), ABRUPT)),
    ),
    Difference(
        (HYPERCORN,),
        "it closes for a handler that does not",
        both(frame(("raised",), ("close", 1011, "")), frame(("returned",), ("close", 1011, ""))),
    ),
    Difference((PLAIN, WSPROTO), "an HTTP response that is not complete is not sent", frame(UNANSWERED, ABRUPT)),
    Difference((HYPERCORN,), "it answers 500 for a handler that does not", frame(UNANSWERED, ("status", 500))),
    Difference((HYPERCORN,), "its own answers have no body", frame(("status", 500), ("status", 500, b""))),
    Difference((HYPERCORN,), "a message has both keys, as the specification allows", lines(both_keys)),
    Difference((HYPERCORN,), "it tells who ended it, not how: 1000 the app, 1006 the client", _codes_of_hypercorn),
    Difference((HYPERCORN,), "to send to a client that has gone is no error, against ASGI 2.4", _taken_when_too_late),
    Difference((HYPERCORN,), "an event out of place raises an Exception of its own", _exceptions_of_hypercorn),
    Difference((LEGACY,), "a drop is 1006 with an empty reason, the app's own close 1005", _codes_of_legacy),
    Difference((LEGACY,), "a handler that was told of the end must not send: RuntimeError", _refused_once_told),
)
