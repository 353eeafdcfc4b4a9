"""How a scenario is performed: steps, time, threads and sockets, and the end of handlers."""

from __future__ import annotations

import asyncio
import concurrent.futures
import socket
import threading
import time

import anyio.to_thread
import pytest
from fastapi import Depends, FastAPI
from fastapi import WebSocket as FastAPISocket

from wsreplay.errors import ScenarioError
from wsreplay.model import (
    Client,
    Close,
    Closed,
    Connect,
    Crashed,
    Drop,
    Dropped,
    Ended,
    Hung,
    Leaked,
    Limits,
    Message,
    Opened,
    Pause,
    Resume,
    Send,
    Slow,
    Wait,
)
from wsreplay.simulation.offspring import MAX_NAMESAKES


def accepted(handler):
    """An app that accepts and goes on as `handler(receive, send)` says."""

    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await handler(receive, send)

    return app


def text(data, client=0):
    return Send(client, "text", data)


def say(data):
    return {"type": "websocket.send", "text": str(data)}


async def echo(receive, send):
    while (event := await receive())["type"] != "websocket.disconnect":
        await send(say(event["text"]))


# --- time ------------------------------------------------------------------------------------------------------------


def test_an_hour_of_sleep_passes_on_the_clock_alone(events):
    async def handler(receive, send):
        await receive()
        await asyncio.sleep(3600)
        await send(say("awake"))

    limits = Limits(message=4000)
    *_, message = events(accepted(handler), text("go"), limits=limits, only=Message)
    assert (message.at, message.data) == (3600.0, "awake")


def test_a_heartbeat_after_half_a_minute_of_silence_is_one_wait(events):
    async def handler(receive, send):
        while True:
            try:
                await asyncio.wait_for(receive(), 30)
            except TimeoutError:
                await send(say("ping"))
            else:
                return

    heartbeats = events(accepted(handler), Wait(31), only=Message)
    assert [(one.at, one.data) for one in heartbeats] == [(30.0, "ping")]


def test_a_handler_that_is_busy_longer_than_the_message_timeout_hangs_once(events):
    async def handler(receive, send):
        while (await receive())["type"] != "websocket.disconnect":
            await asyncio.sleep(25)

    hung = events(accepted(handler), text("a"), Wait(1), text("b"), limits=Limits(message=10), only=Hung)
    assert [(one.phase, one.at, one.step) for one in hung if one.phase == "message"] == [("message", 10.0, 1)]


def test_a_handler_that_answers_just_in_time_does_not_hang(events):
    async def handler(receive, send):
        while (await receive())["type"] != "websocket.disconnect":
            await asyncio.sleep(9.5)
            await send(say("done"))

    assert events(accepted(handler), text("a"), text("b"), only=Hung) == []


def test_a_handler_that_neither_accepts_nor_refuses_hangs(events):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await asyncio.Event().wait()

    hung, ended = [events(app, only=kind)[0] for kind in (Hung, Ended)]
    assert (hung.phase, hung.at, ended.cause) == ("connect", 30.0, "unfinished")


def test_a_handler_that_never_reads_does_not_hang(events):
    async def handler(receive, send):
        await asyncio.Event().wait()

    hung = events(accepted(handler), text("a"), only=Hung)
    assert [one.phase for one in hung] == ["disconnect"]


def test_a_handler_that_turns_for_ever_hangs(events):
    async def handler(receive, send):
        await receive()
        while True:
            await asyncio.sleep(0)

    hung = events(accepted(handler), text("a"), only=Hung)
    assert [one.phase for one in hung] == ["message", "disconnect"]


def test_a_stream_that_outlasts_its_step_does_not_hold_up_the_next(said):
    async def handler(receive, send):
        await receive()
        for number in range(100):
            await send(say(number))
            await asyncio.sleep(0.01)
        await receive()

    # 64 messages in answer to one step are a stream.
    assert len(said(accepted(handler), text("go"), text("on"), Wait(1))) == 100


def test_a_slow_answer_is_recorded_where_somebody_asks_for_it(events):
    slow = events(accepted(echo), text("a"), limits=Limits(slow=0.0), only=Slow)
    assert [(one.step, one.limit) for one in slow] == [(1, 0.0)]
    assert events(accepted(echo), text("a"), limits=Limits(slow=1000.0), only=Slow) == []


