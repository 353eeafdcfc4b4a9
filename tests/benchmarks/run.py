"""Ratios, all measured in one run: replaying against Starlette's TestClient and against driving the app by hand,
searching against Hypothesis alone, against pytest-routes and by two workers against one, decoding against running.

`python tests/benchmarks/run.py` prints the table; `--write` also puts it into docs/performance.md. pytest-routes and
this tool's plugin want the same flags: `--pytest-routes` names the Python of an environment that has it, and Starlette.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from wsreplay import generation
from wsreplay.config import Settings
from wsreplay.corpus import Store
from wsreplay.corpus.codec import decode_entry, encode_entry
from wsreplay.events import RouteFinished, RouteStarted, RunFinished
from wsreplay.fuzzing import fuzz
from wsreplay.fuzzing.campaign import campaign
from wsreplay.fuzzing.orders import Order
from wsreplay.model import Client, Connect, Entry, Scenario, Send
from wsreplay.replaying import replay
from wsreplay.simulation import Simulation
from wsreplay.sources import Sources
from wsreplay.workers.bench import Bench
from wsreplay.workers.channel import Channel

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
TABLE = re.compile(r"(<!-- from the benchmark -->\n).*?(<!-- end -->)", re.DOTALL)
ENTRIES = 10_000
PREDECESSOR = """
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

