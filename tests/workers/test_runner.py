"""Running scenarios in a worker: what the checks say, and the second thoughts before a finding counts."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time

import pytest

from wsreplay.checks import judge
from wsreplay.model import Client, Close, Connect, Drop, Finding, Frame, Scenario, Send
from wsreplay.workers import bench as benches
from wsreplay.workers.bench import MOST, Bench, belongings
from wsreplay.workers.channel import Channel
from wsreplay.workers.judging import death
from wsreplay.workers.runner import Runner


@pytest.fixture
def bench(settings):
    left, right = socket.socketpair()
    made = Bench.prepare(settings, Channel(left))
    yield made
    made.flight.close()
    left.close()
    right.close()


def scenario(path, *texts, end=()):
    steps = (Connect(0), *(Send(0, "text", text) for text in texts), *end)
    return Scenario(path, (Client(path),), steps)


def checks(outcome):
    return [finding.check for finding in outcome.findings]


def test_a_correct_exchange_has_no_finding(bench):
    with Runner(bench, "/echo") as runner:
        outcome = runner.run(scenario("/echo", "a", end=(Close(0),)))
    assert outcome.findings == ()
    assert not outcome.failed


def test_what_is_about_to_run_is_on_record(bench):
    with Runner(bench, "/echo") as runner:
        runner.run(scenario("/echo", "a"))
    assert b"/echo" in bench.flight.recorded


def test_a_hang_is_a_finding(bench):
    with Runner(bench, "/stuck") as runner:
        outcome = runner.run(scenario("/stuck", "a"))
        assert checks(outcome) == ["hang"]
        assert outcome.failed
        assert outcome.shows(outcome.findings[0].fingerprint)
        assert not outcome.shows("else")


@pytest.mark.parametrize("end", [(), (Close(0),), (Drop(0),)])
def test_a_wait_that_another_client_ends_is_none(bench, end):
    with Runner(bench, "/pair") as runner:
        assert checks(runner.run(scenario("/pair", "a", end=end))) == []
        assert checks(runner.run(scenario("/pair", "b", end=end))) == []


def test_tasks_that_every_idle_connection_leaves_are_not_reported(bench):
    with Runner(bench, "/tasks") as runner:
        assert checks(runner.run(scenario("/tasks", "a"))) == []
        leaking = runner.run(scenario("/tasks", "leak"))
    assert checks(leaking) == ["leaked_task"]
    assert not leaking.failed


def test_only_a_block_with_a_place_can_be_known(bench):
    with Runner(bench, "/echo") as runner:
        runner.know_block(Finding("hang", "failure", "/echo", "message", ""))
        runner.know_block(Finding("blocked_loop", "failure", "/echo", "blocked", "", location=Frame("a.py", 1, "f")))
        assert runner.run(scenario("/echo", "a")).findings == ()


def test_a_dead_process_is_a_finding_by_the_way_it_died():
    def of(how, *frames):
        made = scenario("/ws", "a")
        (finding,) = judge(made, death(made, how, frames))
        return finding

    one = of("was killed by signal 11 (SIGSEGV)")
    assert (one.check, one.cause) == ("process_crash", "was killed by signal 11")
    assert "SIGSEGV" in one.detail
    assert one.fingerprint != of("exited with code 1").fingerprint
    stuck = of("could not be interrupted", Frame("app.py", 3, "f"), Frame("lib.py", 1, "g", app=False))
    assert (stuck.check, stuck.location) == ("blocked_loop", Frame("app.py", 3, "f"))


def test_an_unknown_route_is_named(bench):
    with pytest.raises(Exception, match="/nowhere"):
        bench.endpoint("/nowhere")


def test_a_forked_process_that_runs_no_scenario_only_parts(settings):
    left, right = socket.socketpair()
    bench = Bench.prepare(settings, Channel(left))
    bench.part()
    with pytest.raises(OSError):
        bench.channel.send("not told")
    with pytest.raises(ValueError, match="closed"):
        bench.flight.beat()
    right.close()


def test_an_answer_without_end_needs_no_company(bench):
    with Runner(bench, "/echo") as runner:
        runner._bench.in_flight = None  # No scenario is run for it.
        finding = Finding("hang", "failure", "/echo", "reply", "", client=0)
        assert not runner._is_rendezvous(scenario("/echo"), finding)


def test_a_process_is_worn_by_what_is_gained_in_it(bench, monkeypatch):
    bench.belongings = before = belongings()
    assert not bench.worn(8)
    for place in range(3):
        gained = [
            now + (most + 1) * (place == index) for index, (now, most) in enumerate(zip(before, MOST, strict=True))
        ]
        monkeypatch.setattr(benches, "belongings", lambda gained=gained: tuple(gained))
        assert bench.worn(8)
        assert not bench.worn(7)


def test_children_are_counted_where_the_system_tells(monkeypatch):
    child = os.fork()
    if child == 0:
        time.sleep(60)
    try:
        assert belongings()[1] >= (1 if sys.platform == "linux" else 0)
        monkeypatch.setattr(benches.os, "getpid", lambda: -1)
        assert belongings()[1] == 0
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
