"""The parent killed with signal 9, at any moment: the corpus is whole, nobody survives it, the next run goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from tests.fuzzing.conftest import Project
from wsreplay.corpus import Store
from wsreplay.events import ReplayFinished, RunFinished
from wsreplay.model import Entry

BUGGY = """
async def orders(websocket: WebSocket):
    await websocket.accept()
    while True:
        event = await websocket.receive()
        if event["type"] == "websocket.disconnect":
            return
        text = event.get("text")
        if text is None:
            await websocket.send_bytes(event["bytes"])
            continue
        if text.startswith("{"):
            raise KeyError("price")
        if text.startswith("["):
            raise IndexError("items")
        if text == "":
            await asyncio.Event().wait()
        if text.isdigit():
            raise ValueError("number")
        await websocket.send_json({"length": len(text)})

app = Starlette(routes=[WebSocketRoute("/orders", orders)])
"""

SCRIPT = """
import os, signal, sys
from pathlib import Path
from wsreplay.config import Settings
from wsreplay.events import EntrySaved, FindingFound
from wsreplay.fuzzing import fuzz

target, directory, corpus, seed, operation, number = sys.argv[1:]

def deadly(name, before):
    def call(*arguments, **more):
        global left
        # Only what is done to files of the corpus counts.
        if name == "fsync" or str(arguments[0]).startswith(corpus):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return before(*arguments, **more)
    return call

left = int(number)
if operation:
    setattr(os, operation, deadly(operation, getattr(os, operation)))
settings = Settings(target=target, app_dir=Path(directory), corpus=Path(corpus), seed=int(seed), max_examples=60)
print("begun", flush=True)
for event in fuzz(settings):
    if isinstance(event, (EntrySaved, FindingFound)):
        print(event.path, flush=True)
"""


def killed(
    project: Project, seed: int, operation: str, number: int = 0, seconds: float = 0.0, sign: Path | None = None
) -> list[str]:
    """The files that a run had told of when it was killed: over some use of a function of `os`, or after a time, or
    when there is a sign.
    """
    mark = uuid.uuid4().hex
    command = [sys.executable, "-c", SCRIPT, f"{project.module}:app", str(project.directory), str(project.corpus)]
    command += [str(seed), operation, str(number)]
    environment = {**os.environ, "MARK_OF_THE_TEST": mark}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, cwd=project.directory
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        if not operation:
            time.sleep(seconds)
            while sign is not None and not sign.exists():
                time.sleep(0.02)
            process.kill()
        told = process.stdout.read().split()
    assert process.returncode in (-signal.SIGKILL, 0)
    assert nobody_has(mark)
    return told


def nobody_has(mark: str) -> bool:
    """Whether no process lives that has the mark in its environment; what was killed is given time to be gone."""
    for _ in range(100):
        if not any(mark in environment(process) for process in Path("/proc").glob("[0-9]*")):
            return True
        time.sleep(0.05)
    return False


def environment(process: Path) -> str:
    try:
        return (process / "environ").read_text(errors="replace")
    except OSError:
        return ""


def whole(project: Project, told: list[str]) -> bool:
    """Whether all that is in the corpus can be read, and all that was told of is in it."""
    entries = dict(Store(project.corpus).entries())
    return all(isinstance(entry, Entry) for entry in entries.values()) and set(told) <= {
        str(path.relative_to(project.directory)) for path in entries
    }


def goes_on(project: Project) -> bool:
    events = project.fuzz(max_examples=5)
    counts = [event.counts for event in events if isinstance(event, ReplayFinished)]
    assert all(count["error"] == 0 for count in counts)
    end = events[-1]
    return isinstance(end, RunFinished) and not end.problems


def test_a_parent_that_is_killed_over_its_writing_leaves_a_whole_corpus(project: Project) -> None:
    project.write(BUGGY)
    for seed, (operation, number) in enumerate((("open", 2), ("fsync", 3), ("replace", 2))):
        told = killed(project, seed, operation, number)
        assert whole(project, told)
    assert list(project.corpus.rglob("*.tmp"))
    assert goes_on(project)
    assert not list(project.corpus.rglob("*.tmp"))


def test_a_parent_that_is_killed_at_any_moment_leaves_a_whole_corpus_and_no_process(project: Project) -> None:
    project.write(BUGGY)
    assert whole(project, killed(project, 3, "", seconds=0.7))


IMPORTING = """
import time
open(os.path.join(os.path.dirname(__file__), "importing"), "w").close()
time.sleep(3600)
"""


def test_a_parent_that_is_killed_while_the_target_is_imported_leaves_no_process(project: Project) -> None:
    project.write(IMPORTING)
    assert killed(project, 1, "", sign=project.directory / "importing") == []


@pytest.mark.slow
def test_a_hundred_kills_lose_nothing(project: Project) -> None:
    project.write(BUGGY)
    chance = random.Random(5)
    told_of = 0
    for seed in range(100):
        project.corpus = project.directory / f"corpus-{seed}"
        operation = chance.choice(("", "", "open", "fsync", "replace"))
        told = killed(project, seed, operation, chance.randrange(1, 40), chance.uniform(0.0, 4.0))
        assert whole(project, told), seed
        assert goes_on(project), seed
        told_of += len(told)
    assert told_of > 100
