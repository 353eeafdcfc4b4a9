"""What an app that asks for the time is told."""

from __future__ import annotations

import asyncio
import sys
import time
import types

import pytest

from wsreplay.model import Wait
from wsreplay.simulation import clocks
from wsreplay.simulation.clocks import Clocks
from wsreplay.sources import Sources


async def impatient(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        names = ("time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "perf_counter_ns")
        before = {name: getattr(time, name)() for name in names}
        await asyncio.sleep(61)
        spent = [(getattr(time, name)() - before[name]) / (1e9 if name.endswith("ns") else 1) for name in names]
        await send({"type": "websocket.send", "text": repr(spent)})


def test_what_the_loop_jumps_over_has_passed_on_every_clock(said):
    real = time.monotonic()
    ((_, told),) = said(impatient, Wait(100))
    spent = [float(one) for one in told.strip("[]").split(",")]
    assert all(61 <= one < 100 for one in spent), spent
    assert len(spent) == 6
    assert time.monotonic() - real < 60, "outside of a run the time is what it is"


def test_outside_of_a_run_the_clocks_are_the_system_s(simulation, scenario):
    originals = [getattr(time, name) for name in (*clocks.SECONDS, *clocks.NANOSECONDS)]
    one = simulation(impatient)
    one.start()
    one.run(scenario(Wait(100)))
    assert [getattr(time, name) for name in (*clocks.SECONDS, *clocks.NANOSECONDS)] == originals


@pytest.fixture
def module(tmp_path, monkeypatch):
    made = types.ModuleType("app_with_a_clock")
    made.__file__ = str(tmp_path / "app_with_a_clock.py")
    made.monotonic = time.monotonic
    made.other = 7
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


def test_a_clock_that_the_app_s_module_has_imported_by_name_goes_along(module, tmp_path, monkeypatch):
    monkeypatch.setattr(clocks, "_skipped", [0.0])
    one = Clocks()
    one.know(Sources(tmp_path))
    one.enter()
    one.skip(1000.0)
    try:
        assert module.monotonic() - clocks._skipped[0] == pytest.approx(time.monotonic() - 1000.0, abs=60)
        assert module.other == 7
    finally:
        one.leave()
    assert module.monotonic is time.monotonic


def test_what_the_app_puts_in_the_place_of_a_clock_stays_there(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 7.0)
    mine = time.time
    one = Clocks()
    monkeypatch.setattr(time, "time", lambda: 8.0)
    theirs = time.time
    one.enter()
    assert time.time is theirs
    one.leave()
    assert time.time is theirs
    monkeypatch.setattr(time, "time", mine)
    one.enter()
    time.time = theirs
    one.leave()
    assert time.time is theirs


def test_no_more_is_skipped_than_timestamps_have_room_for(monkeypatch):
    monkeypatch.setattr(clocks, "_skipped", [0.0])
    for _ in range(10):
        Clocks.skip(1e7)
    assert clocks._skipped == [clocks.MOST_SKIPPED]
