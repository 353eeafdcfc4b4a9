"""The `receive` and `send` that an app is given."""

from __future__ import annotations

import asyncio
import enum

import pytest

from wsreplay.checks import judge
from wsreplay.model import (
    LONG,
    MOST_IN_ALL,
    MOST_KEPT,
    Accepted,
    Client,
    Close,
    Closed,
    Connect,
    Consumed,
    Crashed,
    Denied,
    Drop,
    Ended,
    Hung,
    Leaked,
    Message,
    Pause,
    Resume,
    Send,
    Told,
    Violation,
    Wait,
)

LEGAL = (None, 1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999)


def websocket(handler):
    """An app without a lifespan."""

    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await handler(scope, receive, send)

    return app


def accepted(handler):
    """An app that accepts and goes on as `handler(receive, send)` says."""

    async def accepting(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        await handler(receive, send)

    return websocket(accepting)


def text(data, client=0):
    return Send(client, "text", data)


def say(data):
    return {"type": "websocket.send", "text": data}


# --- receive ---------------------------------------------------------------------------------------------------------


def test_an_app_receives_events_with_the_one_key_that_is_used(run):
    got = []

    async def handler(scope, receive, send):
        got.append(await receive())
        await send({"type": "websocket.accept"})
        while got[-1]["type"] != "websocket.disconnect":
            got.append(await receive())

    run(websocket(handler), text("a"), Send(0, "json", '{"b": 1}'), Send(0, "bytes", b"c"), Close(0, 3001, "bye"))
    assert got == [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "a"},
        {"type": "websocket.receive", "text": '{"b": 1}'},
        {"type": "websocket.receive", "bytes": b"c"},
        {"type": "websocket.disconnect", "code": 3001, "reason": "bye"},
    ]


@pytest.fixture
def last_event(run):
    def perform(*steps):
        got = []

        async def handler(receive, send):
            while not got or got[-1]["type"] != "websocket.disconnect":
                got.append(await receive())

        run(accepted(handler), *steps)
        return got[-1]

    return perform


@pytest.mark.parametrize("code", LEGAL)
def test_a_client_may_close_with_every_legal_code(last_event, code):
    shown = 1005 if code is None else code
    assert last_event(Close(0, code, "why")) == {"type": "websocket.disconnect", "code": shown, "reason": "why"}


def test_a_client_that_drops_gives_no_reason(last_event):
    assert last_event(Drop(0)) == {"type": "websocket.disconnect", "code": 1005}


def test_a_client_that_says_nothing_more_leaves_with_1000_at_the_end(last_event):
    assert last_event() == {"type": "websocket.disconnect", "code": 1000, "reason": ""}


@pytest.mark.parametrize("step", [Close(0, 1000), Drop(0)])
def test_a_client_that_goes_before_accept_drops(run, step):
    got = []

    async def handler(scope, receive, send):
        got.extend([await receive(), await receive()])

    run(websocket(handler), step)
    assert got[1] == {"type": "websocket.disconnect", "code": 1006}


def test_what_a_client_sent_before_it_left_is_still_read(run):
    got = []

    async def handler(receive, send):
        await asyncio.sleep(20)
        while not got or got[-1] != "websocket.disconnect":
            event = await receive()
            got.append(event.get("text", event["type"]))

    run(accepted(handler), text("a"), text("b"), Close(0))
    assert got == ["a", "b", "websocket.disconnect"]


def test_the_disconnect_comes_once_and_then_receive_waits_for_ever(events):
    async def handler(receive, send):
        while True:
            await receive()

    shown = events(accepted(handler), Close(0), only=(Told, Hung, Ended))
    assert [type(one) for one in shown] == [Told, Hung, Ended]
    assert (shown[1].phase, shown[1].told, shown[2].cause) == ("disconnect", True, "unfinished")
    assert shown[1].frames[-1].function.endswith("handler")


