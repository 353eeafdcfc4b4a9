"""The simulation of one app, over several scenarios."""

from __future__ import annotations

import asyncio

import pytest

from wsreplay.errors import TargetError
from wsreplay.model import Blocked, Crashed, Ended, Message, Wait
from wsreplay.simulation.watchdog import Interrupted


def counting():
    """Make an app that counts its clients."""
    seen = []

    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            seen.append(1)
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": str(len(seen))})

    return app


def counts(one, scenario):
    return [event.data for _ in range(2) for event in one.run(scenario()).events if isinstance(event, Message)]


def test_an_app_s_state_lives_on_from_scenario_to_scenario(simulation, scenario):
    one = simulation(counting())
    one.start()
    assert counts(one, scenario) == ["1", "2"]


def test_a_factory_makes_a_fresh_app_for_each_scenario(simulation, scenario):
    one = simulation(counting, factory=True)
    one.start()
    assert counts(one, scenario) == ["1", "1"]


def test_a_task_of_an_app_that_is_over_does_not_die_in_the_scenario_of_the_next(simulation, scenario):
    def factory():
        async def die():
            await asyncio.sleep(100)
            raise ValueError("late")

        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                app.task = asyncio.create_task(die())
                await send({"type": "lifespan.startup.complete"})
            await receive()

        return app

    one = simulation(factory, factory=True)
    one.start()
    shown = [event for _ in range(3) for event in one.run(scenario(Wait(60))).events]
    assert [event for event in shown if isinstance(event, Crashed)] == []


def test_a_factory_that_raises_is_an_error_that_names_the_exception(simulation, scenario):
    def factory():
        raise KeyError("DATABASE_URL")

    one = simulation(factory, factory=True)
    one.start()
    with pytest.raises(TargetError, match="the target's factory raised KeyError: 'DATABASE_URL'"):
        one.run(scenario())


def test_a_task_that_the_startup_made_may_die_of_what_a_client_does(simulation, scenario):
    inbox = asyncio.Queue()

    async def consume():
        {}[await inbox.get()]

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            app.task = asyncio.create_task(consume())
            await send({"type": "lifespan.startup.complete"})
            await receive()
        else:
            await inbox.put("order")
            await send({"type": "websocket.close"})

    one = simulation(app)
    one.start()
    crashed = [event for event in one.run(scenario(Wait(1))).events if isinstance(event, Crashed)]
    assert [(event.source, event.raised.type) for event in crashed] == [("task", "KeyError")]


def test_a_callback_that_raises_is_seen(events):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            asyncio.get_running_loop().call_soon(lambda: {}["late"])
            asyncio.get_running_loop().call_exception_handler({"message": "no exception"})
            await send({"type": "websocket.close"})
            await receive()

    crashed = events(app, only=Crashed)
    assert [(one.source, one.raised.type) for one in crashed] == [("loop", "KeyError")]


def test_a_handler_that_blocks_the_loop_is_recorded_and_interrupted(simulation, scenario):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            while True:
                pass

    one = simulation(app)
    one.stop()
    one = simulation(app, limits=type(one.limits)(block=0.05))
    one.start()
    shown = one.run(scenario()).events
    assert [type(event) for event in shown if isinstance(event, Blocked | Ended)] == [Blocked, Ended]
    assert shown[-1].raised.nature == "interrupted"


def test_what_happens_between_scenarios_belongs_to_none(simulation, scenario):
    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})

    one = simulation(app)
    one.start()
    one._loop.call_exception_handler({"message": "lost", "exception": KeyError("price")})
    assert [event for event in one.run(scenario()).events if isinstance(event, Crashed)] == []


def test_an_interruption_that_a_framework_catches_is_no_crash(simulation, scenario):
    seen = []

    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        for lost in (Interrupted("held"), KeyError("price")):
            seen[0]._observers._seen("framework", lost, "quart")

    one = simulation(app)
    seen.append(one)
    one.start()
    crashed = [event for event in one.run(scenario()).events if isinstance(event, Crashed)]
    assert [(event.name, event.raised.type) for event in crashed] == [("quart", "KeyError")]


def test_a_task_that_dies_long_after_its_session_is_not_laid_at_the_door_of_a_later_one(simulation, scenario):
    async def late(send):
        await asyncio.sleep(90)
        raise KeyError("too late")

    async def app(scope, receive, send):
        assert scope["type"] == "websocket"
        await receive()
        await send({"type": "websocket.accept"})
        task = asyncio.create_task(late(send))
        await receive()
        del task

    one = simulation(app)
    one.start()
    one.run(scenario())
    later = one.run(scenario(Wait(120.0)))
    deaths = [event for event in later.events if isinstance(event, Crashed) and event.source == "loop"]
    assert deaths == []
