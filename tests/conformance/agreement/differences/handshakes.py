"""What a handshake comes to: accept, rejection, denial response."""

from __future__ import annotations

from agreement.profile import (
    ACCEPTED,
    BROKEN,
    END,
    HYPERCORN,
    LEGACY,
    PLAIN,
    WSPROTO,
    Difference,
    both,
    frame,
    line,
    refused,
    seen,
    sent,
    told,
    wire,
)
from agreement.records import UNANSWERED

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
