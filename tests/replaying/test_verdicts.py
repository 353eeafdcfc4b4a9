"""What a replay says of an entry, for each thing that may have happened to the app since."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from wsreplay.corpus import Store
from wsreplay.errors import RouteError
from wsreplay.events import EntryReplayed, Notice, ReplayFinished, RunFinished
from wsreplay.model import Client, Entry, Scenario, Send, Transcript

ECHO = """
    async def echo(websocket: WebSocket):
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)

    app = Starlette(routes=[WebSocketRoute("/ws", echo)])
"""

CRASHING = ECHO.replace("await websocket.send_text(text)", 'raise KeyError("price")')


def test_an_unchanged_app_passes_and_no_byte_changes(replaying):
    replaying.write(ECHO)
    path = replaying.keep("a", "b")
    replaying.record()
    before = path.read_bytes()
    events = replaying.replay()
    assert events[-1] == RunFinished(events[-1].elapsed, 0)
    assert path.read_bytes() == before
    assert next(e for e in events if isinstance(e, ReplayFinished)).counts["pass"] == 1


def test_the_same_finding_fails_and_tells_it(replaying):
    replaying.write(CRASHING)
    replaying.keep("a")
    replaying.record()
    events = replaying.replay()
    assert events[-1].exit_code == 1
    again = replaying.one()
    assert again.verdict == "fail"
    assert again.findings[0].exception == "KeyError"
    assert again.transcript is not None
    assert again.entry is not None


def test_a_bug_that_is_fixed_passes_and_one_that_comes_back_fails(replaying):
    replaying.write(CRASHING)
    replaying.keep("a")
    replaying.record()
    replaying.write(ECHO)
    fixed = replaying.one()
    assert (fixed.verdict, fixed.entry.verdict) == ("pass", "fail")
    replaying.write(CRASHING)
    assert replaying.one().verdict == "fail"


def test_a_passing_entry_that_now_fails_is_changed_and_says_what_fails(replaying):
    replaying.write(ECHO)
    replaying.keep("a")
    replaying.record()
    replaying.write(CRASHING)
    changed = replaying.one()
    assert changed.verdict == "changed"
    assert changed.difference.startswith("now handler_crash")


def test_another_end_of_the_handler_is_a_change(replaying):
    replaying.write(ECHO)
    replaying.keep("a")
    replaying.record()
    replaying.write(ECHO.replace("await websocket.send_text(text)", "return await websocket.close(1008)"))
    changed = replaying.one()
    assert changed.verdict == "changed"
    assert "closed with 1008" in changed.difference


@pytest.mark.parametrize(
    ("match", "code", "verdict"),
    [
        ("close", 'await websocket.send_json({"n": 1})', "pass"),
        ("shape", 'await websocket.send_json({"n": 1})', "changed"),
        ("shape", "await websocket.send_text(text * 2)", "pass"),
        ("exact", "await websocket.send_text(text * 2)", "changed"),
        ("exact", "await websocket.send_text(text)", "pass"),
    ],
)
def test_how_closely_a_reply_must_match(replaying, match, code, verdict):
    replaying.write(ECHO)
    replaying.keep("a")
    replaying.record()
    replaying.write(ECHO.replace("await websocket.send_text(text)", code))
    assert replaying.one(match=match).verdict == verdict


def test_a_route_that_is_gone_makes_its_entries_stale(replaying):
    replaying.write(ECHO)
    replaying.keep("a", route="/gone")
    events = replaying.replay()
    assert events[-1].exit_code == 1
    stale = replaying.one()
    assert stale.verdict == "stale"
    assert "'/gone'" in stale.difference


def test_a_damaged_file_is_one_error_and_touches_no_other(replaying):
    replaying.write(ECHO)
    good, bad = replaying.keep("a"), replaying.keep("b")
    replaying.record()
    bad.write_bytes(bad.read_bytes()[:-3])
    seen = replaying.verdicts()
    assert seen[bad.stem].verdict == "error"
    assert seen[bad.stem].difference
    assert seen[good.stem].verdict == "pass"


def test_an_app_that_differs_from_run_to_run_is_flaky(replaying):
    replaying.write(
        ECHO.replace("await websocket.send_text(text)", "return await websocket.close(random.randrange(3000, 4999))")
    )
    replaying.keep("a")
    flaky = replaying.one()
    assert flaky.verdict == "flaky"
    assert "two runs differ" in flaky.difference


def test_a_bug_that_shows_now_and_then_is_flaky(replaying):
    replaying.write(ECHO.replace("await websocket.send_text(text)", "1 / random.randrange(2)"))
    replaying.keep("a")
    seen = replaying.one()
    assert seen.verdict == "flaky"
    assert "two runs differ" in seen.difference


def test_what_an_entry_leaves_behind_is_not_blamed_on_the_next(replaying):
    replaying.write("""
    seen = []

    async def handler(websocket: WebSocket):
        await websocket.accept()
        seen.append(1)
        if len(seen) > 1:
            raise RuntimeError("second")
        async for text in websocket.iter_text():
            pass

    app = Starlette(routes=[WebSocketRoute("/ws", handler)])
    """)
    replaying.keep("a")
    replaying.keep("b")
    replaying.keep("c")
    replaying.record()
    assert {seen.verdict for seen in replaying.verdicts().values()} == {"pass"}
    assert not any(seen.updated for seen in replaying.verdicts(update=True).values())


def test_an_entry_that_kills_its_process_fails_and_the_others_go_on(replaying):
    replaying.write(
        ECHO.replace("await websocket.send_text(text)", 'text == "die" and os.kill(os.getpid(), signal.SIGKILL)')
    )
    deadly, harmless = replaying.keep("die"), replaying.keep("live")
    seen = replaying.verdicts()
    assert seen[deadly.stem].verdict == "changed"
    assert "SIGKILL" in seen[deadly.stem].difference
    assert seen[harmless.stem].verdict in ("pass", "changed")
    replaying.record()
    assert replaying.verdicts()[deadly.stem].verdict == "fail"


def test_update_records_what_changed_and_keeps_the_rest(replaying):
    replaying.write(ECHO)
    path = replaying.keep("a")
    replaying.record()
    recorded = Store.load(path)
    assert recorded.transcript.events
    replaying.write(ECHO.replace("await websocket.send_text(text)", "return await websocket.close(1008)"))
    assert replaying.one(update=True).updated
    assert replaying.one().verdict == "pass"
    assert Store.load(path).scenario == recorded.scenario


def test_no_entry_is_an_error_that_says_what_to_do(replaying):
    replaying.write(ECHO)
    with pytest.raises(RouteError, match="wsreplay fuzz"):
        replaying.replay()


def test_a_selection_replays_only_what_it_names(replaying):
    replaying.write(ECHO)
    one, other = replaying.keep("a"), replaying.keep("b")
    replaying.record()
    assert set(replaying.verdicts(one.stem)) == {one.stem}
    assert set(replaying.verdicts(str(other))) == {other.stem}
    assert set(replaying.verdicts(str(one.parent))) == {one.stem, other.stem}


def test_ctrl_c_ends_a_replay_with_130(replaying):
    replaying.write(ECHO)
    for number in range(50):
        replaying.keep(str(number))
    script = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from wsreplay.config import Settings
        from wsreplay.events import RunFinished, RunStarted
        from wsreplay.replaying import replay
        settings = Settings(target="{replaying.module}:app", app_dir=Path({str(replaying.directory)!r}),
                            corpus=Path({str(replaying.store.directory)!r}))
        for event in replay(settings):
            if isinstance(event, RunStarted):
                os.kill(os.getpid(), signal.SIGINT)
            if isinstance(event, RunFinished):
                print(event.exit_code, event.interrupted)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["130", "True"]
    assert signal.SIGINT
    assert os.getpid()


def test_an_entry_that_dies_and_is_gone_by_then_is_an_error(replaying):
    replaying.write("""
        async def crash(websocket: WebSocket):
            await websocket.accept()
            for name in os.listdir(CORPUS):
                os.unlink(os.path.join(CORPUS, name))
            # Coverage saves at an exit, and a tick meanwhile would find it locked.
            signal.setitimer(signal.ITIMER_REAL, 0)
            os._exit(3)

        CORPUS = os.path.join(os.path.dirname(__file__), "corpus", "ws")
        app = Starlette(routes=[WebSocketRoute("/ws", crash)])
    """)
    path = replaying.keep("a")
    path.rename(replaying.directory / "corpus" / "ws" / path.name) if path.parent.name != "ws" else None
    seen = replaying.one()
    assert seen.verdict == "error"
    assert "cannot read" in seen.difference or "no such" in seen.difference.lower()


def test_a_scenario_that_contradicts_itself_is_an_error_that_says_why(replaying):
    replaying.write(ECHO)
    scenario = Scenario("/ws", (Client("/ws"),), (Send(0, "text", "too early"),))
    replaying.store.save(Entry(scenario, Transcript(())))
    seen = replaying.one()
    assert seen.verdict == "error"
    assert "connect" in seen.difference


def test_update_leaves_alone_what_is_no_change(replaying):
    replaying.write(CRASHING)
    path = replaying.keep("a")
    replaying.record()
    before = path.read_bytes()
    seen = replaying.one(update=True)
    assert (seen.verdict, seen.updated) == ("fail", False)
    assert path.read_bytes() == before


def test_update_records_that_a_bug_is_gone(replaying):
    replaying.write(CRASHING)
    path = replaying.keep("a")
    replaying.record()
    replaying.write(ECHO)
    assert replaying.one(update=True).updated
    assert Store.load(path).findings == ()
    assert not replaying.one(update=True).updated


UNSTEADY = """
    import itertools, json, time, uuid
    async def unsteady(websocket: WebSocket):
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_json({"id": random.getrandbits(64), "said": text})
            await websocket.send_text(f"it is {time.time_ns()}")

    app = Starlette(routes=[WebSocketRoute("/ws", unsteady)])
