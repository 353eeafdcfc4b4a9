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
        "a subprotocol that was not offered is passed on, and the client breaks off",
        both(wire(BROKEN), seen(told(1005), END)),
        SUBPROTOCOLS,
    ),
    Difference(
        (LEGACY,),
        "a subprotocol that was not offered is passed on, and the client breaks off",
        both(wire(BROKEN), seen(told(1006, ""), END)),
        SUBPROTOCOLS,
    ),
    Difference(
        (WSPROTO,),
        "a subprotocol that was not offered is refused by wsproto, after the handshake counts as complete",
        both(line(refused("accept", "RuntimeError"), refused("accept")), line(told(1006), told(1005))),
        SUBPROTOCOLS,
    ),
    Difference(
        (WSPROTO,),
        "headers of str are taken",
        both(wire(("accepted", None, (("x-one", "1"),))), seen(told(1000, ""), END)),
        ODD_HEADERS,
    ),
    Difference(
        (LEGACY,),
        "an accept after the client has gone is passed over",
        line(refused("accept", "RuntimeError"), sent("accept")),
        EARLY,
    ),
)

# --- denial responses -----------------------------------------------------------------------------------------------

_START, _BODY = "http.response.start", "http.response.body"

DENIAL = (
    Difference(
        (LEGACY,),
        "an HTTP response to the handshake that is never completed is sent as it stands",
        frame(UNANSWERED, ("status", 404, b"")),
        ("denying-*", "denial-unfinished"),
    ),
    Difference(
        (LEGACY,),
        "an HTTP response to the handshake that is never completed is sent as it stands",
        frame(UNANSWERED, ("status", 410, b"")),
        ("connecting-start*",),
    ),
    Difference(
        (PLAIN, WSPROTO),
        "a body after a complete HTTP response fails in the protocol library, with its exception",
        line(refused(_BODY, "RuntimeError"), refused(_BODY)),
        ("denied-body*", "denied-then-everything"),
    ),
    Difference(
        (PLAIN,),
        "a body after a complete HTTP response fails in the protocol library, with its exception",
        line(("ended", "RuntimeError"), ("ended", "AssertionError")),
        ("denied-body-strictly",),
    ),
    Difference(
        (WSPROTO,),
        "a body after a complete HTTP response fails in the protocol library, with its exception",
        line(("ended", "RuntimeError"), ("ended", "LocalProtocolError")),
        ("denied-body-strictly",),
    ),
    Difference(
        (LEGACY,),
        "a body after a complete HTTP response, or after a rejection, is added to it",
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
        "an HTTP status that Python does not know is a ValueError",
        line(refused(_START, "RuntimeError"), refused(_START)),
        ("denial-with-an-odd-status",),
    ),
    Difference(
        (HYPERCORN,),
        "an HTTP status is not looked at before the body comes",
        line(refused(_START), sent(_START)),
        ("denial-with-an-odd-status",),
    ),
    Difference(
        (HYPERCORN,),
        "until the first body any other answer to the handshake is taken, and the last counts",
        both(
            line(refused(_START), sent(_START)),
            line(("ended", "UnexpectedMessageError"), END),
            frame(("status", 404), ("status", 410, b"late")),
        ),
        ("denying-start*", "denial-started-twice"),
    ),
    Difference(
        (HYPERCORN,),
        "until the first body any other answer to the handshake is taken, and the last counts",
        both(
            wire(ACCEPTED, ("close", 1011, "")),
            line(refused("accept"), sent("accept")),
            line(("ended", "UnexpectedMessageError"), END),
        ),
        ("denying-accept*", "denial-then-accept"),
    ),
    Difference(
        (HYPERCORN,),
        "until the first body any other answer to the handshake is taken, and the last counts",
        both(
            wire(("status", 403, b"")),
            line(refused("close"), sent("close")),
            line(("ended", "UnexpectedMessageError"), END),
        ),
        ("denying-close*", "denial-then-close"),
    ),
    Difference(
        (HYPERCORN,),
        "until the first body any other answer to the handshake is taken, and the last counts",
        line(sent(_BODY), refused(_BODY)),
        ("denial-then-accept", "denial-then-close"),
    ),
    Difference(
        (HYPERCORN,),
        "a body without a start, and a close after an answer, are an AttributeError",
        line(("ended", "UnexpectedMessageError"), ("ended", "AttributeError")),
        ("connecting-body-strictly", "rejected-close-strictly", "denied-close-strictly"),
    ),
)
