"""Eight processes write one corpus: new entries, the same entries, and what others have written."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from wsreplay.corpus import Store
from wsreplay.model import Entry

WRITERS = 8

WRITER = """
import random, sys, time
from dataclasses import replace
from pathlib import Path
from wsreplay.corpus import Sketch, Store
from wsreplay.corpus.sketches import discard
from wsreplay.model import *

directory, name, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
store, chance, saved = Store(directory), random.Random(name), []

def scenario(text, query=""):
    route = f"/route-{len(text) % 3}"
    return Scenario(route, (Client(route, query),), (Connect(0), Send(0, "text", text)))

def finding(one):
    return Finding("handler_crash", "failure", one.route, "raised", "", name)

print("ready", flush=True)
sys.stdin.readline()
end, number = time.monotonic() + seconds, 0
while time.monotonic() < end:
    number += 1
    # One that all have, one that only this process has, one that is there already, recorded anew.
    shared = scenario(str(chance.randrange(200)))
    store.save(Entry(shared, Transcript((), (f"by:{name}",)), (finding(shared),)))
    own = scenario(str(number), name)
    path = store.save(Entry(own, Transcript(())))
    if number % 3 == 0:
        store.set_state(path, State("accepted", name))
    if number % 5 == 0:
        store.replace(Entry(own, Transcript((), ("anew",))))
    if number % 7 == 0:
        extra = scenario(f"extra {number}", name)
        kept = Entry(extra, Transcript(()))
        assert discard(Sketch.of(store.save(kept), kept))
    if number % 50 == 0:
        for entry in (entry for _, entry in store.entries()):
            assert isinstance(entry, Entry) or "No such file" in str(entry), entry
    print(shared.steps[1].data, flush=True)
print("done", number)
"""


def written(directory: Path, seconds: float) -> int:
    """Let the processes write for so long, look at what there is then, and return how many entries there are."""
    commands = [[sys.executable, "-c", WRITER, str(directory), f"writer-{one}", str(seconds)] for one in range(WRITERS)]
    writers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for command in commands
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    told = [writer.communicate()[0].split() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * WRITERS
    entries = [entry for _, entry in Store(directory).entries()]
    wholes = [entry for entry in entries if isinstance(entry, Entry)]
    assert len(wholes) == len(entries)
    assert not [path for path in directory.rglob("*") if path.is_file() and path.suffix != ".msgpack"]
    # Nobody's finding is lost in the entries that all have written.
    shown = {(entry.scenario.steps[1].data, one.exception) for entry in wholes for one in entry.findings}  # type: ignore[union-attr]
    assert shown == {(text, f"writer-{one}") for one, lines in enumerate(told) for text in lines[:-2]}
    own = Counter(entry.scenario.clients[0].query for entry in wholes if entry.scenario.clients[0].query)
    assert own == {f"writer-{one}": int(lines[-1]) for one, lines in enumerate(told)}
    for entry in wholes:
        number = entry.scenario.steps[1].data  # type: ignore[union-attr]
        if entry.scenario.clients[0].query:
            assert (entry.state.name == "accepted") == (int(number) % 3 == 0)
            assert (entry.transcript.features == ("anew",)) == (int(number) % 5 == 0)
    return len(entries)


def test_eight_processes_lose_nothing(tmp_path: Path) -> None:
    assert written(tmp_path / "corpus", 1.5) > WRITERS


@pytest.mark.slow
def test_eight_processes_lose_nothing_in_a_minute(tmp_path: Path) -> None:
    assert written(tmp_path / "corpus", 60.0) > 100 * WRITERS
