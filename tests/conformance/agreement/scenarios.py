"""The cases: an app, what its clients do, and what the case is about. Cases share no state and may run at once."""

from __future__ import annotations

from dataclasses import dataclass

from agreement import apps, frameworks
from agreement.apps import ACCEPT, CLOSE, ECHO, RAISE, RECEIVE, UNTIL_GONE, binary, close, script, text
from agreement.journal import App
from wsreplay.model import Client, Close, Connect, Drop, Pause, Resume, Scenario, Send, Step, Wait
from wsreplay.protocol import State


@dataclass(frozen=True)
class Case:
    """`name` is also the first segment of the path that its clients open. `hangs_up` says that their drops end the TCP
    stream in order, without a close frame, instead of resetting it. `not_on` names the servers on which the outcome is
    a matter of luck, for reasons that are not the simulation's.
    """

    name: str
    app: App
    scenario: Scenario
    hangs_up: bool = False
    not_on: tuple[str, ...] = ()


CASES: dict[str, Case] = {}


def case(
    name: str,
    app: App,
    *steps: Step,
    clients: int = 1,
    offers: tuple[str, ...] = (),
    query: str = "",
    below: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    hangs_up: bool = False,
    not_on: tuple[str, ...] = (),
) -> None:
    """Add a case. Client 0 connects first unless the steps connect their clients themselves."""
    peer = Client(f"/{name}{below}", query, headers, offers)
    if not any(isinstance(step, Connect) for step in steps):
        steps = (Connect(0), *steps)
    assert name not in CASES, name
    CASES[name] = Case(name, app, Scenario(f"/{name}{below}", (peer,) * clients, steps), hangs_up, not_on)


def say(data: str | bytes = "hello", client: int = 0) -> Send:
    return Send(client, "bytes" if isinstance(data, bytes) else "text", data)


# --- messages -------------------------------------------------------------------------------------------------------

_echo = script(ACCEPT, UNTIL_GONE)

case("echo-text", _echo, say("héllo"), say("\N{GRINNING FACE} \x00"), Close(0))
case("echo-bytes", _echo, say(b"\x00\xff"), say(bytes(range(256))), Close(0))
case("echo-json", _echo, Send(0, "json", '{"a": [1, null]}'), Close(0))
case("empty-text", _echo, say(""), Close(0))
case("empty-bytes", _echo, say(b""), Close(0))
case("kinds-in-turn", _echo, say("one"), say(b"two"), Send(0, "json", "3"), Close(0))
case("a-mebibyte-of-text", _echo, say("x" * (1 << 20)), Close(0))
case("a-mebibyte-of-bytes", _echo, say(b"x" * (1 << 20)), Close(0))
case("messages-at-once", script(ACCEPT, UNTIL_GONE), *[say(str(number)) for number in range(20)], Close(0))
case("no-message-at-all", _echo, Close(0))
case("bytearray", script(ACCEPT, binary(bytearray(b"soft")), binary(memoryview(b"view")), RECEIVE), Close(0))
case("both-keys", script(ACCEPT, {"type": "websocket.send", "text": "t", "bytes": b"b"}, RECEIVE), Close(0))
case("other-key-none", script(ACCEPT, {"type": "websocket.send", "text": "t", "bytes": None}, RECEIVE), Close(0))
case("push-without-reading", apps.two_receivers, say("and echo"), Close(0))

# --- the handshake --------------------------------------------------------------------------------------------------

