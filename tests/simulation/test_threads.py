"""Which threads count as work: each test holds its threads where it says they are by events, never by time."""

from __future__ import annotations

import queue
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from wsreplay.simulation.threads import _waits_for_work, working_threads


def _known() -> frozenset[threading.Thread]:
    return frozenset(threading.enumerate())


@contextmanager
def running(
    target: Callable[[], object], release: Callable[[], object], kind: type = threading.Thread
) -> Iterator[int]:
    """A thread inside `target`, which `release` lets end."""
    thread = kind(target=target, daemon=True)
    thread.start()
    try:
        yield thread.ident or 0
    finally:
        release()
        thread.join()


@contextmanager
def reading(kind: type = threading.Thread) -> Iterator[int]:
    """A thread that reads from a socket: work of which nobody knows when it ends."""
    ours, theirs = socket.socketpair()
    with ours, theirs, running(lambda: theirs.recv(1), lambda: ours.send(b"x"), kind) as identifier:
        yield identifier


def until_asleep(identifier: int, function: str) -> None:
    """Return when the thread's innermost Python frame is in `function`."""
    while sys._current_frames()[identifier].f_code.co_name != function:
        select.select([], [], [], 0.001)


def test_a_thread_that_does_something_works() -> None:
    known = _known()
    with reading() as identifier:
        assert working_threads(known) == (identifier,)
    assert working_threads(known) == ()


def test_a_single_thread_is_not_its_own_work() -> None:
    assert threading.get_ident() not in working_threads(frozenset())


def test_a_thread_that_was_there_before_is_scenery() -> None:
    with reading() as identifier:
        assert identifier not in working_threads(_known())


def test_a_pool_of_anyio_counts_even_if_it_was_there_before() -> None:
    worker = type("WorkerThread", (threading.Thread,), {"__module__": "anyio._backends._asyncio"})
    with reading(worker) as identifier:
        assert working_threads(_known()) == (identifier,)


def test_another_class_of_that_name_is_scenery() -> None:
    worker = type("WorkerThread", (threading.Thread,), {"__module__": "shop.workers"})
    with reading(worker) as identifier:
        assert identifier not in working_threads(_known())


def test_an_idle_pool_does_not_work() -> None:
    known = _known()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        (thread,) = pool._threads
        until_asleep(thread.ident or 0, "_worker")
        assert working_threads(known) == ()


def test_a_busy_pool_works() -> None:
    known = _known()
    ours, theirs = socket.socketpair()
    with ours, theirs, ThreadPoolExecutor(1) as pool:
        started = threading.Event()

        def read() -> bytes:
            started.set()
            return theirs.recv(1)

        done = pool.submit(read)
        started.wait()
        until_asleep(next(iter(pool._threads)).ident or 0, "read")
        assert len(working_threads(known)) == 1
        ours.send(b"x")
        done.result()


def test_a_thread_that_waits_for_somebody_without_end_does_not_work() -> None:
    known = _known()
    event = threading.Event()
    with running(event.wait, event.set) as identifier:
        until_asleep(identifier, "wait")
        assert working_threads(known) == ()


def test_a_wait_that_ends_by_itself_is_work() -> None:
    known = _known()
    event = threading.Event()
    with running(lambda: event.wait(1000), event.set) as identifier:
        until_asleep(identifier, "wait")
        assert working_threads(known) == (identifier,)


def test_a_thread_that_waits_for_its_next_task_does_not_work() -> None:
    known = _known()
    tasks: queue.LifoQueue[None] = queue.LifoQueue()
    with running(tasks.get, lambda: tasks.put(None)) as identifier:
        # Its innermost frame is the condition's wait, or the queue's own in C.
        while sys._current_frames()[identifier].f_code.co_name not in ("get", "wait"):
            select.select([], [], [], 0.001)
        assert working_threads(known) == ()


def test_a_thread_that_has_been_given_a_task_and_has_not_woken_up_yet_works() -> None:
    known = _known()
    tasks: queue.Queue[None] = queue.Queue()
    with running(tasks.get, lambda: tasks.put(None)) as identifier:
        until_asleep(identifier, "wait")
        tasks.queue.append(None)
        assert working_threads(known) == (identifier,)


def test_a_thread_that_python_has_not_started_yet_is_left_out() -> None:
    class Registered(threading.Thread):
        """Known to `threading`, without a frame of its own."""

    ghost = Registered()
    with reading():
        threading._limbo[ghost] = ghost  # type: ignore[attr-defined]
        try:
            assert len(working_threads(_known() - {ghost})) == 0
        finally:
            del threading._limbo[ghost]  # type: ignore[attr-defined]


def test_a_new_thread_with_the_identifier_of_an_old_one_works() -> None:
    known = _known() | {threading.Thread()}
    with reading() as identifier:
        for thread in known:
            thread._ident = thread.ident or identifier  # type: ignore[attr-defined]
        assert working_threads(known) == (identifier,)


def test_a_pool_that_has_not_taken_its_task_yet_works() -> None:
    known = _known()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        (thread,) = pool._threads
        until_asleep(thread.ident or 0, "_worker")
        frame = sys._current_frames()[thread.ident or 0]

        class Queue:
            """Its worker's queue, with an item in it that the worker has not seen yet."""

            f_code, f_locals, f_back = frame.f_code, {"work_queue": frame.f_locals["work_queue"]}, frame.f_back

        assert _waits_for_work(Queue)  # type: ignore[arg-type]
        filled = queue.SimpleQueue[int]()
        filled.put(1)
        Queue.f_locals = {"work_queue": filled}
        assert not _waits_for_work(Queue)  # type: ignore[arg-type]
        Queue.f_locals = {"work_queue": queue.SimpleQueue(), "work_item": 1}
        assert not _waits_for_work(Queue)  # type: ignore[arg-type]
        assert working_threads(known) == ()


def test_a_thread_whose_condition_has_come_about_and_that_has_not_woken_up_yet_works() -> None:
    known = _known()
    event = threading.Event()
    with running(event.wait, event.set) as identifier:
        until_asleep(identifier, "wait")
        while not event._cond._waiters:  # type: ignore[attr-defined]
            select.select([], [], [], 0.001)
        waiters = list(event._cond._waiters)  # type: ignore[attr-defined]
        event._cond._waiters.clear()  # type: ignore[attr-defined]
        assert working_threads(known) == (identifier,)
        event._cond._waiters.extend(waiters)  # type: ignore[attr-defined]
        assert working_threads(known) == ()