async def endpoint(websocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        await websocket.send_text(message.get("text") or "")

app = Starlette(routes=[WebSocketRoute("/ws", endpoint)])
"""
MESSAGES = tuple(f"message {number}" for number in range(5))
SCENARIO = Scenario("/ws", (Client("/ws"),), (Connect(0), *(Send(0, "text", message) for message in MESSAGES)))


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """Echo, without a framework."""
    if scope["type"] != "websocket":
        raise RuntimeError("no lifespan here")
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


async def _endpoint(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass


async def _tolerant(websocket: WebSocket) -> None:
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        await websocket.send_text(message.get("text") or "")


app = Starlette(routes=[WebSocketRoute("/ws", _endpoint)])
tolerant = Starlette(routes=[WebSocketRoute("/ws", _tolerant)])


def per_call(function: Callable[[], object], seconds: float) -> float:
    """Seconds that a call takes, in the median of seven rounds that together take about so many seconds."""
    function()
    started = time.perf_counter()
    function()
    calls = max(1, int(seconds / 7 / max(time.perf_counter() - started, 1e-7)))
    rounds = []
    for _ in range(7):
        started = time.perf_counter()
        for _ in range(calls):
            function()
        rounds.append((time.perf_counter() - started) / calls)
    return statistics.median(rounds)


def by_hand(target: Any) -> Callable[[], object]:
    """Drive the app with a receive and a send that do the least that is possible."""
    loop = asyncio.new_event_loop()
    scope = {"type": "websocket", "path": "/ws", "headers": [], "query_string": b"", "subprotocols": [], "app": None}

    async def exchange() -> None:
        incoming = [
            {"type": "websocket.connect"},
            *({"type": "websocket.receive", "text": message} for message in MESSAGES),
            {"type": "websocket.disconnect", "code": 1000},
        ]
        outgoing: list[Any] = []

        async def receive() -> Any:
            return incoming.pop(0)

        async def send(event: Any) -> None:
            outgoing.append(event)

        await target(dict(scope), receive, send)
        assert len(outgoing) == 1 + len(MESSAGES)

    return lambda: loop.run_until_complete(exchange())


def with_test_client(target: Any) -> Callable[[], object]:
    """The same exchange, as a test would be written."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from starlette.testclient import TestClient

        client = TestClient(target)

    def exchange() -> None:
        with client.websocket_connect("/ws") as session:
            for message in MESSAGES:
                session.send_text(message)
                assert session.receive_text() == message

    return exchange


@contextmanager
def simulated(target: Any) -> Iterator[Callable[[], Any]]:
    """The same exchange in the simulation."""
    simulation = Simulation(target, Sources(Path(__file__).parent))
    simulation.start()
    try:
        yield lambda: simulation.run(SCENARIO)
    finally:
        simulation.stop()


@contextmanager
def bench(name: str = "app") -> Iterator[Bench]:
    """A worker's bench for a Starlette app, in this process."""
    left, right = socket.socketpair()
    with left, right:
        made = Bench.prepare(Settings(target=f"run:{name}", app_dir=Path(__file__).parent), Channel(left))
        threading.Thread(target=_listen, args=(Channel(right),), daemon=True).start()
        try:
            yield made
        finally:
            made.flight.close()


def _listen(channel: Channel) -> None:
    """Take what a search tells, and let it go on."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            _, told = channel.receive()
            if type(told).__name__ == "Found":
                channel.send("go on")


def searching(sequences: int, name: str = "app") -> float:
    """Seconds of a whole search, one sequence."""
    with bench(name) as one:
        started = time.perf_counter()
        campaign(one, Order("/ws", 1, sequences))
        return (time.perf_counter() - started) / sequences


def together(workers: int, sequences: int) -> float:
    """Seconds of a whole search by several workers, one sequence; without the import of the target."""
    with tempfile.TemporaryDirectory() as directory:
        tried, started = 0, 0.0
        for event in fuzz(
            Settings(
                target="run:tolerant",
                app_dir=Path(__file__).parent,
                corpus=Path(directory),
                seed=1,
                max_examples=sequences,
                workers=workers,
            )
        ):
            if isinstance(event, RouteStarted) and not started:
                started = time.perf_counter()
            elif isinstance(event, RouteFinished):
                tried += event.sequences
        assert tried >= workers * sequences
        return (time.perf_counter() - started) / tried


def generating(sequences: int) -> float:
    """Seconds in which Hypothesis generates one of the same scenarios for an empty test."""
    with bench() as one:

        @seed(1)
        @settings(
            max_examples=sequences,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(generation.scenarios(one.endpoint("/ws"), generation.Options()))
        def nothing(_scenario: Scenario) -> None:
            pass

        started = time.perf_counter()
        nothing()
        return (time.perf_counter() - started) / sequences


def with_pytest_routes(python: str, sequences: int) -> float:
    """Seconds of a sequence of pytest-routes, without its start."""
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", "-c", os.devnull]
    command += ["--routes", "--routes-app", "predecessor:app", "--routes-websocket", "--routes-max-examples"]
    times = []
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "predecessor.py").write_text(PREDECESSOR)
        for count in (1, 1 + sequences):
            started = time.perf_counter()
            subprocess.run([*command, str(count)], cwd=directory, check=True, capture_output=True)
            times.append(time.perf_counter() - started)
    return (times[1] - times[0]) / sequences


def loading(entries: int) -> float:
    """The share that reading and decoding so many entries has in replaying them."""
    with tempfile.TemporaryDirectory() as directory, simulated(app) as run:
        store = Store(Path(directory))
        transcript = run()
        for number in range(entries):
            steps = (Connect(0), *(Send(0, "text", f"{message} of {number}") for message in MESSAGES))
            store.save(Entry(replace(SCENARIO, steps=steps), transcript))
        started = time.perf_counter()
        assert sum(isinstance(entry, Entry) for _, entry in store.entries()) == entries
        read = time.perf_counter() - started
        started = time.perf_counter()
        for event in replay(Settings(target="run:app", app_dir=Path(__file__).parent, corpus=Path(directory))):
            last = event
        assert isinstance(last, RunFinished)
        assert last.exit_code == 0
        return read / (time.perf_counter() - started)


def measured(seconds: float, sequences: int, python: str | None) -> list[tuple[str, str]]:
    """The rows of the table."""
    rows = []
    for name, target in (("bare ASGI", bare), ("Starlette", app)):
        with simulated(target) as run:
            ours, hand, client = (per_call(one, seconds) for one in (run, by_hand(target), with_test_client(target)))
        rows.append((f"{name} echo, 5 messages: sequences a second, against TestClient", f"{client / ours:.0f} times"))
        rows.append((f"{name} echo, 5 messages: sequences a second, against driving it by hand", f"{hand / ours:.0%}"))
    with simulated(app) as run:
        data = encode_entry(Entry(SCENARIO, run()))
        rows.append(
            (
                "decoding an entry, against running it (Starlette echo, 5 messages)",
                f"{per_call(lambda: decode_entry(data), seconds) / per_call(run, seconds):.0%} of the time",
            )
        )
    share = f"{loading(ENTRIES):.0%} of the time"
    rows.append((f"replaying a corpus of {ENTRIES:,} entries: reading and decoding them", share))
    if python is not None:
        theirs, ours = with_pytest_routes(python, sequences), searching(sequences, "tolerant")
        rows.append((f"searching, {sequences:,} sequences, against pytest-routes 0.4.1", f"{theirs / ours:.0f} times"))
    many = 10 * sequences
    rows.append(
        (
            f"searching, {many:,} sequences each, by two workers on {os.cpu_count()} cores, against one",
            f"{together(1, many) / together(2, many):.2f} times",
        )
    )
    rows.append(
        (
            f"searching, {sequences:,} sequences, against Hypothesis generating them for an empty test",
            f"{generating(sequences) / searching(sequences):.0%} of the speed",
        )
    )
    return rows


def main() -> None:
    """Print the table, and write it."""
    parser = argparse.ArgumentParser(description="Ratios of speed.")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each figure")
    parser.add_argument("--sequences", type=int, default=1000)
    parser.add_argument("--pytest-routes", metavar="PYTHON", help="of an environment that has it")
    options = parser.parse_args()
    lines = ["| what | ratio |", "| --- | --- |"]
    lines += [
        f"| {what} | {ratio} |" for what, ratio in measured(options.seconds, options.sequences, options.pytest_routes)
    ]
    print("\n".join(lines))
    if options.write:
        table = "\n".join(lines)
        PAGE.write_text(TABLE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", PAGE.read_text()))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