"""


def test_an_app_that_says_something_else_each_time_is_flaky_where_all_must_match_and_masks_are_told(replaying):
    replaying.write(UNSTEADY)
    replaying.keep("hello")
    replaying.record()
    assert replaying.one().verdict == "pass"
    flaky = replaying.one(match="exact")
    assert flaky.verdict == "flaky"
    assert flaky.difference.startswith("two runs differ: event ")
    told = r"--masks id --masks '/\d+(?:\.\d+)?/'"
    assert flaky.difference.endswith(f"the rest is comparable with {told}")
    masks = ("id", r"/\d+(?:\.\d+)?/")
    assert replaying.one(match="exact", masks=masks).verdict == "pass"
    replaying.write(UNSTEADY.replace("it is", "it was"))
    changed = replaying.one(match="exact", masks=masks)
    assert changed.verdict == "changed"
    assert "it is <masked>" in changed.difference


def test_a_key_that_is_masked_may_be_of_another_kind_under_shape(replaying):
    replaying.write(UNSTEADY)
    replaying.keep("hello")
    replaying.record()
    replaying.write(UNSTEADY.replace("random.getrandbits(64)", "'a7'"))
    assert replaying.one(match="shape").verdict == "changed"
    assert replaying.one(match="shape", masks=("id",)).verdict == "pass"


def test_where_no_mask_would_do_none_is_suggested(replaying):
    replaying.write("""
    import time
    async def unsteady(websocket: WebSocket):
        await websocket.accept()
        words = ["ant", "bee", "cat", "dog", "elk", "fox"]
        for word in sorted(words, key=lambda word: hash((word, time.perf_counter_ns()))):
            await websocket.send_text(word)

    app = Starlette(routes=[WebSocketRoute("/ws", unsteady)])
    """)
    replaying.keep("hello")
    replaying.record()
    flaky = replaying.one(match="exact")
    assert flaky.verdict == "flaky"
    assert "--masks" not in flaky.difference


def test_an_entry_that_takes_too_long_is_an_error_which_says_so(replaying):
    replaying.write(
        """
        import threading, time

        async def echo(websocket: WebSocket):
            await websocket.accept()
            async for text in websocket.iter_text():
                time.sleep(0.01)

        app = Starlette(routes=[WebSocketRoute("/ws", echo)])
        """
    )
    replaying.keep(*["x"] * 5_000)
    seen = replaying.one(scenario_limit=0.2)
    assert seen.verdict == "error"
    assert seen.difference.startswith("it takes more than 0.2 seconds of real time, and was cut short. ")
    assert "`scenario_limit`" in seen.difference


GREEDY = """
    import resource

    async def greedy(websocket: WebSocket):
        await websocket.accept()
        async for text in websocket.iter_text():
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
            await websocket.send_text(text)

    app = Starlette(routes=[WebSocketRoute("/ws", greedy)])
"""


def test_an_app_that_uses_up_what_it_takes_to_read_entries_makes_none_unreadable(replaying):
    replaying.write(ECHO)
    for message in ("a", "b", "c"):
        replaying.keep(message)
    replaying.record()
    replaying.write(GREEDY)
    assert [event.verdict for event in replaying.verdicts().values()] == ["pass"] * 3


def test_an_entry_that_somebody_removes_during_the_replay_has_no_verdict(replaying):
    replaying.write(ECHO)
    first, second = sorted((replaying.keep("a"), replaying.keep("b")))
    replaying.record()
    # The first entry is the app's chance to remove the other.
    replaying.write(
        f"    GONE = {str(second)!r}"
        + ECHO.replace("await websocket.accept()", "await websocket.accept()\n        os.unlink(GONE)")
    )
    events = replaying.replay()
    assert [event.path for event in events if isinstance(event, EntryReplayed)] == [str(first)]
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert notice.text == f"{second} is not replayed: somebody has removed it meanwhile"
    assert events[-1].exit_code == 0
