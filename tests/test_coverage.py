"""Traced code runs in processes of its own: tracing here would end the measurement of this very suite."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

BACKENDS = [
    pytest.param(
        "monitoring", marks=pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="the interpreter has none")
    ),
    "settrace",
]

PRELUDE = """
import importlib, json, linecache, sys, threading
from wsreplay.coverage import TOOLS, Tracer

sys.path.insert(0, DIRECTORY)

def owns(filename):
    return filename.startswith(DIRECTORY)

def name(filename):
    return filename.removeprefix(DIRECTORY + "/")

tracer = Tracer(owns, name)
measured = sys.gettrace()
sys.settrace(None)

def occupy():
    for tool in TOOLS if hasattr(sys, "monitoring") else ():
        sys.monitoring.use_tool_id(tool, "somebody")

def stop():
    tracer.stop()
    sys.settrace(measured)

def other(frame, event, argument):
    return None

def tell(*values):
    sys.settrace(measured)
    print(json.dumps([sorted(value) if isinstance(value, frozenset) else value for value in values]))

if BACKEND == "settrace":
    occupy()
"""

SAMPLE = """
import asyncio


def choose(value):
    if value > 1:
        result = "many"
    elif value == 1:
        result = "one"
    else:
        result = "none"
    return result


def count(limit):
    while limit:
        limit -= 1
        if limit == 2:
            continue
        if limit == 1:
            break
    else:
        limit = -1
    return limit


def attempt(text):
    try:
        number = int(text)
    except TypeError as error:
        return str(error)
    except ValueError:
        number = 0
    finally:
        text = None
    return number


def sort_out(message):
    match message:
        case {"type": "join", "room": str(room)} if (
            room
        ):
            return room
        case [first, *_]:
            return first
        case None:
            return "nothing"
        case _:
            return "else"


def gather(rows):
    kept = [
        row
        for row in rows
        if row % 2
    ]
    names = {str(row): (lambda: row) for row in rows}
    return sum(
        row for row in kept
        if row > 1
    ), [make() for make in names.values()]


def numbers(limit):
    for number in range(limit):
        got = yield number
        if got:
            return


def context(path):
    import contextlib

    with contextlib.suppress(KeyError):
        if {}[path]:
            path = "a"
    try:
        if path.missing:
            path = "b"
    except AttributeError:
        pass
    if path: path = "c"
    return path


async def ticks(limit):
    for number in range(limit):
        await asyncio.sleep(0)
        yield number


async def listen(limit):
    got = []
    async for number in ticks(limit):
        if await asyncio.sleep(0, number):
            got.append(number)
    async with asyncio.Lock():
        if got:
            return got
    if not got:
        raise RuntimeError("nothing")


def main():
    for value in (0, 1, 2):
        choose(value)
    for value in (0, 1, 4):
        count(value)
    for value in ("1", "x", None):
        attempt(value)
    for message in ({"type": "join", "room": "a"}, {"type": "join", "room": ""}, [1], None, 3):
        sort_out(message)
    gather([1, 2, 3])
    list(numbers(2))
    stopped = numbers(5)
    next(stopped)
    try:
        stopped.send(True)
    except StopIteration:
        pass
    context("p")
    for limit in (3, 1):
        try:
            asyncio.run(listen(limit))
        except RuntimeError:
            pass
