"""What happens between accept and the end, and after it."""

from __future__ import annotations

from dataclasses import replace

from agreement.profile import (
    ABRUPT,
    ACCEPTED,
    END,
    HYPERCORN,
    LEGACY,
    PLAIN,
    UVICORN,
    WSPROTO,
    Change,
    Difference,
    both,
    both_keys,
    frame,
    got,
    is_event,
    line,
    refused,
    seen,
    sent,
    told,
    wire,
)
from agreement.records import View

HELLO = ("text", "hello")


def _in_the_scope(old: str, new: str) -> Change:
    return lambda view: replace(
        view, wire=[(one[0], one[1].replace(old, new)) if one[0] == "text" else one for one in view.wire]
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
                both_keys(got("hello")),
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
        (LEGACY,),
        "only one may receive at a time, and a cancelled one still counts",
        both(wire(ACCEPTED, ("text", "ready"), ABRUPT), seen(sent("send"), ("ended", "RuntimeError"))),
        ("receive-was-cancelled",),
    ),
    Difference(
        (LEGACY,),
        "only one may receive at a time",
        both(
            wire(ACCEPTED, ABRUPT),
            seen(("ended", "RuntimeError"), told(1006, ""), refused("send", "RuntimeError")),
        ),
        ("two-tasks-receive",),
    ),
    Difference(
        (HYPERCORN,), "it speaks ASGI 2.3", _in_the_scope('"spec_version": "2.4"', '"spec_version": "2.3"'), ("scope*",)
    ),
    Difference(
        (WSPROTO,), "wsproto keeps this header to itself", _in_the_scope('"sec-websocket-protocol", ', ""), ("scope",)
    ),
)
