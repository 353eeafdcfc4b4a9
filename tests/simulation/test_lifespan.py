"""How an app is started and stopped."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from litestar import Litestar
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from wsreplay.errors import TargetError
from wsreplay.model import Ended


async def greet(scope, receive, send):
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "hello"})
    await send({"type": "websocket.close"})


def around(life):
    """An app that lives as `life` says, and greets."""

    async def app(scope, receive, send):
        await (life if scope["type"] == "lifespan" else greet)(scope, receive, send)

    return app


@pytest.fixture
def refused(simulation):
    def start(app):
        with pytest.raises(TargetError) as caught:
            simulation(app).start()
        return caught.value

    return start


def test_startup_comes_before_the_first_client_and_shutdown_after_the_last(simulation, scenario):
    told = []

    async def life(scope, receive, send):
        assert scope["asgi"] == {"version": "3.0", "spec_version": "2.4"}
        told.append((await receive())["type"])
        await send({"type": "lifespan.startup.complete"})
        told.append((await receive())["type"])
        await send({"type": "lifespan.shutdown.complete"})

    one = simulation(around(life))
    one.start()
    assert told == ["lifespan.startup"]
    one.run(scenario())
    one.run(scenario())
    assert told == ["lifespan.startup"]
    one.stop()
    assert told == ["lifespan.startup", "lifespan.shutdown"]


def test_a_startup_may_take_its_time_without_costing_any(said):
    async def life(scope, receive, send):
        await receive()
        await asyncio.sleep(59)
        await send({"type": "lifespan.startup.complete"})
        await receive()

    assert said(around(life)) == [(0, "hello")]


def test_a_startup_that_yields_to_the_loop_very_often_is_given_its_time(said):
    async def life(scope, receive, send):
        await receive()
        for _ in range(10_000):
            await asyncio.sleep(0)
        await send({"type": "lifespan.startup.complete"})

    assert said(around(life)) == [(0, "hello")]


def test_a_startup_may_work_in_a_thread(said):
    async def life(scope, receive, send):
        await receive()
        scope["state"]["sum"] = await asyncio.to_thread(sum, range(1000))
        await send({"type": "lifespan.startup.complete"})
        await receive()

    assert said(around(life)) == [(0, "hello")]


def test_an_app_that_raises_for_a_lifespan_is_served_without(said):
    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            raise ValueError(f"no application for {scope['type']}")
        await greet(scope, receive, send)

    assert said(app) == [(0, "hello")]


def test_an_app_that_returns_from_a_lifespan_is_served_without(said):
    async def life(scope, receive, send):
        return

    assert said(around(life)) == [(0, "hello")]


def test_an_app_that_takes_a_lifespan_for_a_connection_is_served(said):
    async def app(scope, receive, send):
        await receive()
        await greet(scope, receive, send)

    assert said(app) == [(0, "hello")]


def test_a_startup_that_failed_is_an_error_with_the_app_s_last_word(refused):
    async def life(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "Traceback ...\nno database at db:5432\n"})

    error = refused(around(life))
    assert error.message == "the target's lifespan startup failed: no database at db:5432"
    assert "give it what it needs" in error.hint


def test_a_startup_that_failed_without_a_word_is_an_error(refused):
    async def life(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed"})
        await receive()

    assert refused(around(life)).message == "the target's lifespan startup failed"


def starlette(lifespan):
    return Starlette(lifespan=lifespan)


def fastapi(lifespan):
    return FastAPI(lifespan=lifespan)


def litestar(lifespan):
    return Litestar([], lifespan=[lifespan])


@pytest.mark.parametrize("framework", [starlette, fastapi, litestar])
def test_a_startup_that_raises_is_an_error_that_names_the_exception_and_its_place(refused, framework):
    @asynccontextmanager
    async def lifespan(app):
        raise KeyError("DATABASE_URL")
        yield

    message = refused(framework(lifespan)).message
    assert message.startswith("the target's lifespan startup failed: KeyError: 'DATABASE_URL' (test_lifespan.py:")


def test_a_startup_that_failed_and_was_cancelled_has_no_exception_to_name(refused):
    async def life(scope, receive, send):
        await send({"type": "lifespan.startup.failed"})
        asyncio.current_task().cancel()
        await receive()

    assert refused(around(life)).message == "the target's lifespan startup failed"


def test_a_startup_that_fails_and_then_raises_is_an_error_that_names_the_exception(refused):
    async def life(scope, receive, send):
        await send({"type": "lifespan.startup.failed"})
        await asyncio.wait_for(asyncio.Event().wait(), 0)

    message = refused(around(life)).message
    assert message.startswith("the target's lifespan startup failed: TimeoutError")


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_startup_that_hangs_is_an_error(refused, stubborn):
    async def life(scope, receive, send):
        await receive()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if stubborn:
                await receive()
            raise

    error = refused(around(life))
    assert error.message == "the target's lifespan startup did not complete within 60 s"
    assert "'lifespan.startup.complete'" in error.hint


def test_a_startup_that_takes_too_long_is_an_error(refused):
    async def life(scope, receive, send):
        await receive()
        await asyncio.sleep(61)
        await send({"type": "lifespan.startup.complete"})

    assert "within 60 s" in refused(around(life)).message


def test_a_startup_that_never_stops_turning_is_an_error(refused):
    async def life(scope, receive, send):
        while True:
            await asyncio.sleep(0)

    assert "within 60 s" in refused(around(life)).message


@pytest.mark.parametrize("how", ["raise", "hang", "refuse", "fail", "ask", "stubborn"])
def test_what_goes_wrong_at_the_shutdown_is_the_app_s_own_affair(simulation, scenario, how):
    reached = []

    async def life(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        reached.append(how)
        if how == "raise":
            raise RuntimeError("cannot stop")
        if how == "fail":
            await send({"type": "lifespan.shutdown.failed", "message": "cannot stop"})
        elif how == "ask":
            await receive()
        elif how == "hang":
            await asyncio.sleep(1_000_000)
        elif how == "refuse":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise RuntimeError("cannot be cancelled") from None
        else:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await send({"type": "lifespan.shutdown.complete"})

    one = simulation(around(life))
    one.start()
    transcript = one.run(scenario())
    one.stop()
    assert reached == [how]
    assert transcript.events[-1].cause == "closed"


def test_an_app_whose_lifespan_is_over_serves_on(events):
    async def life(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.complete"})

    assert [one.cause for one in events(around(life), only=Ended)] == ["closed"]


def test_what_startup_opened_is_there_for_handlers_and_closed_at_the_end(simulation, scenario):
    log = []

    @asynccontextmanager
    async def lifespan(app):
        log.append("open")
        yield {"log": log}
        log.append("close")

    async def desk(websocket):
        websocket.state.log.append("client")
        await websocket.close()

    one = simulation(Starlette(routes=[WebSocketRoute("/", desk)], lifespan=lifespan))
    one.start()
    one.run(scenario())
    one.stop()
    assert log == ["open", "client", "close"]


def test_stopping_what_never_started_does_nothing(simulation):
    called = []

    async def app(scope, receive, send):
        called.append(scope["type"])

    one = simulation(app)
    one.stop()
    assert called == []
