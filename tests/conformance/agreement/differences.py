"""The server profiles: every difference between the simulation and a real server that was seen, with its reason.

Versions: uvicorn 0.54, hypercorn 0.18, websockets 17. The simulation follows uvicorn's default implementation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agreement.journal import Line
from agreement.profile import (
    ABRUPT,
    ACCEPTED,
    BROKEN,
    END,
    HYPERCORN,
    LEGACY,
    PLAIN,
    UVICORN,
    WSPROTO,
    Difference,
    both,
    frame,
    got,
    is_event,
    line,
    lines,
    refused,
    seen,
    sent,
    told,
    wire,
)
from agreement.records import UNANSWERED, View

HELLO = ("text", "hello")


def _both_keys(one: Line) -> Line:
    return ("received", {"bytes": None, "text": None, **one[1]}) if is_event(one, "receive") else one


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


def _in_the_scope(old: str, new: str) -> Any:
    return lambda view: replace(
        view, wire=[(one[0], one[1].replace(old, new)) if one[0] == "text" else one for one in view.wire]
    )


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
    Difference((HYPERCORN,), "a message has both keys, as the specification allows", lines(_both_keys)),
    Difference((HYPERCORN,), "it tells who ended it, not how: 1000 the app, 1006 the client", _codes_of_hypercorn),
    Difference((HYPERCORN,), "to send to a client that has gone is no error, against ASGI 2.4", _taken_when_too_late),
    Difference((HYPERCORN,), "an event out of place raises an Exception of its own", _exceptions_of_hypercorn),
    Difference((LEGACY,), "a drop is 1006 with an empty reason, the app's own close 1005", _codes_of_legacy),
    Difference((LEGACY,), "a handler that was told of the end must not send: RuntimeError", _refused_once_told),
)

# --- the handshake --------------------------------------------------------------------------------------------------

SUBPROTOCOLS = ("subprotocol-not-offered", "subprotocol-unasked")
ODD_HEADERS = ("bad-headers-on-accept",)
EARLY = ("early-*",)

HANDSHAKE = (
    Difference(
        (PLAIN,),
        "it passes on a subprotocol that was not offered; the client then breaks off",
        both(wire(BROKEN), seen(told(1005), END)),
        SUBPROTOCOLS,
    ),
    Difference(
        (LEGACY,),
        "it passes on a subprotocol that was not offered; the client then breaks off",
        both(wire(BROKEN), seen(told(1006, ""), END)),
        SUBPROTOCOLS,
    ),
    Difference(
        (WSPROTO,),
        "wsproto refuses the subprotocol after the handshake counts as complete",
        both(line(refused("accept", "RuntimeError"), refused("accept")), line(told(1006), told(1005))),
        SUBPROTOCOLS,
    ),
    Difference(
        (WSPROTO,),
        "wsproto takes headers of str",
        both(wire(("accepted", None, (("x-one", "1"),))), seen(told(1000, ""), END)),
        ODD_HEADERS,
    ),
    Difference(
        (LEGACY,),
        "accept is not refused when the client has gone",
        line(refused("accept", "RuntimeError"), sent("accept")),
        EARLY,
    ),
)

# --- denial responses -----------------------------------------------------------------------------------------------

_START, _BODY = "http.response.start", "http.response.body"

DENIAL = (
    Difference(
        (LEGACY,),
        "it answers with what there is",
        frame(UNANSWERED, ("status", 404, b"")),
        ("denying-*", "denial-unfinished"),
    ),
    Difference(
        (LEGACY,), "it answers with what there is", frame(UNANSWERED, ("status", 410, b"")), ("connecting-start*",)
    ),
    Difference(
        (PLAIN, WSPROTO),
        "a second answer fails in the HTTP library, not in the server",
        line(refused(_BODY, "RuntimeError"), refused(_BODY)),
        ("denied-body*", "denied-then-everything"),
    ),
    Difference(
        (PLAIN,),
        "... with that library's exception",
        line(("ended", "RuntimeError"), ("ended", "AssertionError")),
        ("denied-body-strictly",),
    ),
    Difference(
        (WSPROTO,),
        "... with that library's exception",
        line(("ended", "RuntimeError"), ("ended", "LocalProtocolError")),
        ("denied-body-strictly",),
    ),
    Difference(
        (LEGACY,),
        "a body after the last one is added while the answer is on its way",
        both(
            line(refused(_BODY, "RuntimeError"), sent(_BODY)),
            line(("ended", "RuntimeError"), END),
            frame(("status", 404, b"not here"), ("status", 404, b"not heregone")),
            frame(("status", 404, b"done"), ("status", 404, b"donemore")),
            frame(("status", 403, b""), ("status", 403, b"gone")),
        ),
        ("denied-body*", "denied-then-everything", "rejected-body*"),
    ),
    Difference(
        (LEGACY,),
        "an odd status is not in the enumeration: ValueError",
        line(refused(_START, "RuntimeError"), refused(_START)),
        ("denial-with-an-odd-status",),
    ),
    Difference(
        (HYPERCORN,),
        "it does not look at the status before the body comes",
        line(refused(_START), sent(_START)),
        ("denial-with-an-odd-status",),
    ),
    Difference(
        (HYPERCORN,),
        "until the first body it takes every answer, the last counts",
        both(
            line(refused(_START), sent(_START)),
            line(("ended", "UnexpectedMessageError"), END),
            frame(("status", 404), ("status", 410, b"late")),
        ),
        ("denying-start*", "denial-started-twice"),
    ),
    Difference(
        (HYPERCORN,),
        "until the first body it takes every answer, the last counts",
        both(
            wire(ACCEPTED, ("close", 1011, "")),
            line(refused("accept"), sent("accept")),
            line(("ended", "UnexpectedMessageError"), END),
        ),
        ("denying-accept*", "denial-then-accept"),
    ),
    Difference(
        (HYPERCORN,),
        "until the first body it takes every answer, the last counts",
        both(
            wire(("status", 403, b"")),
            line(refused("close"), sent("close")),
            line(("ended", "UnexpectedMessageError"), END),
        ),
        ("denying-close*", "denial-then-close"),
    ),
    Difference(
        (HYPERCORN,),
        "a body after another answer is out of place",
        line(sent(_BODY), refused(_BODY)),
        ("denial-then-accept", "denial-then-close"),
    ),
    Difference(
        (HYPERCORN,),
        "it trips over the response or the connection that is not there",
        line(("ended", "UnexpectedMessageError"), ("ended", "AttributeError")),
        ("connecting-body-strictly", "rejected-close-strictly", "denied-close-strictly"),
    ),
)

# --- closes ---------------------------------------------------------------------------------------------------------

UNSENDABLE = ("illegal-close-1005", "illegal-close-1006", "illegal-close-1015")
ILLEGAL = ("illegal-close-*",)
LEGACY_FAILS = (*ILLEGAL, "reason-too-long", "reason-with-surrogate", "close-code-of-str")


def _failed_by_legacy(view: View) -> View:
    after = [one for one in view.seen if not is_event(one, "disconnect") and one != END]
    after = [refused("send", "OSError") if one == sent("send") else one for one in after]
    after += [got("hello"), refused("send", "OSError"), ("ended", "ClientDisconnected")]
    return View([ACCEPTED], after)


_CUT = "é" * 61

CLOSES = (
    Difference(
        (LEGACY,),
        "a close that cannot be sent has closed the connection all the same, and the client is never told",
        _failed_by_legacy,
        LEGACY_FAILS,
    ),
    Difference(
        (WSPROTO, HYPERCORN),
        "wsproto sends codes that it should not; a client fails on them",
        both(
            wire(ACCEPTED, ABRUPT),
            line(refused("close"), sent("close")),
            line(sent("send"), refused("send", "RuntimeError")),
        ),
        ILLEGAL,
    ),
    Difference(
        (WSPROTO, HYPERCORN),
        "wsproto sends 1000 in the place of codes that stay local",
        frame(ABRUPT, ("close", 1000, "")),
        UNSENDABLE,
    ),
    Difference(
        (HYPERCORN,),
        "an event out of place raises an Exception of its own",
        line(refused("send", "RuntimeError"), refused("send")),
        ILLEGAL,
    ),
    Difference(
        (WSPROTO, HYPERCORN),
        "wsproto cuts a reason that is too long",
        both(wire(ACCEPTED, ("close", 4000, _CUT)), line(refused("close"), sent("close"))),
        ("reason-too-long",),
    ),
    Difference(
        (HYPERCORN,),
        "a close that fails has closed the connection all the same",
        both(
            wire(ACCEPTED, ABRUPT),
            seen(
                refused("close", "UnicodeError"),
                _both_keys(got("hello")),
                refused("send"),
                ("ended", "UnexpectedMessageError"),
            ),
        ),
        ("reason-with-surrogate",),
    ),
    Difference(
        (HYPERCORN,),
        "it makes the code an int",
        both(wire(ACCEPTED, ("close", 1000, "")), line(refused("close"), sent("close"))),
        ("close-code-of-str",),
    ),
    Difference(
        (LEGACY,),
        "a close needs a code",
        both(wire(ACCEPTED), line(sent("close"), refused("close")), line(told(1005), told(1000, ""))),
        ("app-closes-with-none",),
    ),
    Difference(
        (HYPERCORN,),
        "a close needs a code",
        both(wire(ACCEPTED), line(sent("close"), refused("close"))),
        ("app-closes-with-none",),
    ),
    Difference(
        (HYPERCORN,),
        "a second close is passed over",
        both(line(refused("close"), sent("close")), line(("ended", "UnexpectedMessageError"), END)),
        ("closed-close*",),
    ),
    Difference(
        (WSPROTO,),
        "wsproto does not know 1014",
        line(told(1014, "bye"), told(1002, "CLOSE with unknown reserved code")),
        ("client-closes-1014",),
    ),
)

# --- messages -------------------------------------------------------------------------------------------------------

MESSAGES = (
    Difference(
        (WSPROTO, LEGACY),
        "the type of the value decides, not its key",
        both(wire(ACCEPTED, ("bytes", b"five"), HELLO), line(refused("send"), sent("send"))),
        ("text-of-bytes",),
    ),
    Difference(
        (WSPROTO, LEGACY),
        "the type of the value decides, not its key",
        both(wire(ACCEPTED, ("text", "five"), HELLO), line(refused("send"), sent("send"))),
        ("bytes-of-str",),
    ),
    Difference(
        (WSPROTO, LEGACY, HYPERCORN),
        "a message without content is an error, not nothing",
        lambda view: replace(view, seen=[view.seen[0], view.seen[1], refused("send"), *view.seen[3:]]),
        ("neither-key", "both-none"),
    ),
)

# --- after the end --------------------------------------------------------------------------------------------------

LATE = (
    Difference(
        UVICORN,
        "the end of the TCP connection is told after the close frame",
        seen(told(1001, ""), told(1005), END),
        ("receive-after-disconnect",),
    ),
    Difference(
        (PLAIN, WSPROTO),
        "the end of the TCP connection is told after the close frame",
        seen(told(1001, ""), told(1005)),
        ("receive-thrice-after-disconnect",),
    ),
    Difference(
        (LEGACY,),
        "the end is told as often as one asks",
        seen(told(1001, ""), told(1005), told(1005), END),
        ("receive-thrice-after-disconnect",),
    ),
    Difference(
        (LEGACY,),
        "the end is told as often as one asks",
        seen(told(1006, ""), told(1005), END),
        ("receive-after-drop",),
    ),
    Difference(
        (PLAIN,),
        "until the TCP connection has ended too, a close after the disconnect is passed over",
        line(refused("close", "OSError"), sent("close")),
        ("close-after-disconnect",),
    ),
    Difference(
        (WSPROTO,),
        "a close that came too late counts as a close",
        seen(told(1000, ""), refused("close", "OSError"), refused("close", "RuntimeError"), END),
        ("close-after-disconnect",),
    ),
    Difference(
        (PLAIN, WSPROTO),
        "until the TCP connection has ended too, an event out of place is that first of all",
        both(
            line(refused("accept", "OSError"), refused("accept", "RuntimeError")),
            line(refused("wave", "OSError"), refused("wave", "RuntimeError")),
        ),
        ("illegal-event-after-disconnect",),
    ),
    Difference(
        (PLAIN, WSPROTO),
        "it reads no further while a message is unread, and does not see the end behind it",
        lambda view: replace(
            view,
            seen=[
                sent("send") if one == refused("send", "OSError") and n < 5 else one for n, one in enumerate(view.seen)
            ],
        ),
        ("*-behind-unread-messages",),
    ),
)

# --- several clients, frameworks, the scope -------------------------------------------------------------------------

OTHERS = (
    Difference(
        (LEGACY,),
        "a handler that was told of the end must not send: RuntimeError",
        line(("ended", "ClientDisconnected"), ("ended", "RuntimeError")),
        ("fragile-room*",),
        0,
    ),
    Difference(
        (HYPERCORN,),
        "to send to a client that has gone is no error, so nobody else suffers",
        both(wire(ACCEPTED, ("text", "a")), line(("ended", "ClientDisconnected"), told(1006), END)),
        ("fragile-room*",),
        0,
    ),
    Difference(
        (LEGACY,),
        "a handler that was told of the end must not send: RuntimeError",
        line(("ended", "WebSocketDisconnect"), ("ended", "RuntimeError")),
        ("starlette-gone",),
    ),
    Difference(
        (HYPERCORN,),
        "to send to a client that has gone is no error",
        line(("ended", "WebSocketDisconnect"), END),
        ("starlette-gone",),
    ),
    Difference(
        (HYPERCORN,),
        "the key is there, its value is None",
        line(("ended", "KeyError"), ("ended", "TypeError")),
        ("starlette-json-of-bytes",),
    ),
    Difference(
        (HYPERCORN,), "it speaks ASGI 2.3", _in_the_scope('"spec_version": "2.4"', '"spec_version": "2.3"'), ("scope*",)
    ),
    Difference(
        (WSPROTO,), "wsproto keeps this header to itself", _in_the_scope('"sec-websocket-protocol", ', ""), ("scope",)
    ),
)

DIFFERENCES: tuple[Difference, ...] = (*EVERYWHERE, *HANDSHAKE, *DENIAL, *CLOSES, *MESSAGES, *LATE, *OTHERS)
