"""What is found: the planted faults of tests/quality, against a test written by hand and against pytest-routes.

`python tests/benchmarks/finding.py` prints the table; `--write` also puts it into docs/quality.md. The test by hand is
what a person with Hypothesis and Starlette's TestClient writes in ten minutes: lists of texts, bytes and JSON documents
are sent, and no exception may come out. pytest-routes and this tool's plugin want the same flags: `--pytest-routes`
names the Python of an environment that has it, Starlette, FastAPI and Litestar. Each app has a process, and twenty
seconds.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

QUALITY = Path(__file__).parents[1] / "quality"
sys.path.insert(0, str(QUALITY))
measuring = importlib.import_module("measuring")

PAGE = Path(__file__).parents[2] / "docs" / "quality.md"
TABLE = re.compile(r"(<!-- from the benchmark -->\n).*?(<!-- end -->)", re.DOTALL)
SECONDS = 20
EXAMPLES = 100
SEQUENCES = 2000

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MESSAGES = st.lists(
    st.tuples(st.just("text"), st.text()) | st.tuples(st.just("bytes"), st.binary()) | st.tuples(st.just("json"), JSON),
    max_size=5,
)


def by_hand(name: str) -> None:
    """The test by hand; an exception says that it has found something."""
    module = importlib.import_module(name)
    with measuring.bench_of(name, getattr(module, "PATHS", ())) as bench:
        (endpoint,) = bench.endpoints
    path = re.sub(r"\{[^}]*\}", "1", endpoint.route.path)
    client = TestClient(module.app)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(MESSAGES)
    def test(messages: list[tuple[str, object]]) -> None:
        try:
            with client.websocket_connect(path) as session:
                for kind, value in messages:
                    getattr(session, f"send_{kind}")(value)
        except WebSocketDisconnect:
            pass

    test()


def finds(command: list[str]) -> bool:
    """Whether a command ends in its time and says that something was found. It runs where there is nothing else: pytest
    would collect our own tests, too.
    """
    environment = {**os.environ, "PYTHONPATH": str(QUALITY)}
    with tempfile.TemporaryDirectory() as empty:
        try:
            ran = subprocess.run(command, cwd=empty, env=environment, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return False
    return ran.returncode == 1


def hand_finds(name: str) -> bool:
    """Whether the test by hand finds something."""
    return finds([sys.executable, __file__, "--hand", name])


def pytest_routes_finds(python: str) -> Callable[[str], bool]:
    """Whether pytest-routes does."""
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", "-c", os.devnull]
    command += ["--routes", "--routes-websocket", "--routes-max-examples", str(EXAMPLES), "--routes-app"]
    return lambda name: finds([*command, f"{name}:app"])


def sequences_of(name: str) -> list[int]:
    """After how many sequences this tool has found the fault, seed by seed."""
    found = [measuring.search(name, number, SEQUENCES).found_after for number in (1, 2, 3)]
    return [one for one in found if one is not None]


def alarms(name: str) -> bool:
    """Whether this tool reports anything."""
    return bool(measuring.search(name, 1, SEQUENCES, fault=False).failures)


def counted(find: Callable[[str], bool], names: list[str]) -> str:
    """For how many of the apps it is true; two at a time, each in a process of its own."""
    with ThreadPoolExecutor(2) as pool:
        return str(sum(pool.map(find, names)))


def table(others: dict[str, Callable[[str], bool]]) -> list[str]:
    """The rows, by class of fault."""
    classes: dict[str, list[str]] = {}
    for name in measuring.FAULTY:
        fault = measuring.fault_of(measuring.imported(f"faulty.{name}"))
        classes.setdefault(fault.check, []).append(f"faulty.{name}")
    lines = [
        f"| faults | wsreplay, sequences (median, most) | {' | '.join(others)} |",
        "| --- " * (2 + len(others)) + "|",
    ]
    for check, names in sorted(classes.items()):
        counts = [sequences_of(name) for name in names]
        all_counts = sorted(count for each in counts for count in each) or [0]
        ours = f"{sum(len(each) == 3 for each in counts)} ({statistics.median(all_counts):.0f}, {all_counts[-1]})"
        theirs = [counted(find, names) for find in others.values()]
        lines.append(f"| {check}: {len(names)} | {' | '.join([ours, *theirs])} |")
        print(lines[-1], flush=True)
    correct = [f"correct.{name}" for name in measuring.CORRECT]
    theirs = [counted(find, correct) for find in others.values()]
    lines.append(
        f"| false alarms on correct apps: {len(correct)} | {sum(map(alarms, correct))} | {' | '.join(theirs)} |"
    )
    return lines


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What is found, against other ways to look for it.")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--hand", metavar="NAME", help="run the test by hand on one app, and nothing else")
    parser.add_argument("--pytest-routes", metavar="PYTHON", help="of an environment that has it")
    options = parser.parse_args()
    if options.hand:
        by_hand(options.hand)
        return
    others: dict[str, Callable[[str], bool]] = {"by hand": hand_finds}
    if options.pytest_routes:
        others["pytest-routes 0.4.1"] = pytest_routes_finds(options.pytest_routes)
    lines = table(others)
    print("\n".join(lines))
    if options.write:
        text = "\n".join(lines) + "\n"
        PAGE.write_text(TABLE.sub(lambda match: match[1] + text + match[2], PAGE.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