def test_two_tasks_may_receive_and_take_turns(run):
    got = []

    async def handler(receive, send):
        async def read(name):
            got.append((name, (await receive())["type"]))

        await asyncio.gather(read("a"), read("b"), read("c"))

    run(accepted(handler), text("1"), text("2"), Close(0))
    assert got == [("a", "websocket.receive"), ("b", "websocket.receive"), ("c", "websocket.disconnect")]


def test_a_receiver_that_is_cancelled_takes_no_message_with_it(events):
    async def handler(receive, send):
        for _ in range(3):
            try:
                async with asyncio.timeout(1):
                    await receive()
            except TimeoutError:
                await send(say("silence"))
        await receive()

    shown = events(accepted(handler), Wait(2.5), text("a"), only=(Message, Consumed))
    assert [getattr(one, "data", None) for one in shown] == ["silence", "silence", "a", None]


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_a_receiver_that_is_cancelled_as_its_event_arrives_passes_its_turn_on(run, cancelled_first):
    got = []

    async def handler(receive, send):
        first, second = asyncio.create_task(receive()), asyncio.create_task(receive())
        await asyncio.sleep(0)
        if cancelled_first:
            first.cancel()
        # The app is told of its own close, in this very turn.
        await send({"type": "websocket.close"})
        if not cancelled_first:
            first.cancel()
        got.append((await second)["type"])
        got.append(first.cancelled())

    run(accepted(handler))
    assert got == ["websocket.disconnect", True]


def test_a_receiver_that_is_cancelled_when_another_has_read_its_event_is_simply_cancelled(run):
    got = []

    async def handler(receive, send):
        waiting = asyncio.create_task(receive())
        await asyncio.sleep(0)
        await send({"type": "websocket.close"})
        got.append((await receive())["type"])
        waiting.cancel()
        await asyncio.wait([waiting])
        got.append(waiting.cancelled())

    run(accepted(handler))
    assert got == ["websocket.disconnect", True]


# --- send ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LEGAL)
def test_an_app_may_close_with_every_legal_code(events, code):
    async def handler(receive, send):
        await send({"type": "websocket.close", "code": code, "reason": "why"})

    closed, ended = events(accepted(handler), only=(Closed, Ended))
    assert (closed.origin, closed.code, closed.reason) == ("app", code, "why")
    assert (ended.cause, ended.code) == ("closed", code)


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
def test_a_close_code_that_servers_refuse_is_refused_and_the_app_is_told_of_its_close(events, code):
    got = []

    async def handler(receive, send):
        try:
            await send({"type": "websocket.close", "code": code})
        except Exception as error:
            got.append(type(error).__name__)
        got.append(await receive())

    (violation,) = events(accepted(handler), only=Violation)
    assert violation.rule == "close-code"
    assert violation.frames[-1].function.endswith("handler")
    assert got == ["ProtocolError", {"type": "websocket.disconnect", "code": code, "reason": ""}]


def test_after_its_own_close_an_app_is_told_of_it(run):
    got = []

    async def handler(receive, send):
        await send({"type": "websocket.close", "code": 4000, "reason": None})
        got.append(await receive())

    run(accepted(handler))
    assert got == [{"type": "websocket.disconnect", "code": 4000, "reason": ""}]


def test_a_close_before_accept_is_a_rejection_whose_reason_may_be_anything(events):
    got = []

    async def handler(scope, receive, send):
        await receive()
        await send({"type": "websocket.close", "code": 4001, "reason": [{"é": 1}]})
        got.append(await receive())

    closed, _told, ended = events(websocket(handler), text("unheard"), Close(0), only=(Closed, Told, Ended))
    assert (closed.code, closed.reason, ended.cause) == (4001, "[{'\\xe9': 1}]", "rejected")
    assert got == [{"type": "websocket.disconnect", "code": 1006}]