# --- the real world --------------------------------------------------------------------------------------------------


def test_a_sync_dependency_runs_in_a_thread_and_is_waited_for(said):
    def tax():
        time.sleep(0.02)
        return threading.current_thread() is not threading.main_thread()

    app = FastAPI()

    @app.websocket("/")
    async def desk(websocket: FastAPISocket, threaded=Depends(tax)):  # noqa: B008
        await websocket.accept()
        await websocket.send_text(f"{await websocket.receive_text()} {threaded}")

    assert said(app, text("tea")) == [(0, "tea True")]


async def executor(work):
    return await asyncio.get_running_loop().run_in_executor(None, work)


async def own_pool(work):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, work)


@pytest.mark.parametrize("clock", ["auto", "virtual", "real"])
@pytest.mark.parametrize("call", [asyncio.to_thread, executor, own_pool, anyio.to_thread.run_sync])
def test_work_in_a_thread_is_waited_for_and_costs_no_time_on_the_clock(events, call, clock):
    def work():
        time.sleep(0.02)
        return "done"

    async def handler(receive, send):
        async with asyncio.timeout(5):
            await receive()
            await send(say(await call(work)))

    shown = events(accepted(handler), text("go"), limits=Limits(clock=clock), only=(Message, Hung))
    assert [(one.at, one.data) for one in shown] == [(0.0, "go"), (0.0, "done")]


