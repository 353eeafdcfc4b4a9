"""An answer that has no end is told from a long one, from a fast one, and from a server that only pushes."""

from __future__ import annotations

import asyncio

import pytest

from wsreplay.model import Client, Close, Closed, Connect, Ended, Hung, Message, Pause, Profile, Scenario, Send, Wait
from wsreplay.simulation import flooding
from wsreplay.simulation.connection import BURST


def accepted(handler):
    """An app that accepts and goes on as `handler(receive, send)` says."""

    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await handler(receive, send)

    return app


def say(data):
    return {"type": "websocket.send", "text": str(data)}


GO = Send(0, "text", "go")


async def endless(receive, send):
    await receive()
    while True:
        await send(say("more"))


async def endless_with_pauses(receive, send):
    await receive()
    while True:
        await send(say("more"))
        await asyncio.sleep(0)


async def endless_large(receive, send):
    await receive()
    while True:
        await send({"type": "websocket.send", "bytes": bytes(1 << 22)})


async def endless_in_a_task(receive, send):
    await receive()
    task = asyncio.create_task(flood(send))
    while (await receive())["type"] != "websocket.disconnect":
        pass
    task.cancel()


async def flood(send):
    while True:
        await send(say("more"))


@pytest.mark.parametrize("sends", ["immediate", "suspend"])
@pytest.mark.parametrize(
    ("handler", "place"),
    [
        (endless, "endless"),
        (endless_with_pauses, "endless_with_pauses"),
        (endless_large, "endless_large"),
        (endless_in_a_task, "flood"),
    ],
)
def test_an_answer_without_end_is_told_with_its_place(events, handler, place, sends):
    *_, hung = events(accepted(handler), GO, sends=sends, only=Hung)
    assert (hung.phase, hung.client, hung.at, hung.step) == ("reply", 0, 0.0, 2)
    assert [frame.function for frame in hung.frames if frame.app][-1] == place


def test_the_handler_ends_when_its_client_goes_all_the_same(events):
    (ended,) = events(accepted(endless), GO, only=Ended)
    assert ended.cause == "disconnected"


def test_no_more_is_recorded_of_it_than_before(events):
    said = [event for event in events(accepted(endless), GO, only=Message) if event.origin == "app"]
    assert len(said) == BURST


def test_what_is_known_to_have_no_end_is_believed_sooner(simulation, scenario):
    sent = []

    async def handler(receive, send):
        await receive()
        while True:
            sent.append(1)
            await send(say("more"))

    one = simulation(accepted(handler))
    one.start()
    first = one.run(scenario(GO)).events
    most = len(sent)
    second = one.run(scenario(GO)).events
    assert first == second
    assert most > flooding.ENDLESS
    assert flooding.LOOK < len(sent) - most < 2 * flooding.LOOK


async def history(receive, send):
    await receive()
    for number in range(10_000):
        await send(say(number))
    await send({"type": "websocket.close", "code": 3000})


def test_a_history_of_ten_thousand_messages_has_an_end_and_what_follows_it_is_seen(events):
    seen = events(accepted(history), GO, only=(Hung, Closed))
    assert [(type(event), event.code) for event in seen] == [(Closed, 3000)]


async def ticker(receive, send):
    """5000 messages a second by the clock, which makes up for what it is late."""
    await receive()
    clock = asyncio.get_running_loop()
    due = clock.time()
    while True:
        await send(say(due))
        due += 0.0002
        await asyncio.sleep(max(0.0, due - clock.time()))


@pytest.mark.parametrize("steps", [(GO,), (GO, Wait(60.0)), (GO, Wait(60.0), GO), (GO, GO, Wait(5.0), GO, GO)])
def test_thousands_of_messages_a_second_have_an_end_at_each_moment(events, steps):
    assert events(accepted(ticker), *steps, only=Hung) == []


def test_a_server_that_only_pushes_need_not_end(events):
    async def handler(receive, send):
        while True:
            await send(say("news"))

    assert events(accepted(handler), GO, only=Hung) == []


def test_neither_need_one_that_pushes_to_who_has_said_something(events):
    peers = []

    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        if scope["path"] == "/reads":
            peers.append(send)
            while (await receive())["type"] != "websocket.disconnect":
                pass
        while True:
            await peers[0](say("news"))

    clients = (Client("/reads"), Client("/pushes"))
    steps = (Connect(0), Send(0, "text", "hello"), Connect(1))
    assert events(app, *steps, clients=clients, only=Hung) == []


def test_a_client_that_does_not_read_is_not_heard_out(events):
    assert events(accepted(endless), Pause(0), GO, Close(0), only=Hung) == []
    assert events(accepted(endless), Pause(0), GO, only=Hung) == []


def test_it_is_the_same_in_every_run(simulation):
    scenario = Scenario("/", (Client("/"), Client("/")), (Connect(0), Connect(1), GO, Send(1, "text", "go")), Profile())
    runs = []
    for _ in range(2):
        one = simulation(accepted(endless))
        one.start()
        runs.append(one.run(scenario).events)
    assert runs[0] == runs[1]
    assert [event.client for event in runs[0] if type(event) is Hung] == [0]
