"""A scenario takes no more real time than it may: the rest of it is left out, and that is known."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from wsreplay.model import Connect, Ended, Limits, Send, Wait

LIMITS = Limits(message=1.0, connection=2.0)


async def echo(scope, receive, send):
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


async def slow(scope, receive, send):
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        time.sleep(0.02)
        await send({"type": "websocket.send", "text": event["text"]})


async def threaded(scope, receive, send):
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] == "websocket.receive":
        await asyncio.to_thread(time.sleep, 0.05)


def test_a_day_of_waiting_by_a_real_clock_ends_soon(simulation, scenario):
    one = simulation(echo, replace(LIMITS, clock="real", scenario=0.05))
    one.start()
    transcript = one.run(scenario(Connect(0), Wait(86_400.0), Send(0, "text", "never said")))
    assert one.cut_short
    assert "never said" not in repr(transcript)
    assert type(transcript.events[-1]) is Ended


@pytest.mark.parametrize("app", [slow, threaded])
@pytest.mark.parametrize("sends", ["immediate", "suspend"])
def test_what_takes_long_over_each_message_is_not_given_them_all(simulation, scenario, app, sends):
    one = simulation(app, replace(LIMITS, scenario=0.1))
    one.start()
    steps = [Send(0, "text", str(number)) for number in range(10_000)]
    transcript = one.run(scenario(Connect(0), *steps, sends=sends))
    assert one.cut_short
    assert 0 < len(transcript.events) < 1_000
    assert type(transcript.events[-1]) is Ended


def test_a_scenario_in_time_is_whole_and_the_next_has_its_own_time(simulation, scenario):
    one = simulation(echo, replace(LIMITS, clock="real", scenario=0.05))
    one.start()
    one.run(scenario(Connect(0), Wait(86_400.0), Send(0, "text", "a")))
    assert one.cut_short
    transcript = one.run(scenario(Connect(0), Send(0, "text", "said")))
    assert not one.cut_short
    assert "said" in repr(transcript)