"""

# By function: the way in, and from which line of it to which.
EXPECTED = {
    "attempt": "0 2-3 3-4 3-5 5-6",
    "choose": "0 1-2 1-3 3-4 3-6",
    "context": "0 11-12 7-9 9-10",
    "count": "0 1-2 1-8 3-4 3-5 5-1 5-6",
    "gather.<locals>.<genexpr>": "0",
    "gather.<locals>.<lambda>": "0",
    "gather": "0",
    "listen": "0 2-5 3-2 3-4 6-5 6-7 8-9",
    "main": "0 1-2 1-3 14-15 15-16 18-19 20-21 21-22 3-4 3-5 5-6 5-7 7-8 7-9",
    "numbers": "0 1-2 3-1 3-4",
    "sort_out": "0 2-5 2-6 6-7 6-8 8-10 8-9",
    "ticks": "0 1-2",
}


def run(directory: Path, script: str, backend: str = "settrace") -> list[object]:
    head = f"DIRECTORY = {str(directory)!r}\nBACKEND = {backend!r}\n"
    done = subprocess.run(
        [sys.executable, "-c", head + PRELUDE + textwrap.dedent(script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told: list[object] = json.loads(done.stdout)
    return told


def by_function(features: object) -> dict[str, str]:
    assert isinstance(features, list)
    found: dict[str, list[str]] = {}
    for feature in features:
        _, _, function, edge = feature.split(":")
        found.setdefault(function, []).append(edge)
    return {function: " ".join(edges) for function, edges in found.items()}


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_features_are_the_same_on_every_python_and_by_every_means(tmp_path: Path, backend: str) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE.removeprefix("\n"))
    script = """
        import sample
        tracer.start()
        sample.main()
        stop()
        tell(tracer.new())
    """
    (features,) = run(tmp_path, script, backend)
    assert by_function(features) == EXPECTED
    assert all(feature.startswith("cov:sample.py:") for feature in features)  # type: ignore[attr-defined]


CHOOSE = """
def choose(value):
    if value:
        return 1
    return 0
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_feature_is_told_once_until_all_is_forgotten(tmp_path: Path, backend: str) -> None:
    (tmp_path / "app.py").write_text(CHOOSE)
    script = """
        from app import choose
        tracer.start()
        told = []
        for value in (1, 1, 0, 0, 1):
            choose(value)
            told.append(sorted(tracer.new()))
        tracer.reset()
        choose(1)
        tracer.reset()
        told.append(sorted(tracer.new()))
        choose(0)
        stop()
        told.append(sorted(tracer.new()))
        choose(1)
        told.append(sorted(tracer.new()))
        tell(*told)
    """
    entry, yes, no = "cov:app.py:choose:0", "cov:app.py:choose:1-2", "cov:app.py:choose:1-3"
    assert run(tmp_path, script, backend) == [[entry, yes], [], [no], [], [], [], [entry, no], []]


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_runs_during_a_pause_shows_nothing_where_that_costs(tmp_path: Path, backend: str) -> None:
    (tmp_path / "app.py").write_text(CHOOSE)
    script = """
        from app import choose
        tracer.start()
        cheap = tracer.cheap
        tracer.pause()
        quiet = sys.gettrace() is None
        if not cheap:
            choose(0)
        tracer.resume()
        choose(1)
        stop()
        tell(cheap, quiet, tracer.new())
    """
    entry, yes = "cov:app.py:choose:0", "cov:app.py:choose:1-2"
    assert run(tmp_path, script, backend) == [backend == "monitoring", True, [entry, yes]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_edit_above_a_function_leaves_its_features_as_they_are(tmp_path: Path, backend: str) -> None:
    (tmp_path / "before.py").write_text(CHOOSE)
    (tmp_path / "after.py").write_text("import os\n\n" + CHOOSE)
    script = """
        import after, before
        tracer.start()
        after.choose(1)
        before.choose(1)
        stop()
        tell(tracer.new())
    """
    (features,) = run(tmp_path, script, backend)
    assert features == [f"cov:{file}.py:choose:{edge}" for file in ("after", "before") for edge in ("0", "1-2")]


@pytest.mark.parametrize("backend", BACKENDS)
def test_code_that_suspends_goes_on_where_it_was(tmp_path: Path, backend: str) -> None:
    (tmp_path / "app.py").write_text("def ask():\n    if (yield):\n        yield 1\n    yield 2\n")
    script = """
        import app
        before, within = app.ask(), app.ask()
        next(before)
        tracer.start()
        next(within)
        within.send(True)
        told = tracer.new()
        before.send(False)
        stop()
        tell(told, tracer.new())
    """
    inside, outside = run(tmp_path, script, backend)
    assert inside == ["cov:app.py:ask:0", "cov:app.py:ask:1-2"]
    # What began earlier is no entry; whether its first branch shows depends on the means.
    assert "cov:app.py:ask:0" not in outside  # type: ignore[operator]


@pytest.mark.parametrize("backend", BACKENDS)
def test_only_the_own_thread_and_owned_files_count(tmp_path: Path, backend: str) -> None:
    (tmp_path / "app.py").write_text(CHOOSE)
    script = """
        import app, textwrap
        tracer.start()
        thread = threading.Thread(target=app.choose, args=(1,))
        thread.start()
        thread.join()
        textwrap.dedent("x")
        told = tracer.new()
        app.choose(1)
        stop()
        tell(told, tracer.new())
    """
    elsewhere, here = run(tmp_path, script, backend)
    assert elsewhere == []
    assert here == ["cov:app.py:choose:0", "cov:app.py:choose:1-2"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("source", [None, "def choose(:", "\0"], ids=["gone", "broken", "binary"])
def test_code_without_readable_source_shows_its_entries_only(tmp_path: Path, backend: str, source: str | None) -> None:
    (tmp_path / "code.txt").write_text(CHOOSE)
    if source is not None:
        (tmp_path / "app.py").write_text(source)
    script = """
        space = {}
        exec(compile(open(DIRECTORY + "/code.txt").read(), DIRECTORY + "/app.py", "exec"), space)
        tracer.start()
        space["choose"](1)
        stop()
        tell(tracer.new())
    """
    assert run(tmp_path, script, backend) == [["cov:app.py:choose:0"]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_sum_of_thousands_of_terms_is_no_obstacle(tmp_path: Path, backend: str) -> None:
    (tmp_path / "app.py").write_text(CHOOSE + "TOTAL = " + "+".join("1" * 2000) + "\n")
    script = """
        import app
        tracer.start()
        app.choose(1)
        stop()
        tell(tracer.new())
    """
    assert run(tmp_path, script, backend) == [["cov:app.py:choose:0", "cov:app.py:choose:1-2"]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_is_left_behind(tmp_path: Path, backend: str) -> None:
    script = """
        free = [tool for tool in range(6) if not sys.monitoring.get_tool(tool)] if hasattr(sys, "monitoring") else []
        active = [tracer.active]
        tracer.start()
        tracer.start()
        active.append(tracer.active)
        tracer.stop()
        tracer.stop()
        active.append(tracer.active)
        still = [tool for tool in range(6) if not sys.monitoring.get_tool(tool)] if hasattr(sys, "monitoring") else []
        tell(active, free == still, sys.gettrace() is None)
    """
    assert run(tmp_path, script, backend) == [[False, True, False], True, True]


def test_a_trace_function_that_is_there_stays_and_is_not_disturbed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CHOOSE)
    script = """
        import app
        sys.settrace(measured or other)
        tracer.start()
        active = tracer.active
        tracer.reset()
        tracer.pause()
        tracer.resume()
        app.choose(1)
        tracer.stop()
        tell(active, sys.gettrace() is (measured or other), tracer.new())
    """
    assert run(tmp_path, script) == [False, True, []]


def test_a_debugger_that_took_our_place_keeps_it(tmp_path: Path) -> None:
    script = """
        tracer.start()
        sys.settrace(measured or other)
        tracer.start()
        active = tracer.active
        tracer.reset()
        tracer.pause()
        tracer.resume()
        tracer.stop()
        tell(active, sys.gettrace() is (measured or other), tracer.active)
    """
    assert run(tmp_path, script) == [True, True, False]


@pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="the interpreter has none")
def test_monitoring_works_beside_a_trace_function_and_another_tool(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CHOOSE)
    script = """
        import app
        calls = []
        def debugger(frame, event, argument):
            calls.append(frame.f_code.co_name)
        lines = []
        events = sys.monitoring.events
        sys.monitoring.use_tool_id(TOOLS[0], "somebody")
        sys.monitoring.register_callback(TOOLS[0], events.LINE, lambda code, line: lines.append(line))
        sys.monitoring.set_events(TOOLS[0], events.LINE)
        sys.settrace(debugger)
        tracer.start()
        app.choose(1)
        tracer.stop()
        before = len(lines)
        app.choose(1)
        sys.settrace(None)
        sys.monitoring.set_events(TOOLS[0], 0)
        tell(tracer.new(), calls.count("choose"), len(lines) > before, sys.monitoring.get_tool(TOOLS[0]))
    """
    told = run(tmp_path, script, "monitoring")
    assert told == [["cov:app.py:choose:0", "cov:app.py:choose:1-2"], 2, True, "somebody"]