case("accept-without-receive", script(ACCEPT, text("early"), UNTIL_GONE), Close(0))
case("early-drop", script(RECEIVE, ACCEPT), Drop(0))
case("send-before-accept", script(text("too early"), ACCEPT, UNTIL_GONE), say(), Close(0))
case("close-before-accept", script(close(4001, "no"), RECEIVE))
case("plain-close-before-accept", script(CLOSE, RECEIVE))
case("close-before-accept-illegally", script(close(1005, "x" * 200)))
case("return-before-accept", script())
case("raise-before-accept", script(RAISE))
case("return-without-receive", apps.nothing)
case("raise-after-rejection", script(CLOSE, RAISE))
case("unknown-event-before-accept", script({"type": "websocket.wave"}, ACCEPT, UNTIL_GONE), Close(0))
case("headers-on-accept", script({**ACCEPT, "headers": [(b"x-one", b"1"), (b"x-two", b"2")]}, UNTIL_GONE), Close(0))
case("bad-headers-on-accept", script({**ACCEPT, "headers": [("x-one", "1")]}, RECEIVE), Close(0))
case("subprotocol-offered", script({**ACCEPT, "subprotocol": "b"}, UNTIL_GONE), Close(0), offers=("a", "b"))
case("subprotocol-none-chosen", script({**ACCEPT, "subprotocol": None}, UNTIL_GONE), Close(0), offers=("a", "b"))
case("subprotocol-not-offered", script({**ACCEPT, "subprotocol": "c"}, RECEIVE), offers=("a", "b"))
case("subprotocol-unasked", script({**ACCEPT, "subprotocol": "c"}, RECEIVE))


def _start(status: object) -> dict[str, object]:
    return {"type": "websocket.http.response.start", "status": status, "headers": [(b"x-why", b"because")]}


def _body(data: bytes, more: bool = False) -> dict[str, object]:
    return {"type": "websocket.http.response.body", "body": data, "more_body": more}


case("denial", script(_start(401), _body(b"who are you"), RECEIVE))
case("denial-in-parts", script(_start(404), _body(b"not ", True), _body(b"", True), _body(b"here")))
case("denial-without-body", script(_start(410), _body(b"")))
case("denial-body-first", script(_body(b"early"), _start(404), _body(b"late")))
case("denial-then-accept", script(_start(404), ACCEPT, _body(b"late")))
case("denial-started-twice", script(_start(404), _start(410), _body(b"late")))
case("denial-then-close", script(_start(404), CLOSE, _body(b"late")))
case("denial-unfinished", script(_start(404)))
case("denial-after-accept", script(ACCEPT, _start(404), _body(b"no"), UNTIL_GONE), say(), Close(0))
case("denied-then-everything", script(_start(404), _body(b"done"), _body(b"more"), ACCEPT, CLOSE, text("x")))
case("denial-with-an-odd-status", script(_start(99), CLOSE))

# --- every event in every state --------------------------------------------------------------------------------------

STATES: dict[State, tuple[dict[str, object], ...]] = {
    State.CONNECTING: (),
    State.OPEN: (ACCEPT,),
    State.DENYING: (_start(404),),
    State.REJECTED: (CLOSE,),
    State.DENIED: (_start(404), _body(b"not here")),
    State.CLOSED: (ACCEPT, CLOSE),
}
"""How an app gets there."""

EVENTS = {
    "accept": ACCEPT,
    "send": text("x"),
    "close": CLOSE,
    "start": _start(410),
    "body": _body(b"gone"),
    "wave": {"type": "websocket.wave"},
}

for _state, _events in STATES.items():
    for _name, _event in EVENTS.items():
        case(f"{_state.value}-{_name}", script(*_events, _event))
        case(f"{_state.value}-{_name}-strictly", script(*_events, _event, strict=True))

# --- the app closes -------------------------------------------------------------------------------------------------

for _code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4000, 4999):
    case(f"app-closes-{_code}", script(ACCEPT, RECEIVE, close(_code, "so be it"), RECEIVE), say())
for _code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000):
    case(f"illegal-close-{_code}", script(ACCEPT, close(_code), text("still here"), UNTIL_GONE), say())
case("app-closes-plainly", script(ACCEPT, CLOSE, RECEIVE))
case("app-closes-with-none", script(ACCEPT, {**CLOSE, "code": None, "reason": None}, RECEIVE))
case("app-closes-without-reason", script(ACCEPT, {**CLOSE, "code": 4000, "reason": None}, RECEIVE))
case("longest-reason", script(ACCEPT, close(4000, "é" * 61 + "!"), RECEIVE))
case("reason-too-long", script(ACCEPT, close(4000, "é" * 62), UNTIL_GONE), say())
case("reason-with-surrogate", script(ACCEPT, close(4000, "\ud800"), UNTIL_GONE), say())
case("raise-after-close", script(ACCEPT, close(4000), RAISE))
case("receive-after-close", script(ACCEPT, close(4000, "bye"), RECEIVE))
case("message-then-close-at-once", script(ACCEPT, text("one"), text("two"), close(4000, "bye")))