@pytest.fixture
def server():
    """A server on this machine that answers one connection in capitals."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with listener.accept()[0] as peer:
            while data := peer.recv(100):
                peer.sendall(data.upper())

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    thread.join()
    listener.close()


def test_a_real_socket_is_waited_for(said, server):
    async def handler(receive, send):
        reader, writer = await asyncio.open_connection("127.0.0.1", server)
        while (event := await receive())["type"] != "websocket.disconnect":
            writer.write(event["text"].encode())
            async with asyncio.timeout(5):
                await send(say((await reader.read(100)).decode()))
        writer.close()
        await writer.wait_closed()

    assert said(accepted(handler), text("tea"), text("milk")) == [(0, "TEA"), (0, "MILK")]


def test_work_that_is_under_way_when_the_client_leaves_is_waited_for(events):
    def work():
        time.sleep(0.02)

    async def handler(receive, send):
        await receive()
        job = asyncio.ensure_future(asyncio.to_thread(work))
        await receive()
        await job

    ended = events(accepted(handler), text("go"), Close(0), Wait(1), only=Ended)
    assert [(one.step, one.cause) for one in ended] == [(2, "disconnected")]


# --- clients and steps -----------------------------------------------------------------------------------------------


def test_clients_act_in_the_written_order(events):
    order = (Connect(1), text("b", 1), Connect(0), text("a", 0), Drop(1), text("c", 0), Close(0))
    shown = events(accepted(echo), *order, clients=2, only=(Opened, Message, Dropped, Closed))
    told = [(type(one).__name__, one.client, one.step) for one in shown if getattr(one, "origin", "client") == "client"]
    assert told == [
        ("Opened", 1, 0),
        ("Message", 1, 1),
        ("Opened", 0, 2),
        ("Message", 0, 3),
        ("Dropped", 1, 4),
        ("Message", 0, 5),
        ("Closed", 0, 6),
    ]


def test_clients_one_after_another_find_what_the_first_left_behind(said):
    seen = []

    async def handler(receive, send):
        seen.append(1)
        await send(say(len(seen)))
        await echo(receive, send)

    assert said(accepted(handler), Connect(0), Close(0), Connect(1), clients=2) == [(0, "1"), (1, "2")]


def test_a_set_of_clients_that_changes_during_a_broadcast_ends_the_speaker(events):
    members = set()

    async def handler(receive, send):
        members.add(send)
        while (event := await receive())["type"] != "websocket.disconnect":
            for member in members:
                await member(say(event["text"]))
        members.discard(send)

    async def quick(scope, receive, send):
        await accepted(handler)(scope, receive, send)

    steps = (Pause(1), text("hello"), Close(1))
    ended = events(quick, *steps, clients=2, sends="suspend", only=Ended)
    assert {(one.client, one.cause) for one in ended if one.raised} != set()


@pytest.mark.parametrize("leave", [Close(0), Drop(0)])
def test_nothing_happens_for_a_client_that_has_left(events, leave):
    shown = events(
        accepted(echo), leave, text("a"), Close(0), Drop(0), Pause(0), Resume(0), only=(Message, Closed, Dropped)
    )
    assert len(shown) == 1


def test_a_message_to_an_app_that_has_closed_is_not_sent_nor_is_a_close(events):
    async def handler(receive, send):
        await send({"type": "websocket.close"})
        await receive()
        await asyncio.sleep(1)

    shown = events(accepted(handler), text("a"), Close(0), only=(Message, Closed))
    assert [one.origin for one in shown] == ["app"]


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((Connect(0), text("a", 1)), r"step 1 \(Send\) is about client 1, which has not connected"),
        ((text("a", 0), Connect(0)), r"step 0 \(Send\) is about client 0, which has not connected"),
        ((Connect(0), Pause(-1)), r"step 1 \(Pause\) is about client -1"),
        ((Connect(0), Connect(0)), r"step 1 connects client 0, which is unknown or has connected before"),
        ((Connect(0), Connect(3)), r"step 1 connects client 3, which is unknown"),
    ],
)
def test_a_scenario_that_contradicts_itself_is_an_error(run, steps, message):
    with pytest.raises(ScenarioError, match=message):
        run(accepted(echo), *steps)


def test_a_client_that_never_connects_does_not_act(events, scenario, simulation):
    one = simulation(accepted(echo))
    one.start()
    two = scenario(Connect(0), clients=(Client("/"),))
    quiet = type(two)(two.route, (*two.clients, Client("/never")), two.steps)
    assert {event.client for event in one.run(quiet).events} == {0}


# --- the end ---------------------------------------------------------------------------------------------------------


def test_a_handler_that_survives_its_cancellation_is_left_behind(events):
    async def handler(receive, send):
        for _ in range(10):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    assert [one.cause for one in events(accepted(handler), only=Ended)] == ["unfinished"]


@pytest.mark.parametrize("wrong", [ValueError("no"), SystemExit(3), asyncio.CancelledError()])
def test_whatever_leaves_a_handler_is_recorded(events, wrong):
    async def handler(receive, send):
        raise wrong

    (ended,) = events(accepted(handler), only=Ended)
    assert (ended.cause, ended.raised.type) == ("raised", type(wrong).__name__)


def test_tasks_that_outlive_their_session_are_named(events):
    async def forever():
        await asyncio.Event().wait()

    async def handler(receive, send):
        handler.tasks = [asyncio.create_task(forever())]

    leaked = events(accepted(handler), only=Leaked)
    assert [len(one.tasks) for one in leaked] == [1]
    assert leaked[0].tasks[0].endswith("forever")


def test_of_many_leaked_tasks_of_one_name_a_few_are_recorded(events):
    kept = set()

    async def forever():
        await asyncio.sleep(3600)

    async def handler(receive, send):
        kept.update(asyncio.create_task(forever()) for _ in range(500))
        await receive()

    (leaked,) = events(accepted(handler), only=Leaked)
    assert len(leaked.tasks) == MAX_NAMESAKES


def test_a_task_that_never_rests_is_given_up(events):
    async def spin():
        while True:
            await asyncio.sleep(0)

    async def handler(receive, send):
        handler.tasks = [asyncio.create_task(spin())]

    assert len(events(accepted(handler), only=Leaked)) == 1


def test_a_task_s_death_is_recorded_when_it_happened(events):
    async def die():
        await asyncio.sleep(3)
        raise ValueError("dead")

    async def handler(receive, send):
        handler.task = asyncio.create_task(die())
        await echo(receive, send)

    crashed = events(accepted(handler), Wait(5), text("a"), only=Crashed)
    assert [(one.at, one.step, one.source, one.raised.message) for one in crashed] == [(3.0, 1, "task", "dead")]


def test_a_death_that_somebody_saw_is_none(events):
    async def die():
        raise ValueError("dead")

    async def handler(receive, send):
        await asyncio.gather(die(), return_exceptions=True)

    assert events(accepted(handler), only=(Crashed, Leaked)) == []


def test_a_handshake_that_hangs_is_told_once(events):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await asyncio.Event().wait()

    hung = events(app, Pause(0), Resume(0), only=Hung)
    assert [one.phase for one in hung] == ["connect", "disconnect"]
