"""Whole fuzzing runs over small real apps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from wsreplay.errors import RouteError, TargetError
from wsreplay.events import EntryReplayed, EntrySaved, ReplayFinished, RouteFinished, RunFinished, RunStarted
from wsreplay.fuzzing import fuzz
from wsreplay.model import Close, Connect, Drop, Send
from wsreplay.replaying import replay

POLITE = """
    async def echo(websocket: WebSocket):
        await websocket.accept()
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            if event.get("text") is not None:
                await websocket.send_json({"length": len(event["text"])})
            else:
                await websocket.send_bytes(event["bytes"])

    app = Starlette(routes=[WebSocketRoute("/echo", echo)])
"""

BUGGY = """
    PRICES = {"tea": 3}

    async def orders(websocket: WebSocket):
        await websocket.accept()
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            text = event.get("text") or ""
            if text.startswith("{"):
                raise KeyError("price")
            if text == "":
                await asyncio.Event().wait()
            await websocket.send_text("ok")

    app = Starlette(routes=[WebSocketRoute("/orders", orders)])
"""


def checks_of(found):
    return sorted((event.finding.check, event.finding.exception) for event in found)


def test_a_correct_app_is_clean(project, found):
    project.write(POLITE)
    events = project.fuzz(max_examples=150)
    assert found(events) == []
    assert events[-1].exit_code == 0
    finished = [event for event in events if isinstance(event, RouteFinished)]
    assert len(finished) == 1
    assert finished[0].sequences >= 150
    assert finished[0].messages > 100
    assert finished[0].connections >= finished[0].sequences


def test_all_bugs_of_a_route_are_found_shrunk_and_saved_in_one_run(project, found):
    project.write(BUGGY)
    events = project.fuzz()
    assert checks_of(found(events)) == [("handler_crash", "KeyError"), ("hang", None)]
    assert events[-1].exit_code == 1
    for event in found(events):
        assert event.confirmed
        assert event.path is not None
        assert os.path.exists(os.path.join(os.getcwd(), event.path))
        assert len(event.entry.scenario.clients) == 1
        steps = event.entry.scenario.steps
        assert [type(step) for step in steps] == [Connect, Send]
    crash = next(event for event in found(events) if event.finding.check == "handler_crash")
    assert crash.entry.scenario.steps[1].data == "{"
    assert crash.finding.location.function == "orders"
    assert crash.finding.location.source == 'raise KeyError("price")'


def test_the_same_seed_gives_the_same_findings_and_the_same_bytes(project, found, tmp_path_factory):
    project.write(BUGGY)
    first = project.fuzz()
    before = project.bytes()
    project.corpus = tmp_path_factory.mktemp("again") / "corpus"
    second = project.fuzz()
    assert project.bytes() == before
    assert [e.finding for e in found(first)] == [e.finding for e in found(second)]
    assert [e.found_after for e in found(first)] == [e.found_after for e in found(second)]


def test_a_corpus_settles(project):
    project.write(POLITE)
    project.fuzz(seed=1)
    first = project.bytes()
    assert first
    events = project.fuzz(seed=2)
    second = project.bytes()
    assert {name: second[name] for name in first} == first
    new = [event for event in events if isinstance(event, EntrySaved)]
    assert len(second) == len(first) + len(new)
    events = project.fuzz(seed=2)
    assert project.bytes() == second
    assert not [event for event in events if isinstance(event, EntrySaved)]


def test_a_known_bug_is_replayed_first_and_not_found_again(project, found):
    project.write(BUGGY)
    project.fuzz()
    before = project.bytes()
    events = project.fuzz(seed=8)
    assert found(events) == []
    counts = next(event for event in events if isinstance(event, ReplayFinished)).counts
    assert counts["fail"] == 2
    assert events[-1].exit_code == 1
    assert set(before) <= set(project.bytes())


def test_a_bug_that_was_fixed_guards_from_then_on(project, found):
    project.write(BUGGY)
    project.fuzz()
    project.write(BUGGY.replace('raise KeyError("price")', "pass").replace("await asyncio.Event().wait()", "pass"))
    events = project.fuzz()
    counts = next(event for event in events if isinstance(event, ReplayFinished)).counts
    assert counts["fail"] == 0
    assert counts["pass"] >= 2
    assert found(events) == []
    project.write(BUGGY)
    counts = next(event for event in project.fuzz() if isinstance(event, ReplayFinished)).counts
    assert counts["fail"] == 2


def test_what_one_long_scenario_needs_more_of_than_several_is_added(project, found):
    project.write("""
    from wsreplay.simulation.scope import FIRST_PORT

    weight = 0

    async def handler(websocket: WebSocket):
        global weight
        await websocket.accept()
        # In one long scenario only the first client has this port.
        weight += 2 if websocket.scope["client"][1] == FIRST_PORT else 1
        opened = loaded = False
        while (message := await websocket.receive())["type"] != "websocket.disconnect":
            text = message.get("text")
            if text == "open":
                opened = True
            elif text == "load":
                loaded = opened
            elif text == "quit" and loaded and weight >= 6:
                raise RuntimeError("full")

    app = Starlette(routes=[WebSocketRoute("/full", handler)])
    """)
    events = project.fuzz(max_examples=200, max_clients=1)
    (one,) = found(events)
    assert one.confirmed
    assert len(one.entry.scenario.clients) == 5


def test_what_depends_on_earlier_scenarios_is_kept_with_them(project, found):
    project.write("""
    seen = []

    async def handler(websocket: WebSocket):
        await websocket.accept()
        seen.append(websocket)
        if len(seen) == 5:
            raise RuntimeError("full")
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass

    app = Starlette(routes=[WebSocketRoute("/full", handler)])
    """)
    events = project.fuzz(max_examples=30, max_clients=1)
    (one,) = found(events)
    assert one.finding.exception == "RuntimeError"
    assert one.confirmed
    scenario = one.entry.scenario
    assert len(scenario.clients) == 5
    assert one.entry.provenance.earlier == 4
    assert not [step for step in scenario.steps if isinstance(step, Send | Drop)]
    assert len([step for step in scenario.steps if isinstance(step, Close)]) <= 4


def test_a_handler_that_kills_its_process_costs_one_scenario(project, found):
    project.write("""
    async def handler(websocket: WebSocket):
        await websocket.accept()
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            if event.get("text") == "":
                os.kill(os.getpid(), signal.SIGSEGV)
            if event.get("bytes") == b"":
                raise ValueError("empty")

    app = Starlette(routes=[WebSocketRoute("/crash", handler)])
    """)
    events = project.fuzz(max_examples=80)
    checks = checks_of(found(events))
    assert ("process_crash", None) in checks
    assert ("handler_crash", "ValueError") in checks
    crash = next(event for event in found(events) if event.finding.check == "process_crash")
    assert "SIGSEGV" in crash.finding.detail
    assert crash.confirmed
    assert [type(step) for step in crash.entry.scenario.steps] == [Connect, Send]
    replayed = next(event for event in project.fuzz(max_examples=1) if isinstance(event, ReplayFinished))
    assert replayed.counts["fail"] == 2


def test_a_loop_that_swallows_every_interruption_is_found_and_survived(project, found):
    project.write("""
    async def handler(websocket: WebSocket):
        await websocket.accept()
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            while event.get("bytes") == b"":
                try:
                    while True:
                        pass
                except:
                    pass

    app = Starlette(routes=[WebSocketRoute("/deaf", handler)])
    """)
    events = project.fuzz(max_examples=40, block_limit=0.1)
    (one,) = found(events)
    assert one.finding.check == "blocked_loop"
    assert one.finding.location.function == "handler"
    assert one.confirmed


def test_a_blocking_call_is_found_and_shrunk_soon(project, found):
    project.write("""
    async def handler(websocket: WebSocket):
        await websocket.accept()
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            if event.get("bytes") == b"":
                time.sleep(3)

    app = Starlette(routes=[WebSocketRoute("/slow", handler)])
    """)
    events = project.fuzz(max_examples=60, block_limit=0.2)
    (one,) = found(events)
    assert (one.finding.check, one.finding.location.function) == ("blocked_loop", "handler")
    assert one.confirmed


def test_a_wait_for_a_second_player_is_no_hang(project, found):
    project.write("""
    waiting = []

    async def match(websocket: WebSocket):
        await websocket.accept()
        try:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            if waiting:
                waiting.pop().set()
            else:
                partner = asyncio.Event()
                waiting.append(partner)
                await partner.wait()
            await websocket.send_text("matched")
            await websocket.close()
        except WebSocketDisconnect:
            pass

    app = Starlette(routes=[WebSocketRoute("/match", match)])
    """)
    assert [e.finding for e in found(project.fuzz()) if e.finding.severity == "failure"] == []


def test_several_workers_search_with_seeds_of_their_own(project, found):
    project.write(BUGGY)
    events = project.fuzz(workers=2)
    assert {event.finding.check for event in found(events)} == {"handler_crash", "hang"}
    before = project.bytes()
    events = project.fuzz(workers=2)
    assert set(before) <= set(project.bytes())


def test_the_time_is_bounded_shrinking_included(project, found):
    project.write(BUGGY)
    started = time.monotonic()
    events = project.fuzz(max_examples=1_000_000, max_time=2.0)
    assert events[-1].timed_out
    # On a busy machine the time may be up before anything was found.
    assert events[-1].exit_code == (1 if found(events) else 0)
    # A generous bound: it must not have run for the millions of examples.
    assert time.monotonic() - started < 60


def test_the_seed_is_chosen_and_told_when_none_is_given(project):
    project.write(POLITE)
    started = next(fuzz(project.settings(seed=None)))
    assert isinstance(started, RunStarted)
    assert isinstance(started.seed, int)


def test_a_target_that_cannot_be_imported_is_an_error_before_anything_runs(project):
    project.write("import nowhere_to_be_found")
    with pytest.raises(TargetError, match="nowhere_to_be_found"):
        next(fuzz(project.settings()))


def test_a_target_whose_import_ends_the_process_is_an_error(project):
    project.write("leave(3)")
    with pytest.raises(Exception, match="exited with code 3"):
        next(fuzz(project.settings()))


def test_no_route_is_an_error(project):
    project.write("app = Starlette(routes=[])")
    with pytest.raises(RouteError):
        next(fuzz(project.settings()))


def test_a_corpus_that_cannot_be_written_loses_nothing(project, found):
    project.write(BUGGY)
    project.corpus.write_text("a file where a directory should be")
    with pytest.raises(Exception, match="corpus"):
        list(fuzz(project.settings()))


def test_ctrl_c_saves_and_reports_what_was_found(project):
    project.write(BUGGY)
    script = textwrap.dedent(f"""
        import os, signal, sys
        sys.path.insert(0, {str(project.directory)!r})
        from pathlib import Path
        from wsreplay.config import Settings
        from wsreplay.events import FindingFound, RunFinished
        from wsreplay.fuzzing import fuzz
        settings = Settings(target="{project.module}:app", app_dir=Path({str(project.directory)!r}),
                            corpus=Path({str(project.corpus)!r}), seed=7, max_examples=1_000_000)
        found = 0
        for event in fuzz(settings):
            if isinstance(event, FindingFound):
                found += 1
                if found == 2:
                    os.kill(os.getpid(), signal.SIGINT)
            if isinstance(event, RunFinished):
                print(found, event.exit_code, event.interrupted)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["2", "130", "True"]
    assert len(project.bytes()) >= 2


