"""Tasks beyond measure: what is told of them, and what becomes of them."""

from __future__ import annotations

import asyncio

from wsreplay.model import Blocked, Crashed, Leaked, Limits, Send
from wsreplay.simulation.offspring import MAX_DEATHS, MAX_LEFT, MAX_NAMESAKES

GO = Send(0, "text", "go")


def starting(number, coroutine):
    """An app that starts so many tasks at each message."""

    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            kept.extend(asyncio.ensure_future(coroutine()) for _ in range(number))

    kept: list[asyncio.Task[None]] = []
    app.kept = kept
    return app


async def sleep():
    await asyncio.sleep(3600)


async def spawn():
    multiplied.extend(asyncio.ensure_future(spawn()) for _ in range(2))


multiplied: list[asyncio.Task[None]] = []


async def stubborn():
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(0)


async def die():
    raise ValueError


def test_tasks_that_are_too_many_do_not_live_on(simulation, scenario):
    app = starting(MAX_LEFT + 1, sleep)
    one = simulation(app)
    one.start()
    (leaked,) = [event for event in one.run(scenario(GO)).events if type(event) is Leaked]
    assert leaked.tasks == ("sleep",) * MAX_NAMESAKES
    assert all(task.cancelled() for task in app.kept)
    assert one._loop._scheduled == []


def test_fewer_live_on_as_they_would(simulation, scenario):
    app = starting(10, sleep)
    one = simulation(app)
    one.start()
    one.run(scenario(GO))
    assert not any(task.done() for task in app.kept)


def test_tasks_that_multiply_are_ended(simulation, scenario):
    one = simulation(starting(1, spawn))
    one.start()
    assert [event.tasks[0] for event in one.run(scenario(GO)).events if type(event) is Leaked] == ["spawn"]
    assert one._loop.idle
    assert not one.restless


def test_those_that_will_not_end_are_left_alone(simulation, scenario):
    app = starting(MAX_LEFT + 1, stubborn)
    one = simulation(app)
    one.start()
    one.run(scenario(GO))
    assert not any(task.done() for task in app.kept)


def test_what_never_rests_is_noticed(simulation, scenario):
    async def restless():
        while True:
            await asyncio.sleep(0)

    one = simulation(starting(1, restless))
    one.start()
    one.run(scenario())
    assert not one.restless
    one.run(scenario(GO))
    assert one.restless


def test_of_a_thousand_deaths_a_hundred_are_told(events):
    assert len(events(starting(1000, die), GO, only=Crashed)) == MAX_DEATHS


def test_an_exception_that_never_tells_what_it_is_blocks_the_loop(simulation, scenario):
    class OddError(Exception):
        def __str__(self):
            while True:
                pass
            return ""

    async def odd():
        raise OddError

    one = simulation(starting(1, odd), Limits(block=0.1))
    one.start()
    seen = one.run(scenario(GO)).events
    assert next(event.frames[-1].function for event in seen if type(event) is Blocked).endswith("__str__")
    assert [event.raised.message for event in seen if type(event) is Crashed] == ["<str() raised Interrupted>"]