def test_an_enumeration_s_code_and_text_are_recorded_as_plain_values(events):
    class Code(enum.IntEnum):
        GOING = 1001

    class Word(enum.StrEnum):
        HELLO = "hello"

    async def handler(receive, send):
        await send(say(Word.HELLO))
        await send({"type": "websocket.send", "bytes": bytearray(b"b"), "text": None})
        await send({"type": "websocket.send", "bytes": memoryview(b"m")})
        await send({"type": "websocket.close", "code": Code.GOING})

    *messages, closed = events(accepted(handler), only=(Message, Closed))
    assert [(one.kind, one.data, type(one.data)) for one in messages] == [
        ("text", "hello", str),
        ("bytes", b"b", bytes),
        ("bytes", b"m", bytes),
    ]
    assert type(closed.code) is int


def test_a_close_in_an_except_block_shows_the_exception_behind_it(events):
    async def handler(receive, send):
        try:
            {}["price"]
        except KeyError:
            await send({"type": "websocket.close", "code": 1011})

    (closed,) = events(accepted(handler), only=Closed)
    assert closed.raised.type == "KeyError"
    assert closed.raised.location.source.strip() == '{}["price"]'


def test_a_close_because_another_client_has_gone_shows_no_exception(events):
    everyone = []

    async def handler(receive, send):
        everyone.append(send)
        if len(everyone) == 1:
            await asyncio.Event().wait()
        await receive()
        try:
            await everyone[0](say("hello"))
        except OSError:
            await send({"type": "websocket.close"})

    closed = events(accepted(handler), Drop(0), text("go", 1), clients=2, only=Closed)
    assert [(one.client, one.origin, one.raised) for one in closed] == [(1, "app", None)]


def test_an_event_that_is_not_allowed_is_recorded_and_refused(events):
    async def handler(scope, receive, send):
        await send(say("too early"))

    violation, ended = events(websocket(handler), only=(Violation, Ended))
    assert violation.rule == "accept-first"
    assert (ended.cause, ended.raised.type) == ("raised", "RuntimeError")


def test_an_empty_message_is_a_violation_that_the_server_ignores(events):
    async def handler(receive, send):
        await send({"type": "websocket.send"})
        await send({"type": "websocket.close"})

    violation, ended = events(accepted(handler), only=(Violation, Ended))
    assert (violation.rule, ended.cause) == ("payload-missing", "closed")


def test_a_denial_is_recorded_when_it_is_whole_and_then_the_app_is_told(events):
    got = []

    async def handler(scope, receive, send):
        await receive()
        await send({"type": "websocket.http.response.start", "status": 403})
        await send({"type": "websocket.http.response.body", "body": b"no", "more_body": True})
        await send({"type": "websocket.http.response.body"})
        got.append(await receive())

    denied, ended = events(websocket(handler), only=(Denied, Ended))
    assert (denied.status, denied.body, ended.cause) == (403, b"no", "denied")
    assert got == [{"type": "websocket.disconnect", "code": 1006}]


def test_accept_records_its_headers(events):
    async def handler(scope, receive, send):
        await send({"type": "websocket.accept", "headers": [[bytearray(b"x-a"), b"\xe9"]], "subprotocol": ""})

    (one,) = events(websocket(handler), only=Accepted)
    assert (one.headers, one.subprotocol) == ((("x-a", "é"),), None)


# --- a peer that has gone --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [Close(0, 1001), Drop(0)])
def test_after_the_peer_has_gone_each_send_raises_an_oserror_of_its_own(events, step):
    errors = []

    async def handler(receive, send):
        await receive()
        for event in (say("a"), {"type": "websocket.close"}, {"type": "no such event"}):
            try:
                await send(event)
            except OSError as error:
                errors.append(error)
        await send(say("b"))

    ended = events(accepted(handler), step, only=Ended)[0]
    assert len({id(error) for error in errors}) == 3
    assert (ended.cause, ended.raised.nature, ended.raised.peer) == ("disconnected", "peer_gone", 0)


def test_another_client_s_departure_is_no_excuse_for_a_handler(events):
    everyone = []

    async def handler(receive, send):
        everyone.append(send)
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                return
            for one in everyone:
                await one(say(event["text"]))

    ended = events(accepted(handler), Drop(0), text("hello", 1), clients=2, only=Ended)
    assert [(one.client, one.cause) for one in ended] == [(0, "disconnected"), (1, "raised")]
    assert (ended[1].raised.nature, ended[1].raised.peer) == ("peer_gone", 0)


