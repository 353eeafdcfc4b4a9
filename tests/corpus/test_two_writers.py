"""Two processes, and two threads, write the same corpus at once and lose nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from wsreplay.corpus import Store
from wsreplay.model import Entry

Make = Callable[..., Entry]

ENTRIES = 30

WRITER = """
import sys
from pathlib import Path
from wsreplay.corpus import Store
from wsreplay.model import *

directory, name, count = sys.argv[1:]
store = Store(Path(directory))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(count)):
    scenario = Scenario("/ws", (Client("/ws"),), (Connect(0), Send(0, "text", str(number))))
    finding = Finding("handler_crash", "failure", "/ws", "raised", "", name)
    store.save(Entry(scenario, Transcript((), (f"{name}:{number}",)), (finding,)))
    own = Scenario("/ws", (Client("/ws", name),), (Connect(0), Send(0, "text", str(number))))
    store.save(Entry(own, Transcript(())))
    print("saved", flush=True)
"""


def writer(directory: Path, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(directory), name, str(ENTRIES)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()


def entries_of(directory: Path) -> list[Entry]:
    entries = [entry for _, entry in Store(directory).entries()]
    assert all(isinstance(entry, Entry) for entry in entries)
    return entries  # type: ignore[return-value]


def test_two_processes_that_find_different_things_in_the_same_scenarios_lose_nothing(tmp_path: Path) -> None:
    with writer(tmp_path, "KeyError") as one, writer(tmp_path, "ValueError") as other:
        begin(one)
        begin(other)
        one.communicate()
        other.communicate()
        assert (one.returncode, other.returncode) == (0, 0)
    entries = entries_of(tmp_path)
    assert len(entries) == 3 * ENTRIES
    shared = [entry for entry in entries if entry.scenario.clients[0].query == ""]
    assert len(shared) == ENTRIES
    for entry in shared:
        assert {finding.exception for finding in entry.findings} == {"KeyError", "ValueError"}
        assert len(entry.transcript.features) == 2
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_writer_that_is_killed_leaves_only_whole_entries(tmp_path: Path) -> None:
    with writer(tmp_path, "KeyError") as process:
        begin(process)
        assert process.stdout is not None
        for _ in range(3):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert len(entries_of(tmp_path)) >= 6
    Store(tmp_path).clean()
    assert not list(tmp_path.rglob("*.tmp"))


def test_threads_that_share_a_store_lose_nothing(tmp_path: Path, entry: Make) -> None:
    store = Store(tmp_path)

    def write(bug: str) -> None:
        for number in range(10):
            store.save(entry(str(number), bugs=(bug,)))

    threads = [threading.Thread(target=write, args=(bug,)) for bug in ("KeyError", "ValueError", "TypeError")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = entries_of(tmp_path)
    assert len(entries) == 10
    assert all(len(entry.findings) == 3 for entry in entries)
