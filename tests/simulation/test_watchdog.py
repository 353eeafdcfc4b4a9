"""Blocks are real here, and ended by the watchdog: its limit is short, and each test ends when it has interrupted."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wsreplay.model import Frame
from wsreplay.simulation import watchdog as watchdogs
from wsreplay.simulation.exceptions import describe
from wsreplay.simulation.loop import SimulationLoop
from wsreplay.simulation.watchdog import LOOK, MAX_INTERRUPTIONS, POKE, Interrupted, Watchdog
from wsreplay.sources import MAX_DEPTH, MAX_FRAMES, Sources

LIMIT = 0.05


class Seen:
    """What a watchdog told."""

    def __init__(self) -> None:
        self.blocks: list[tuple[Frame, ...]] = []
        self.stuck: list[tuple[Frame, ...]] = []
        self.ticks = 0

    def tick(self) -> None:
        self.ticks += 1

    @property
    def functions(self) -> list[str]:
        """Where the blocks were: the function of the innermost application frame."""
        return [[frame.function.rpartition(".")[2] for frame in frames if frame.app][-1] for frames in self.blocks]


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def loop() -> Iterator[SimulationLoop]:
    loop = SimulationLoop()
    with loop.entered():
        yield loop
    loop.shut()


@pytest.fixture
def watchdog(loop: SimulationLoop, seen: Seen) -> Iterator[Watchdog]:
    sources = Sources(Path(__file__).parent)
    watchdog = Watchdog(loop, sources, LIMIT, seen.blocks.append, seen.stuck.append, seen.tick)
    watchdog.start()
    yield watchdog
    watchdog.stop()


def died(loop: SimulationLoop, function: Callable[[], object]) -> BaseException | None:
    """Call the function from a task of the loop's, and return what it raised."""

    async def call() -> None:
        function()

    task = loop.create_task(call())
    loop.run_ready()
    death: BaseException | None = task.exception()
    return death


def spin() -> None:
    while True:
        pass


def oversleep() -> None:
    time.sleep(1000)


def backtrack() -> None:
    re.match(r"(a+)+$", "a" * 200 + "b")


def derive() -> None:
    hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 2_000_000)


def swallow_errors() -> None:
    while True:
        try:
            spin()
        except Exception:
            continue


@pytest.mark.parametrize(
    ("function", "place"),
    [(spin, "spin"), (oversleep, "oversleep"), (backtrack, "backtrack"), (derive, "derive"), (swallow_errors, "spin")],
)
def test_what_holds_the_loop_is_interrupted_and_told(
    loop: SimulationLoop, watchdog: Watchdog, seen: Seen, function: Callable[[], None], place: str
) -> None:
    assert isinstance(died(loop, function), Interrupted)
    assert seen.functions == [place]
    assert seen.ticks > 0
    assert seen.stuck == []


def test_after_a_block_the_loop_goes_on(loop: SimulationLoop, watchdog: Watchdog, seen: Seen) -> None:
    died(loop, spin)
    assert died(loop, lambda: None) is None
    assert isinstance(died(loop, spin), Interrupted)
    assert len(seen.blocks) == 2


def test_what_swallows_one_interruption_is_interrupted_again_and_told_once(
    loop: SimulationLoop, watchdog: Watchdog, seen: Seen
) -> None:
    swallowed = []

    def stubborn() -> None:
        for _ in range(3):
            try:
                spin()
            except BaseException as exception:
                swallowed.append(type(exception))
        spin()

    assert isinstance(died(loop, stubborn), Interrupted)
    assert set(swallowed) == {Interrupted}
    assert len(seen.blocks) == 1


def test_what_swallows_everything_is_stuck(loop: SimulationLoop, watchdog: Watchdog, seen: Seen) -> None:
    swallowed = 0
    swallowed_outside: list[int] = []

    def listen() -> None:
        nonlocal swallowed
        try:
            while not seen.stuck:
                pass
        except:  # noqa: E722 - as applications write it
            swallowed += 1

    def deaf() -> None:
        # A second net: the interruption may come just outside the first.
        while not seen.stuck:
            try:
                listen()
            except:  # noqa: E722
                swallowed_outside.append(1)

    died(loop, deaf)
    assert len(seen.stuck) == 1
    assert swallowed + len(swallowed_outside) >= MAX_INTERRUPTIONS
    assert len(seen.blocks) == 1
    # What is done about it is not to be interrupted.
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_known_place_is_interrupted_as_well(loop: SimulationLoop, watchdog: Watchdog, seen: Seen) -> None:
    died(loop, spin)
    (frames,) = seen.blocks
    watchdog.know(frames[-1])
    assert isinstance(died(loop, spin), Interrupted)
    assert seen.functions == ["spin", "spin"]