# --- the handler ends -----------------------------------------------------------------------------------------------

case("return-after-accept", script(ACCEPT))
case("raise-after-accept", script(ACCEPT, RAISE))
case("raise-after-a-message", script(ACCEPT, RECEIVE, RAISE), say())
case("reply-then-raise", script(ACCEPT, RECEIVE, ECHO, RAISE), say())
case("reply-then-return", script(ACCEPT, RECEIVE, ECHO), say())
case("raise-when-the-client-left", script(ACCEPT, RECEIVE, RAISE), Close(0))

case("cancels-itself", apps.cancels_itself, say())
case("a-task-dies", apps.task_dies, say(), Close(0))

# --- time -----------------------------------------------------------------------------------------------------------

case("prompts-a-silent-client", apps.prompts, Wait(0.2), say(), Close(0))
case("closes-on-a-silent-client", apps.times_out, Wait(0.2))
case("receive-was-cancelled", apps.pushes_after_cancelling, Wait(0.05), say(), say("again"), Close(0))
case("two-tasks-receive", apps.two_readers, say("1"), say("2"), Close(0))

# --- events that are none -------------------------------------------------------------------------------------------

case("unknown-event", script(ACCEPT, {"type": "websocket.wave"}, UNTIL_GONE), say(), Close(0))
case("event-without-type", script(ACCEPT, {"text": "who am I"}, UNTIL_GONE), say(), Close(0))
case("text-of-int", script(ACCEPT, text(5), UNTIL_GONE), say(), Close(0))
case("text-of-bytes", script(ACCEPT, text(b"five"), UNTIL_GONE), say(), Close(0))
case("bytes-of-str", script(ACCEPT, binary("five"), UNTIL_GONE), say(), Close(0))
case("neither-key", script(ACCEPT, {"type": "websocket.send"}, UNTIL_GONE), say(), Close(0))
case("both-none", script(ACCEPT, {"type": "websocket.send", "text": None, "bytes": None}, UNTIL_GONE), say(), Close(0))
case("lone-surrogate", script(ACCEPT, text("\ud800"), UNTIL_GONE), say(), Close(0))
case("close-code-of-str", script(ACCEPT, close("1000"), UNTIL_GONE), say())

# --- the client leaves ----------------------------------------------------------------------------------------------

for _code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4000, 4999):
    case(f"client-closes-{_code}", _echo, say(), Close(0, _code, "bye"))