# --- backpressure ----------------------------------------------------------------------------------------------------


async def chatter(receive, send):
    number = 0
    while (await receive())["type"] != "websocket.disconnect":
        number += 1
        await send(say(f"reply {number}"))


def test_sends_to_a_client_that_stopped_reading_are_held_back_until_it_reads_again(events):
    shown = events(accepted(chatter), Pause(0), text("a"), text("b"), Resume(0), text("c"), only=Message)
    replies = [(one.step, one.data) for one in shown if one.origin == "app"]
    assert replies == [(4, "reply 1"), (4, "reply 2"), (5, "reply 3")]


@pytest.mark.parametrize("step", [Close(0), Drop(0), None])
def test_a_held_back_send_fails_when_the_peer_goes(events, step):
    ended = events(accepted(chatter), Pause(0), text("a"), *([step] if step else []), only=(Hung, Ended))
    assert [(type(one), one.cause, one.raised.nature) for one in ended] == [(Ended, "disconnected", "peer_gone")]


def test_one_client_that_does_not_read_holds_up_a_broadcast_to_the_others(events):
    everyone = []

    async def handler(receive, send):
        everyone.append(send)
        while (await receive())["type"] != "websocket.disconnect":
            for one in everyone:
                await one(say("news"))

    shown = events(accepted(handler), Pause(0), text("go", 1), Wait(1), Resume(0), clients=2, only=(Message, Hung))
    assert [(one.step, one.client) for one in shown if one.origin == "app"] == [(5, 0), (5, 1)]


def test_a_client_that_reads_again_before_anything_was_sent_notices_nothing(said):
    assert said(accepted(chatter), Pause(0), Resume(0), text("a")) == [(0, "reply 1")]


def test_a_suspended_send_that_is_cancelled_sends_nothing(said):
    async def handler(receive, send):
        while (await receive())["type"] != "websocket.disconnect":
            try:
                await asyncio.wait_for(send(say("late")), 5)
            except TimeoutError:
                return

    assert said(accepted(handler), Pause(0), text("a"), Wait(6), Resume(0)) == []


def interleaving():
    order = []

    async def handler(receive, send):
        async def count(name):
            for number in range(2):
                await send(say(f"{name}{number}"))

        await receive()
        await asyncio.gather(count("a"), count("b"))
        order.append("done")

    return accepted(handler)


def test_sends_that_return_at_once_let_no_other_task_in_between(said):
    assert [data for _, data in said(interleaving(), text("go"))] == ["a0", "a1", "b0", "b1"]


def test_sends_that_suspend_let_other_tasks_in_between(said):
    assert [data for _, data in said(interleaving(), text("go"), sends="suspend")] == ["a0", "b0", "a1", "b1"]


def test_suspending_sends_and_a_client_that_stops_reading_go_together(said):
    steps = (Pause(0), text("a"), Resume(0), text("b"))
    assert said(accepted(chatter), *steps, sends="suspend") == [(0, "reply 1"), (0, "reply 2")]


@pytest.mark.parametrize(("late", "rules"), [({"text": "late"}, []), ({"text": b"late"}, ["payload-type"])])
@pytest.mark.parametrize("sends", ["immediate", "suspend"])
def test_a_close_does_not_overtake_what_another_task_sent_before_it(events, late, rules, sends):
    async def handler(receive, send):
        async def leave():
            await send(say("last"))
            await send({"type": "websocket.close"})

        await receive()
        await asyncio.gather(leave(), send({"type": "websocket.send", **late}), return_exceptions=True)

    shown = events(accepted(handler), Pause(0), text("go"), Resume(0), sends=sends, only=(Violation, Closed, Ended))
    assert [one.rule for one in shown if type(one) is Violation] == rules
    assert [(one.code, one.origin) for one in shown if type(one) is Closed] == [(1000, "app")]
    assert [one.cause for one in shown if type(one) is Ended] == ["closed"]


