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
        "a close that cannot be sent has ended the connection all the same, and the client is not told",
        _failed_by_legacy,
        LEGACY_FAILS,
    ),
    Difference(
        (WSPROTO, HYPERCORN),
        "an illegal close code is sent, and the client fails on it",
        both(
            wire(ACCEPTED, ABRUPT),
            line(refused("close"), sent("close")),
            line(sent("send"), refused("send", "RuntimeError")),
        ),
        ILLEGAL,
    ),
    Difference(
        (WSPROTO, HYPERCORN),
        "the codes 1005, 1006 and 1015 are sent as 1000",
        frame(ABRUPT, ("close", 1000, "")),
        UNSENDABLE,
    ),
    Difference(
        (HYPERCORN,),
        "an event out of place raises its UnexpectedMessageError, which is no RuntimeError",
        line(refused("send", "RuntimeError"), refused("send")),
        ILLEGAL,
    ),
    Difference(
        (WSPROTO, HYPERCORN),
        "a reason that is too long is cut",
        both(wire(ACCEPTED, ("close", 4000, _CUT)), line(refused("close"), sent("close"))),
        ("reason-too-long",),
    ),
    Difference(
        (HYPERCORN,),
        "a close that cannot be sent has ended the connection all the same, and the client is not told",
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
        "a close code of str is made an int",
        both(wire(ACCEPTED, ("close", 1000, "")), line(refused("close"), sent("close"))),
        ("close-code-of-str",),
    ),
    Difference(
        (LEGACY,),
        "a close with code None is a TypeError",
        both(wire(ACCEPTED), line(sent("close"), refused("close")), line(told(1005), told(1000, ""))),
        ("app-closes-with-none",),
    ),
    Difference(
        (HYPERCORN,),
        "a close with code None is a TypeError",
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
        "a client's close with 1014 counts as 1002",
        line(told(1014, "bye"), told(1002, "CLOSE with unknown reserved code")),
        ("client-closes-1014",),
    ),
)

# --- messages -------------------------------------------------------------------------------------------------------

MESSAGES = (
    Difference(
        (WSPROTO, LEGACY),
        "the type of a message decides, not the key it came under",
        both(wire(ACCEPTED, ("bytes", b"five"), HELLO), line(refused("send"), sent("send"))),
        ("text-of-bytes",),
    ),
    Difference(
        (WSPROTO, LEGACY),
        "the type of a message decides, not the key it came under",
        both(wire(ACCEPTED, ("text", "five"), HELLO), line(refused("send"), sent("send"))),
        ("bytes-of-str",),
    ),
    Difference(
        (WSPROTO, LEGACY, HYPERCORN),
        "a message with neither text nor bytes is an error; elsewhere it is passed over",
        lambda view: replace(view, seen=[view.seen[0], view.seen[1], refused("send"), *view.seen[3:]]),
        ("neither-key", "both-none"),
    ),
)

# --- after the end --------------------------------------------------------------------------------------------------

LATE = (
    Difference(
        UVICORN,
        "a second disconnect event, 1005, follows when the TCP connection has ended after a close frame",
        seen(told(1001, ""), told(1005), END),
        ("receive-after-disconnect",),
    ),
    Difference(
        (PLAIN, WSPROTO),
        "a second disconnect event, 1005, follows when the TCP connection has ended after a close frame",
        seen(told(1001, ""), told(1005)),
        ("receive-thrice-after-disconnect",),
    ),
    Difference(
        (LEGACY,),
        "a disconnect event, 1005, comes as often as one asks",
        seen(told(1001, ""), told(1005), told(1005), END),
        ("receive-thrice-after-disconnect",),
    ),
    Difference(
        (LEGACY,),
        "a disconnect event, 1005, comes as often as one asks",
        seen(told(1006, ""), told(1005), END),
        ("receive-after-drop",),
    ),
    Difference(
        (PLAIN,),
        "between a client's close frame and the end of its TCP connection a close is passed over",
        line(refused("close", "OSError"), sent("close")),
        ("close-after-disconnect",),
    ),
    Difference(
        (WSPROTO,),
        "a close that came too late counts: the next is a RuntimeError",
        seen(told(1000, ""), refused("close", "OSError"), refused("close", "RuntimeError"), END),
        ("close-after-disconnect",),
    ),
    Difference(
        (PLAIN, WSPROTO),
        "between a client's close frame and the end of its TCP connection an event out of place is a RuntimeError",
        both(
            line(refused("accept", "OSError"), refused("accept", "RuntimeError")),
            line(refused("wave", "OSError"), refused("wave", "RuntimeError")),
        ),
        ("illegal-event-after-disconnect",),
    ),
    Difference(
        (PLAIN, WSPROTO),
        "while a message is unread nothing more is read: the end behind it is not seen, and sending is no error",
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
        "sending after the disconnect event is a RuntimeError; before it, it is the OSError",
        line(("ended", "ClientDisconnected"), ("ended", "RuntimeError")),
        ("fragile-room*",),
        0,
    ),
    Difference(
        (HYPERCORN,),
        "sending to a client that has gone is no error (it speaks ASGI 2.3)",
        both(wire(ACCEPTED, ("text", "a")), line(("ended", "ClientDisconnected"), told(1006), END)),
        ("fragile-room*",),
        0,
    ),
    Difference(
        (LEGACY,),
        "sending after the disconnect event is a RuntimeError; before it, it is the OSError",
        line(("ended", "WebSocketDisconnect"), ("ended", "RuntimeError")),
        ("starlette-gone",),
    ),
    Difference(
        (HYPERCORN,),
        "sending to a client that has gone is no error (it speaks ASGI 2.3)",
        line(("ended", "WebSocketDisconnect"), END),
        ("starlette-gone",),
    ),
    Difference(
        (HYPERCORN,),
        "a message event has both keys, the unused one None (ASGI allows it)",
        line(("ended", "KeyError"), ("ended", "TypeError")),
        ("starlette-json-of-bytes",),
    ),
    Difference(
        (LEGACY,),
        "only one task may receive at a time; one that was just cancelled still counts",
        both(wire(ACCEPTED, ("text", "ready"), ABRUPT), seen(sent("send"), ("ended", "RuntimeError"))),
        ("receive-was-cancelled",),
    ),
    Difference(
        (LEGACY,),
        "only one task may receive at a time; one that was just cancelled still counts",
        both(
            wire(ACCEPTED, ABRUPT),
            seen(("ended", "RuntimeError"), told(1006, ""), refused("send", "RuntimeError")),
        ),
        ("two-tasks-receive",),
    ),
    Difference(
        (HYPERCORN,),
        "the scope says ASGI 2.3",
        _in_the_scope('"spec_version": "2.4"', '"spec_version": "2.3"'),
        ("scope*",),
    ),
    Difference(
        (WSPROTO,),
        "the scope lacks the header sec-websocket-protocol",
        _in_the_scope('"sec-websocket-protocol", ', ""),
        ("scope",),
    ),
)