case("client-closes-without-code", _echo, Close(0, None))
case("client-closes-without-reason", _echo, Close(0, 4000))
case("client-drops", _echo, say(), Drop(0))
case("client-drops-at-once", _echo, Drop(0))
case("client-hangs-up", _echo, say(), Drop(0), hangs_up=True)
case("early-hang-up", script(RECEIVE, ACCEPT), Drop(0), hangs_up=True)
case("early-close", script(RECEIVE, ACCEPT), Close(0))
case("receive-after-disconnect", script(ACCEPT, RECEIVE, RECEIVE), Close(0, 1001))
case("receive-thrice-after-disconnect", script(ACCEPT, RECEIVE, RECEIVE, RECEIVE), Close(0, 1001))
case("receive-after-drop", script(ACCEPT, RECEIVE, RECEIVE), Drop(0))
case("send-after-disconnect", script(ACCEPT, RECEIVE, text("there?"), text("there?")), Close(0))
case("send-after-drop", script(ACCEPT, RECEIVE, text("there?"), binary(b"?")), Drop(0))
case("close-after-disconnect", script(ACCEPT, RECEIVE, CLOSE, CLOSE), Close(0))
case("close-after-drop", script(ACCEPT, RECEIVE, close(1011)), Drop(0))
case("illegal-event-after-disconnect", script(ACCEPT, RECEIVE, ACCEPT, {"type": "websocket.wave"}), Close(0))
case("peer-gone-escapes", apps.keep_sending, Close(0))
_gone = (Connect(0), Connect(1))
case("send-before-it-is-told", apps.gated(0, text("there?"), RECEIVE), *_gone, Close(0), say("go", 1), clients=2)
case("send-before-told-of-drop", apps.gated(0, text("there?"), RECEIVE), *_gone, Drop(0), say("go", 1), clients=2)
case(
    "gone-while-busy", apps.gated(1, text("there?"), RECEIVE, text("there?")),
    *_gone, say(), Close(0, 4000, "bye"), say("go", 1), clients=2,
)  # fmt: skip
case(
    "messages-before-close", apps.gated(0, RECEIVE, RECEIVE, RECEIVE, RECEIVE),
    *_gone, say("1"), say("2"), say("3"), Close(0, 4000, "bye"), say("go", 1), clients=2,
)  # fmt: skip
case(
    "gone-behind-unread-messages", apps.gated(0, text("there?"), RECEIVE, text("there?"), RECEIVE, text("there?")),
    *_gone, say("1"), Close(0, 4000, "bye"), say("go", 1), clients=2,
)  # fmt: skip
case(
    "dropped-behind-unread-messages", apps.gated(0, text("there?"), RECEIVE, text("there?"), RECEIVE, text("there?")),
    *_gone, say("1"), Drop(0), say("go", 1), clients=2,
)  # fmt: skip

# --- several clients ------------------------------------------------------------------------------------------------

_two = (Connect(0), Connect(1))
case("broadcast", apps.room, *_two, say("a", 0), say("b", 1), Close(1), say("c", 0), Close(0), clients=2)
case("one-drops", apps.room, *_two, say("a", 0), Drop(1), say("c", 0), clients=2)
case("one-after-the-other", apps.room, Connect(0), say(), Close(0), Connect(1), say("b", 1), Close(1), clients=2)
case("fragile-room", apps.fragile_room, *_two, Close(1), say("a", 0), clients=2)
case("fragile-room-drop", apps.fragile_room, *_two, Drop(1), say("a", 0), clients=2)
case(
    "client-that-stops-reading", apps.flood, *_two, Pause(0), say("go", 0), say("how far", 1),
    Resume(0), Wait(0.5), say("how far", 1), clients=2,
)  # fmt: skip

# --- what the app is given ------------------------------------------------------------------------------------------

case(
    "scope",
    apps.describe_scope,
    query="a=1&b=%C3%A9&c",
    headers=(("X-Own", "one"), ("x-own", "two")),
    offers=("a", "b"),
)
case("scope-of-a-path", apps.describe_scope, below="/caf\N{LATIN SMALL LETTER E WITH ACUTE} x;y/")
case("lifespan-state", apps.change_state, *_two, clients=2)

# --- frameworks -----------------------------------------------------------------------------------------------------

case("starlette-echo", frameworks.starlette, say("a"), say(""), Close(0, 1001))
case("starlette-json", frameworks.starlette, Send(0, "json", "[1]"), Close(0, 1001))
case("starlette-json-of-bytes", frameworks.starlette, say(b"[1]"))
case("starlette-crash", frameworks.starlette, say("0"))
case("starlette-denied", frameworks.starlette)
case("starlette-gone", frameworks.starlette, Close(0))
case("starlette-endpoint", frameworks.starlette, say("1"), say("{"))
case("starlette-unknown", frameworks.starlette)
case("fastapi-query", frameworks.fastapi, Close(0), query="count=3")
case("fastapi-query-missing", frameworks.fastapi)
case("litestar-crash", frameworks.litestar_app, say("0"))
case("litestar-listener", frameworks.litestar_app, say("shout"), Close(0))
case("quart-echo", frameworks.quart_app, say("a"), Close(0))
# After its close Quart listens until it notices that it is done; where the client's answer is told, it may hear it.
case("quart-crash", frameworks.quart_app, say("0"), not_on=("uvicorn-legacy", "hypercorn"))
