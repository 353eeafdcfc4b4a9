"""The loop: time moves when it is moved, and never over real work. It is stepped here as a session steps it."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

from wsreplay.simulation.loop import (
    EPOCH,
    IMPATIENCE,
    MAX_PASSING,
    MAX_TURNS,
    PATIENCE,
    POLL,
    SOON,
    SimulationLoop,
    WatchedTask,
)

Loops = Callable[..., SimulationLoop]


@pytest.fixture
def loops() -> Iterator[Loops]:
    """Makes entered loops, which are shut at the end."""
    with contextlib.ExitStack() as stack:

        def make(clock: str = "auto") -> SimulationLoop:
            loop = SimulationLoop(clock)
            stack.callback(loop.shut)
            stack.enter_context(loop.entered())
            return loop

        yield make


@pytest.fixture
def loop(loops: Loops) -> SimulationLoop:
    return loops()


def finish(loop: SimulationLoop, awaitable: Awaitable[Any], seconds: float = 10_000.0) -> Any:
    """Run until the awaitable is done, at the longest so many virtual seconds."""
    task = asyncio.ensure_future(awaitable, loop=loop)
    until = loop.time() + seconds
    loop.run_ready()
    while not task.done() and loop.advance(until):
        loop.run_ready()
    return task.result()


# --- virtual time ----------------------------------------------------------------------------------------------------


def test_time_stands_still_until_somebody_moves_it(loop: SimulationLoop) -> None:
    assert loop.time() == EPOCH
    loop.call_soon(lambda: None)
    loop.run_ready()
    loop.poll()
    assert loop.time() == EPOCH
    assert loop.elapsed == 0.0


def test_a_long_sleep_costs_nothing_and_the_clock_shows_it(loop: SimulationLoop) -> None:
    assert finish(loop, asyncio.sleep(3600, "slept")) == "slept"
    assert loop.time() == EPOCH + 3600
    assert loop.elapsed == 3600


def test_the_clock_jumps_to_one_timer_after_the_other(loop: SimulationLoop) -> None:
    seen: list[tuple[str, float]] = []
    for name, delay in (("late", 3.0), ("early", 1.0), ("middle", 2.0)):
        loop.call_later(delay, lambda name=name: seen.append((name, loop.elapsed)))
    while loop.advance(EPOCH + 100):
        loop.run_ready()
    assert seen == [("early", 1.0), ("middle", 2.0), ("late", 3.0)]


def test_timers_of_one_moment_go_off_together_once_each(loop: SimulationLoop) -> None:
    seen: list[int] = []
    for number in range(5):
        loop.call_at(EPOCH + 1, seen.append, number)
    assert loop.advance(EPOCH + 1)
    loop.run_ready()
    assert sorted(seen) == [0, 1, 2, 3, 4]
    assert not loop.advance(EPOCH + 1)


def test_timers_that_differ_by_rounding_alone_go_off_together(loop: SimulationLoop) -> None:
    seen: list[str] = []
    loop.call_at(EPOCH + 0.1 + 0.2, seen.append, "sum")
    loop.call_at(EPOCH + 0.3, seen.append, "whole")
    loop.jump(EPOCH + 0.3)
    loop.run_ready()
    assert sorted(seen) == ["sum", "whole"]


def test_a_timer_beyond_the_end_is_not_reached(loop: SimulationLoop) -> None:
    loop.call_later(5, lambda: None)
    assert not loop.advance(EPOCH + 4)
    assert loop.time() == EPOCH


def test_without_timers_nothing_can_happen(loop: SimulationLoop) -> None:
    assert loop.next_timer() is None
    assert not loop.advance(EPOCH + 4)


def test_what_is_ready_comes_before_any_timer(loop: SimulationLoop) -> None:
    loop.call_later(1, lambda: None)
    loop.call_soon(lambda: None)
    assert not loop.idle
    assert loop.advance(EPOCH + 4)
    assert loop.time() == EPOCH
    loop.run_ready()
    assert loop.idle


def test_a_cancelled_timer_does_not_hold_the_clock(loop: SimulationLoop) -> None:
    loop.call_later(1, lambda: None).cancel()
    loop.call_later(2, lambda: None)
    assert loop.next_timer() == EPOCH + 2
    loop.call_later(0.5, lambda: None).cancel()
    loop.jump(EPOCH + 1)
    loop.run_ready()
    assert loop.turns == 0


def test_a_timer_at_no_number_goes_off_at_once(loop: SimulationLoop) -> None:
    seen: list[str] = []
    loop.call_at(math.nan, seen.append, "never a number")
    loop.jump(loop.time())
    loop.run_ready()
    assert seen == ["never a number"]


def test_the_clock_does_not_go_back(loop: SimulationLoop) -> None:
    loop.jump(EPOCH + 5)
    loop.jump(EPOCH + 1)
    assert loop.time() == EPOCH + 5
    assert loop.elapsed == 5


def test_timeouts_of_asyncio_use_the_virtual_clock(loop: SimulationLoop) -> None:
    async def wait() -> None:
        async with asyncio.timeout(30):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        finish(loop, wait())
    assert loop.elapsed == 30


def test_passing_time_runs_what_falls_due_on_the_way(loop: SimulationLoop) -> None:
    beats: list[float] = []

    async def beat() -> None:
        while True:
            await asyncio.sleep(10)
            beats.append(loop.elapsed)

    task = loop.create_task(beat())
    loop.pass_time(loop.time() + 35)
    assert beats == [10, 20, 30]
    assert loop.elapsed == 35
    task.cancel()
    loop.run_ready()


def test_passing_time_ends_with_the_timer_that_is_due_at_its_end(loop: SimulationLoop) -> None:
    seen: list[float] = []
    loop.call_later(5, lambda: seen.append(loop.elapsed))
    loop.pass_time(loop.time() + 5)
    assert seen == [5]


def test_passing_time_gets_past_a_task_that_never_rests(loop: SimulationLoop) -> None:
    async def spin() -> None:
        while True:
            await asyncio.sleep(0)

    task = loop.create_task(spin())
    loop.pass_time(loop.time() + 2.5)
    assert loop.elapsed == 2.5
    task.cancel()
    loop.run_ready()


def test_callbacks_without_an_end_are_cut_off(loop: SimulationLoop) -> None:
    def again() -> None:
        loop.call_soon(again)

    loop.call_soon(again)
    assert not loop.run_ready()
    assert loop.turns == MAX_TURNS + 1
    assert not loop.in_app


# --- callbacks and tasks ---------------------------------------------------------------------------------------------


def test_the_loop_knows_when_app_code_runs(loop: SimulationLoop) -> None:
    seen: list[bool] = []
    loop.call_soon(lambda: seen.append(loop.in_app))
    loop.run_ready()
    assert seen == [True]
    assert not loop.in_app


def test_a_cancelled_callback_is_passed_over(loop: SimulationLoop) -> None:
    loop.call_soon(lambda: None).cancel()
    assert loop.run_ready()
    assert loop.turns == 0


def test_the_exit_of_one_task_ends_nothing_else(loop: SimulationLoop) -> None:
    async def leave() -> None:
        sys.exit(3)

    task = loop.create_task(leave())
    after = loop.create_task(asyncio.sleep(0, "still here"))
    loop.run_ready()
    assert after.result() == "still here"
    assert isinstance(task.exception(), SystemExit)


def test_a_task_is_shown_to_the_observer_when_it_is_born(loop: SimulationLoop) -> None:
    born: list[WatchedTask[Any]] = []
    loop.on_task = born.append
    task = asyncio.ensure_future(asyncio.sleep(0), loop=loop)
    assert born == [task]
    loop.run_ready()


def test_a_handler_is_no_task_of_the_app(loop: SimulationLoop) -> None:
    born: list[WatchedTask[Any]] = []
    loop.on_task = born.append
    task = loop.start_handler(asyncio.sleep(0), copy_context())
    loop.run_ready()
    assert task.done()
    assert born == []


def test_a_task_factory_of_the_app_is_used(loop: SimulationLoop) -> None:
    class Own(asyncio.Task[Any]):
        pass

    loop.set_task_factory(lambda loop, coro, **options: Own(coro, loop=loop, **options))
    task = loop.create_task(asyncio.sleep(0), name="own")
    assert type(task) is Own
    assert task.get_name() == "own"
    loop.run_ready()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 has brought eager tasks")
def test_eager_tasks_begin_at_once_and_are_watched_all_the_same(loop: SimulationLoop) -> None:
    born: list[WatchedTask[Any]] = []
    loop.on_task = born.append
    loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined, unused-ignore]
    begun: list[str] = []

    async def main() -> None:
        task = asyncio.create_task(_die_after(begun))
        assert begun == ["inner"]
        await asyncio.sleep(0)
        assert task.done()

    with loop.entered():
        task = loop.create_task(main())
        loop.run_ready()
    assert task.done()
    assert [one.unretrieved for one in born] == [True, False]
    assert isinstance(born[0].death, LookupError)
    born[0].hush()


async def _die_after(begun: list[str]) -> None:
    begun.append("inner")
    raise LookupError("lost")


async def _die() -> None:
    raise LookupError("lost")


def test_a_death_that_nobody_asked_for_stays_visible_after_a_late_cancel(loop: SimulationLoop) -> None:
    task = loop.create_task(_die())
    loop.run_ready()
    assert task.unretrieved
    assert task.cancel() is False
    assert task.unretrieved
    assert isinstance(task.death, LookupError)
    assert task.unretrieved
    task.hush()
    assert not task.unretrieved


def test_a_death_that_somebody_asked_for_is_retrieved(loop: SimulationLoop) -> None:
    task = loop.create_task(_die())
    assert not task.unretrieved
    assert task.death is None
    loop.run_ready()
    with pytest.raises(LookupError):
        task.result()
    assert not task.unretrieved


def test_a_living_task_can_be_cancelled(loop: SimulationLoop) -> None:
    task = loop.create_task(asyncio.sleep(10))
    loop.run_ready()
    assert task.cancel("enough")
    loop.run_ready()
    assert task.cancelled()


def test_a_callback_that_raises_is_told_to_the_observer(loop: SimulationLoop) -> None:
    told: list[dict[str, Any]] = []
    loop.on_exception = told.append
    loop.call_soon(lambda: 1 / 0)
    loop.run_ready()
    assert [type(context["exception"]) for context in told] == [ZeroDivisionError]


def test_an_exception_handler_of_the_app_hears_of_it_too(loop: SimulationLoop) -> None:
    told: list[object] = []
    heard: list[object] = []
    loop.on_exception = told.append
    loop.set_exception_handler(lambda _, context: heard.append(context))
    loop.call_soon(lambda: 1 / 0)
    loop.run_ready()
    assert told == heard
    assert len(told) == 1


def test_without_observer_a_raising_callback_is_silent(loop: SimulationLoop, caplog: pytest.LogCaptureFixture) -> None:
    loop.call_soon(lambda: 1 / 0)
    loop.run_ready()
    assert caplog.records == []


def test_debug_mode_does_not_disturb(loop: SimulationLoop) -> None:
    loop.set_debug(True)
    assert finish(loop, asyncio.sleep(5, "done")) == "done"
    assert loop.elapsed == 5


# --- being the running loop ------------------------------------------------------------------------------------------


def test_an_entered_loop_is_the_running_one_and_leaves_things_as_they_were() -> None:
    loop = SimulationLoop()
    hooks = sys.get_asyncgen_hooks()
    with contextlib.suppress(LookupError), loop.entered():
        assert asyncio.get_running_loop() is loop
        assert loop.is_running()
        raise LookupError
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
    assert not loop.is_running()
    assert sys.get_asyncgen_hooks() == hooks
    loop.shut()


def test_a_loop_within_another_gives_the_other_back(loop: SimulationLoop) -> None:
    inner = SimulationLoop()
    with inner.entered():
        assert asyncio.get_running_loop() is inner
    assert asyncio.get_running_loop() is loop
    inner.shut()


def test_asynchronous_generators_are_closed_with_the_loop(loop: SimulationLoop) -> None:
    closed: list[str] = []

    async def numbers() -> Any:
        try:
            yield 1
            yield 2
        finally:
            closed.append("closed")

    async def first() -> int:
        async for number in numbers():
            return int(number)
        return 0

    assert finish(loop, first()) == 1
    finish(loop, loop.shutdown_asyncgens())
    assert closed == ["closed"]


def test_a_loop_may_be_shut_more_than_once() -> None:
    loop = SimulationLoop()
    loop.shut()
    loop.shut()
    assert loop.is_closed()


def test_shutting_ends_the_threads_of_the_default_pool() -> None:
    loop = SimulationLoop()
    with loop.entered():
        thread = finish(loop, loop.run_in_executor(None, threading.current_thread))
    loop.shut()
    thread.join()
    assert not thread.is_alive()


# --- the real world --------------------------------------------------------------------------------------------------


def test_a_call_from_another_thread_wakes_the_loop(loop: SimulationLoop) -> None:
    woken = loop.create_future()
    ours, theirs = socket.socketpair()
    with ours, theirs:

        def elsewhere() -> None:
            theirs.recv(1)
            loop.call_soon_threadsafe(woken.set_result, "from afar")

        thread = threading.Thread(target=elsewhere)
        thread.start()
        ours.send(b"x")
        assert finish(loop, woken) == "from afar"
        thread.join()
    # It was waited for really: nothing was jumped over.
    assert loop.elapsed == 0


def test_work_in_a_thread_holds_the_clock(loop: SimulationLoop) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        work = loop.run_in_executor(None, theirs.recv, 1)
        timer = loop.call_later(3600, lambda: None)
        assert loop.working
        assert loop.real_io
        for _ in range(3):
            loop.advance(EPOCH + 10_000)
            loop.run_ready()
        assert loop.elapsed == 0
        ours.send(b"x")
        assert finish(loop, work) == b"x"
        timer.cancel()
    assert not loop.real_io


def test_a_pool_of_the_apps_own_is_waited_for_too(loop: SimulationLoop) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert finish(loop, loop.run_in_executor(pool, sum, [1, 2])) == 3


def test_what_a_thread_raises_arrives(loop: SimulationLoop) -> None:
    with pytest.raises(ZeroDivisionError):
        finish(loop, loop.run_in_executor(None, lambda: 1 / 0))
    assert not loop.real_io


def test_a_thread_that_nobody_gave_to_the_loop_holds_the_clock_until_it_is_known(loop: SimulationLoop) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        thread = threading.Thread(target=theirs.recv, args=(1,))
        thread.start()
        loop.call_later(5, lambda: None)
        assert loop.working
        loop.advance(EPOCH + 5)
        assert loop.elapsed == 0
        loop.know_threads()
        assert not loop.working
        assert loop.advance(EPOCH + 10)
        assert loop.elapsed > 0
        ours.send(b"x")
        thread.join()


def test_an_open_file_descriptor_holds_the_clock(loop: SimulationLoop) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        got: list[bytes] = []
        loop.add_reader(theirs, lambda: got.append(theirs.recv(1)))
        loop.call_later(3600, lambda: None)
        assert loop.real_io
        loop.advance(EPOCH + 10_000)
        assert loop.elapsed == 0
        ours.send(b"x")
        loop.advance(EPOCH + 10_000)
        loop.run_ready()
        assert got == [b"x"]
        loop.remove_reader(theirs)
    assert not loop.real_io
    assert loop.advance(EPOCH + 10_000)
    assert loop.elapsed > 3590


def test_on_a_virtual_clock_an_open_file_descriptor_holds_nothing(loops: Loops) -> None:
    loop = loops("virtual")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        loop.add_reader(theirs, lambda: None)
        loop.call_later(3600, lambda: None)
        assert loop.advance(EPOCH + 10_000)
        assert loop.elapsed == 3600
        loop.poll(1000)
        loop.remove_reader(theirs)


def test_on_a_virtual_clock_work_in_a_thread_is_waited_for_all_the_same(loops: Loops) -> None:
    loop = loops("virtual")
    assert finish(loop, loop.run_in_executor(None, sum, [1, 2])) == 3


def test_on_a_real_clock_time_passes_by_itself(loops: Loops) -> None:
    loop = loops("real")
    assert finish(loop, asyncio.sleep(0.002, "slept")) == "slept"
    assert loop.time() >= EPOCH + 0.002
    assert loop.elapsed == 0


def test_really_passed_time_counts_as_what_was_asked_for(loops: Loops) -> None:
    loop = loops("real")
    loop.pass_time(loop.time() + 0.01)
    assert loop.elapsed == 0.01


def test_on_a_real_clock_a_wait_has_an_end(loops: Loops) -> None:
    loop = loops("real")
    until = loop.time() + 0.002
    while loop.advance(until):
        loop.run_ready()
    assert loop.time() >= until


def test_on_a_real_clock_a_timer_that_is_due_goes_off_without_a_wait(loops: Loops) -> None:
    loop = loops("real")
    seen: list[str] = []
    loop.call_at(loop.time(), seen.append, "due")
    assert loop.advance(loop.time())
    loop.run_ready()
    assert seen == ["due"]
    assert loop.time() == EPOCH


def test_streams_over_a_real_socket_work(loop: SimulationLoop) -> None:
    async def talk() -> bytes:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readline())
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"hello\n")
            line = await reader.readline()
            writer.close()
            await writer.wait_closed()
            return line

    assert finish(loop, talk()) == b"hello\n"


def test_a_subprocess_is_waited_for_really(loop: SimulationLoop) -> None:
    async def child() -> tuple[bytes, int | None]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-S", "-c", "print(7)", stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        return output, process.returncode

    assert finish(loop, child()) == (b"7\n", 0)


def test_a_signal_handler_of_the_app_is_called(loop: SimulationLoop) -> None:
    called = loop.create_future()
    loop.add_signal_handler(signal.SIGUSR1, called.set_result, "signal")
    try:
        signal.raise_signal(signal.SIGUSR1)
        loop.poll()
        loop.run_ready()
        assert called.done()
        assert called.result() == "signal"
    finally:
        assert loop.remove_signal_handler(signal.SIGUSR1)


def test_running_it_within_itself_is_an_error_that_says_so(loop: SimulationLoop) -> None:
    with pytest.raises(RuntimeError, match="already running"):
        loop.run_forever()


def test_what_polls_without_end_while_hours_pass_is_not_followed_to_their_end(loop: SimulationLoop) -> None:
    seen: list[float] = []

    def poll() -> None:
        seen.append(loop.time())
        loop.call_later(0.001, poll)

    poll()
    loop.pass_time(EPOCH + 36_000)
    assert MAX_PASSING <= len(seen) <= MAX_PASSING + MAX_TURNS
    assert loop.elapsed == 36_000
    assert seen[-1] >= EPOCH + 36_000


def test_threads_that_never_call_back_make_a_wait_no_real_one(loop: SimulationLoop) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        thread = threading.Thread(target=theirs.recv, args=(1,), daemon=True)
        thread.start()
        loop.pass_time(loop.time() + 3600.0)
        assert loop.elapsed == 3600.0
        # A second wait is a shorter one: it is known that they do not call back.
        assert loop._patience == IMPATIENCE
        loop.pass_time(loop.time() + 3600.0)
        assert loop.elapsed == 7200.0
        loop.call_soon_threadsafe(lambda: None)
        assert loop._patience == PATIENCE
        ours.send(b"x")
        thread.join()


def test_naps_are_short_after_a_thread_has_called_and_grow_until_the_next_call(
    loop: SimulationLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    monkeypatch.setattr(loop, "poll", naps.append)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        thread = threading.Thread(target=theirs.recv, args=(1,), daemon=True)
        thread.start()
        until = loop.time() + 3600.0
        for _ in range(8):
            assert loop.advance(until)
        assert naps[:2] == [SOON, 2 * SOON]
        assert naps[-1] == POLL
        loop.call_soon_threadsafe(lambda: None)
        loop.run_ready()
        assert loop.advance(until)
        assert naps[-1] == SOON
        ours.send(b"x")
        thread.join()


def test_a_copy_of_the_process_ends_when_it_comes_back_to_the_loop(loop: SimulationLoop) -> None:
    ran = []

    async def fork() -> None:
        reading, writing = os.pipe()
        if os.fork() == 0:
            loop.end_process()
            os.write(writing, b"app code")
            await asyncio.sleep(0)
            os.write(writing, b" and more")
        os.close(writing)
        with os.fdopen(reading, "rb") as told:
            ran.append(told.read())

    loop.create_task(fork())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        loop.run_ready()
    assert ran == [b"app code"]
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 0


def test_the_task_that_it_is_called_in_is_put_aside_meanwhile(monkeypatch) -> None:
    task, swapped = object(), []

    def swap(loop: object, other: object) -> object:
        swapped.append((loop, other))
        return task

    monkeypatch.setattr("wsreplay.simulation.current_task.swap", swap)
    ours = SimulationLoop()

    async def around() -> asyncio.AbstractEventLoop:
        with ours.entered():
            assert asyncio.get_running_loop() is ours
        return asyncio.get_running_loop()

    outer = asyncio.run(around())
    with ours.entered():
        pass
    ours.close()
    assert swapped == [(ours, None), (outer, task), (ours, None)]


def test_that_no_task_is_the_current_one_is_no_error(monkeypatch) -> None:
    def swap(loop: object, _other: object) -> object:
        raise KeyError(loop)

    monkeypatch.setattr("wsreplay.simulation.current_task.swap", swap)
    ours = SimulationLoop()
    with ours.entered():
        assert asyncio.get_running_loop() is ours
    ours.close()