@pytest.mark.parametrize("payload", [("text", "x"), ("bytes", b"x" * (1 << 20))])
@pytest.mark.parametrize("sends", ["immediate", "suspend"])
def test_an_endless_stream_is_held_up_where_the_peer_s_window_is_full(events, payload, sends):
    async def handler(receive, send):
        while True:
            await send({"type": "websocket.send", payload[0]: payload[1]})

    shown = events(accepted(handler), Wait(1), Pause(0), Resume(0), Wait(1), sends=sends, only=(Message, Ended, Hung))
    counts = {step: sum(type(one) is Message and one.step == step for one in shown) for step in range(5)}
    # The accept counts as a message; in step 2 the client stops reading, which step 3 undoes.
    assert list(counts.values()) == ([255, 256, 0, 256, 256] if payload[0] == "text" else [16, 16, 0, 16, 16])
    assert (shown[-1].cause, shown[-1].raised.nature) == ("disconnected", "peer_gone")


def test_a_task_that_outlives_its_handler_still_sees_its_sends_fail(events):
    async def handler(receive, send):
        async def later():
            await asyncio.sleep(5)
            await send(say("anybody?"))

        handler.task = asyncio.create_task(later())

    crashed = events(accepted(handler), Close(0), only=(Crashed, Leaked))
    assert [(one.source, one.raised.nature) for one in crashed] == [("task", "peer_gone")]


@pytest.mark.parametrize("size", [MOST_KEPT, MOST_KEPT + 1, 3 * MOST_KEPT])
def test_of_a_huge_reply_the_beginning_is_kept(run, scenario, size):
    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            raise ValueError("websockets only")
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "json"})
        await send({"type": "websocket.send", "text": '["' + "x" * (size - 4) + '"]'})
        await send({"type": "websocket.send", "text": "é" * size})
        await send({"type": "websocket.send", "bytes": bytes(size)})
        await receive()

    client = Client("/", subprotocols=("json",))
    transcript = run(app, Connect(0), clients=(client,))
    said = [event.data for event in transcript.events if isinstance(event, Message)]
    assert [len(data) for data in said] == [MOST_KEPT] * 3
    assert judge(scenario(clients=(client,)), transcript) == ()


@pytest.mark.parametrize("kind", ["text", "bytes"])
def test_of_many_long_replies_little_is_kept_and_their_ends_are_not_judged(run, scenario, kind):
    reply = {"text": '["' + "x" * (MOST_KEPT // 2) + '"]'} if kind == "text" else {"bytes": bytes(MOST_KEPT // 2)}

    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            raise ValueError("websockets only")
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "json"})
        while (await receive())["type"] != "websocket.disconnect":
            for _ in range(10):
                await send({"type": "websocket.send", **reply})

    client = Client("/", subprotocols=("json",))
    steps = (Connect(0), *[Send(0, "text", "more")] * 10)
    transcript = run(app, *steps, clients=(client,))
    sizes = [len(event.data) for event in transcript.events if isinstance(event, Message) and event.origin == "app"]
    assert sizes == sorted(sizes, reverse=True)
    assert set(sizes) == {len(next(iter(reply.values()))), LONG}
    assert MOST_IN_ALL - MOST_KEPT < sum(sizes) - sizes.count(LONG) * LONG <= MOST_IN_ALL
    assert judge(scenario(*steps, clients=(client,)), transcript) == ()


def test_of_a_huge_answer_to_the_handshake_the_beginning_is_kept(events):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await send({"type": "websocket.http.response.start", "status": 403})
            for _ in range(3):
                await send({"type": "websocket.http.response.body", "body": bytes(MOST_KEPT), "more_body": True})
            await send({"type": "websocket.http.response.body", "body": b"end"})

    (denied,) = events(app, only=Denied)
    assert len(denied.body) == MOST_KEPT