def test_code_outside_the_app_is_left_alone(loop: SimulationLoop, watchdog: Watchdog, seen: Seen) -> None:
    start = seen.ticks
    while seen.ticks < start + 12:
        time.sleep(0.001)
    assert seen.blocks == []


def test_library_code_that_no_application_called_is_left_alone(seen: Seen, loop: SimulationLoop) -> None:
    # Seen from an app elsewhere, this very file is a library.
    sources = Sources(Path("/srv/shop"))
    sources._owned[__file__] = False
    watchdog = Watchdog(loop, sources, LIMIT, seen.blocks.append, None, seen.tick)
    watchdog.start()

    def wait() -> None:
        while seen.ticks < 12:
            pass

    assert died(loop, wait) is None
    watchdog.stop()
    assert seen.blocks == []


def test_the_machinery_of_the_loop_is_not_torn(loop: SimulationLoop, watchdog: Watchdog, seen: Seen) -> None:
    # Called by the loop itself: at each tick the innermost frame is the loop's.
    loop.call_soon(time.sleep, LIMIT * 3)
    loop.run_ready()
    assert seen.ticks > 0
    assert seen.blocks == []


def test_an_import_is_not_torn(
    loop: SimulationLoop, watchdog: Watchdog, seen: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_module_of_the_app.py").write_text("while TICKS() < LAST:\n    pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("builtins.TICKS", lambda: seen.ticks, raising=False)
    monkeypatch.setattr("builtins.LAST", seen.ticks + 12, raising=False)

    def load() -> None:
        __import__("slow_module_of_the_app")

    assert died(loop, load) is None
    assert seen.blocks == []


def test_the_timer_and_the_handler_are_given_back(loop: SimulationLoop, seen: Seen) -> None:
    def other(*_: object) -> None:
        raise AssertionError("nobody rings")

    before = signal.signal(signal.SIGALRM, other)
    try:
        watchdog = Watchdog(loop, Sources(Path(__file__).parent), LIMIT, seen.blocks.append)
        watchdog.stop()
        watchdog.start()
        assert watchdog.on
        watchdog.stop()
        watchdog.stop()
        assert not watchdog.on
        assert signal.getsignal(signal.SIGALRM) is other
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_without_anybody_to_tell_it_interrupts_for_ever(loop: SimulationLoop, seen: Seen) -> None:
    watchdog = Watchdog(loop, Sources(Path(__file__).parent), LIMIT, seen.blocks.append)
    watchdog.start()
    swallowed = 0

    def listen() -> None:
        nonlocal swallowed
        try:
            spin()
        except BaseException:
            swallowed += 1

    def deaf() -> None:
        # A second net: the interruption may come just outside the first.
        while swallowed < MAX_INTERRUPTIONS + 3:
            with contextlib.suppress(BaseException):
                listen()

    assert died(loop, deaf) is None
    watchdog.stop()
    assert len(seen.blocks) == 1


def test_in_another_thread_there_is_no_watchdog(loop: SimulationLoop, seen: Seen) -> None:
    watchdog = Watchdog(loop, Sources(Path(__file__).parent), LIMIT, seen.blocks.append)
    thread = threading.Thread(target=watchdog.start)
    thread.start()
    thread.join()
    assert not watchdog.on


def test_what_no_simulation_runs_is_left_alone(watchdog: Watchdog) -> None:
    code = compile("import sys\nframe = sys._getframe()", "/usr/lib/python3/json/tool.py", "exec")
    names: dict[str, Any] = {}
    thread = threading.Thread(target=exec, args=(code, names))
    thread.start()
    thread.join()
    watchdog._sources._owned["/usr/lib/python3/json/tool.py"] = False
    assert not watchdog._interruptible(names["frame"])


def test_the_timer_of_whoever_was_there_before_goes_on(loop, seen):
    gone_off = []
    previous = signal.signal(signal.SIGALRM, lambda *_: gone_off.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 1000, 7)
        one = Watchdog(loop, Sources(Path(__file__).parent), LIMIT, seen.blocks.append)
        one.start()
        one.stop()
        remaining, interval = signal.getitimer(signal.ITIMER_REAL)
        assert 900 < remaining <= 1000
        assert interval == 7
        signal.raise_signal(signal.SIGALRM)
        assert gone_off == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def test_watchdogs_may_stop_in_any_order(loop, seen):
    first, second = (Watchdog(loop, Sources(Path(__file__).parent), LIMIT, seen.blocks.append) for _ in range(2))
    first.start()
    second.start()
    first.stop()
    second.stop()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_outer_watchdog_goes_on_when_an_inner_one_stops(loop, seen):
    outer, inner = (Watchdog(loop, Sources(Path(__file__).parent), LIMIT, seen.blocks.append) for _ in range(2))
    outer.start()
    inner.start()
    inner.stop()
    assert signal.getitimer(signal.ITIMER_REAL)[1] > 0
    outer.stop()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_watchdog_that_is_not_on_takes_its_pace_when_it_starts(seen):
    loop = SimulationLoop()
    watchdog = Watchdog(loop, Sources(Path(__file__).parent), LIMIT, seen.blocks.append)
    watchdog.pace(2.0)
    assert not watchdog.on
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    watchdog.start()
    assert 0.1 < signal.getitimer(signal.ITIMER_REAL)[1] <= 2.0
    watchdog.stop()
    loop.shut()


def test_a_handler_of_the_apps_own_is_replaced_before_long(
    loop: SimulationLoop, watchdog: Watchdog, seen: Seen
) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    for _ in range(LOOK):
        watchdog.check()
    assert signal.getsignal(signal.SIGALRM) is watchdog._handler
    assert isinstance(died(loop, spin), Interrupted)


@pytest.mark.parametrize(
    "stop",
    [
        lambda: signal.signal(signal.SIGALRM, lambda *_: None),
        lambda: signal.setitimer(signal.ITIMER_REAL, 0),
    ],
)
def test_a_watchdog_that_the_app_has_stopped_is_nudged_from_outside(
    loop: SimulationLoop, watchdog: Watchdog, seen: Seen, stop: Callable[[], object]
) -> None:
    def hostile() -> None:
        stop()
        nudge.start()
        spin()

    nudge = threading.Timer(0.05, os.kill, (os.getpid(), POKE))
    assert isinstance(died(loop, hostile), Interrupted)
    assert seen.functions == ["spin"]


def test_a_faster_timer_of_the_apps_makes_no_block_of_what_is_none(
    loop: SimulationLoop, watchdog: Watchdog, seen: Seen
) -> None:
    watchdog.pace(1000.0)

    def busy() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        before = seen.ticks
        while seen.ticks < before + 20:
            pass

    assert died(loop, busy) is None
    assert seen.blocks == []


def test_what_is_busy_at_the_bottom_of_a_deep_recursion_is_interrupted(
    loop: SimulationLoop, watchdog: Watchdog, seen: Seen, deep: None
) -> None:
    def down(left: int) -> None:
        if left:
            down(left - 1)
        spin()

    death = died(loop, lambda: down(2 * MAX_DEPTH))
    assert isinstance(death, Interrupted)
    assert seen.functions == ["spin"]
    frames = describe(death, Sources(Path(__file__).parent)).frames
    assert len(frames) == MAX_FRAMES
    assert frames[0].function.endswith("call")
    assert frames[-1].function == "spin"


def test_a_recursion_without_a_bottom_is_interrupted_at_the_first_tick(
    loop: SimulationLoop, watchdog: Watchdog, seen: Seen, deep: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdogs, "BOTTOMLESS", MAX_DEPTH)
    watchdog.pace(1000.0)

    def down(left: int) -> None:
        if left:
            down(left - 1)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
        spin()

    assert isinstance(died(loop, lambda: down(2 * MAX_DEPTH)), Interrupted)
    assert seen.functions == ["spin"]


def test_a_nudge_shows_life_and_leaves_a_timer_that_runs_alone(
    loop: SimulationLoop, watchdog: Watchdog, seen: Seen
) -> None:
    watchdog.pace(1000.0)
    signal.setitimer(signal.ITIMER_REAL, 50, 200)
    before = seen.ticks
    signal.raise_signal(POKE)
    assert seen.ticks == before + 1
    assert signal.getitimer(signal.ITIMER_REAL)[0] <= 50
    signal.setitimer(signal.ITIMER_REAL, 50, 7)
    signal.raise_signal(POKE)
    assert signal.getitimer(signal.ITIMER_REAL)[1] == 200


def test_a_watchdog_that_tells_nobody_may_be_nudged(loop: SimulationLoop, seen: Seen) -> None:
    watchdog = Watchdog(loop, Sources(Path(__file__).parent), LIMIT, seen.blocks.append)
    watchdog.start()
    signal.raise_signal(POKE)
    watchdog.stop()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.fixture
def deep() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(4 * MAX_DEPTH)
    # What other tests have left behind is not to be collected, and interrupted, down there.
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    sys.setrecursionlimit(limit)