def test_a_parent_that_is_killed_leaves_whole_entries_and_no_worker_behind(project):
    project.write(BUGGY)
    script = textwrap.dedent(f"""
        import os, signal, sys
        from pathlib import Path
        from wsreplay.config import Settings
        from wsreplay.events import FindingFound
        from wsreplay.fuzzing import fuzz
        settings = Settings(target="{project.module}:app", app_dir=Path({str(project.directory)!r}),
                            corpus=Path({str(project.corpus)!r}), seed=7, max_examples=1_000_000)
        for event in fuzz(settings):
            if isinstance(event, FindingFound):
                os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL
    events = project.fuzz(max_examples=5)
    counts = next(event for event in events if isinstance(event, ReplayFinished)).counts
    assert counts["fail"] == 1
    assert counts["error"] == 0
    assert isinstance(events[-1], RunFinished)
    assert isinstance(events[0], RunStarted)


def test_what_is_kept_does_in_a_replay_what_it_did_though_the_app_has_a_memory(project):
    project.write("""
    visits = 0

    async def handler(websocket: WebSocket):
        global visits
        visits += 1
        await websocket.accept()
        while (message := await websocket.receive())["type"] == "websocket.receive":
            if visits > 3:
                await websocket.close(4001)
                return
            await websocket.send_text("welcome")
        if visits > 5:
            await asyncio.sleep(0)

    app = Starlette(routes=[WebSocketRoute("/club", handler)])
    """)
    assert project.fuzz(exclude_checks=("missing_close",))[-1].exit_code == 0
    entries = len(project.bytes())
    assert entries > 0
    verdicts = [event.verdict for event in replay(project.settings()) if isinstance(event, EntryReplayed)]
    assert verdicts == ["pass"] * entries
    before = project.bytes()
    assert project.fuzz(exclude_checks=("missing_close",))[-1].exit_code == 0
    assert project.bytes() == before


def test_without_a_number_of_examples_it_ends_when_nothing_new_shows(project):
    project.write(POLITE)
    events = project.fuzz(max_examples=None)
    (route,) = [event for event in events if isinstance(event, RouteFinished)]
    assert 1000 <= route.sequences < 20_000
    assert route.stopped == ""
