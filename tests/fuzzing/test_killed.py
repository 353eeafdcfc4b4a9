"""Workers that somebody kills from outside, with signal 9: no finding, and the run goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from tests.fuzzing.conftest import Project
from wsreplay.events import EngineEvent, EntryReplayed, FindingFound, Notice, Progress, RunFinished
from wsreplay.fuzzing import fuzz
from wsreplay.fuzzing import route as routes
from wsreplay.replaying import replay

ECHO = """
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


def children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(word) for word in (task / "children").read_text().split()]
    return found


def workers() -> list[int]:
    """The processes that were forked from one that has the target loaded."""
    return [worker for home in children(os.getpid()) for worker in children(home)]


def kill(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def run(project: Project, victims: str, times: int, **changes: object) -> Iterator[EngineEvent]:
    """Fuzz, kill workers (or what they are forked from) some times, and stop when the search has gone on after that."""
    killed, told, progress = 0, 0, 0
    for event in fuzz(project.settings(max_examples=1_000_000, **changes)):
        told += isinstance(event, Notice)
        if isinstance(event, Progress) and killed < times and told >= killed and workers():
            kill(workers()[:1] if victims == "worker" else children(os.getpid()))
            killed += 1
        elif isinstance(event, Progress) and told >= times:
            progress += 1
            if progress == 2:
                os.kill(os.getpid(), signal.SIGINT)
        yield event


def test_a_worker_that_is_killed_from_outside_is_told_and_is_no_finding(project: Project) -> None:
    project.write(ECHO)
    events = list(run(project, "worker", 2))
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert len(notices) == 2
    for notice in notices:
        assert notice.startswith("a worker was killed by signal 9 (SIGKILL) while it searched /echo")
    assert not [event for event in events if isinstance(event, FindingFound)]
    assert isinstance(events[-1], RunFinished)
    assert events[-1].problems == ()
    assert project.bytes()


def test_when_the_process_that_has_the_target_loaded_is_killed_another_takes_its_place(project: Project) -> None:
    project.write(ECHO)
    events = list(run(project, "home", 1, workers=2))
    assert not [event for event in events if isinstance(event, FindingFound)]
    assert isinstance(events[-1], RunFinished)
    assert events[-1].interrupted


KILLED = """
FLAG = os.path.join(os.path.dirname(__file__), "killed")

async def once(websocket: WebSocket):
    await websocket.accept()
    while (event := await websocket.receive())["type"] != "websocket.disconnect":
        if event.get("text") == "" and not os.path.exists(FLAG):
            open(FLAG, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        if event.get("text") == "":
            raise KeyError("empty")
        await websocket.send_text("ok")

app = Starlette(routes=[WebSocketRoute("/once", once)])
"""


def test_what_was_running_when_a_worker_was_killed_is_not_left_out_afterwards(project: Project) -> None:
    project.write(KILLED)
    events = project.fuzz(max_examples=300)
    assert len([event for event in events if isinstance(event, Notice)]) == 1
    (found,) = [event for event in events if isinstance(event, FindingFound)]
    assert (found.finding.exception, found.confirmed) == ("KeyError", True)


DEADLY = """
async def deadly(websocket: WebSocket):
    await websocket.accept()
    while (event := await websocket.receive())["type"] != "websocket.disconnect":
        if event.get("text") == "":
            os.kill(os.getpid(), signal.SIGKILL)
        await websocket.send_text("ok")

app = Starlette(routes=[WebSocketRoute("/deadly", deadly)])
"""


def test_an_app_that_kills_its_own_process_is_a_finding_all_the_same(project: Project) -> None:
    project.write(DEADLY)
    events = project.fuzz(max_examples=100)
    (found,) = [event for event in events if isinstance(event, FindingFound)]
    assert (found.finding.check, found.confirmed) == ("process_crash", True)
    assert not [event for event in events if isinstance(event, Notice)]


SHRUNK = """
FLAG = os.path.join(os.path.dirname(__file__), "killed")

async def crash(websocket: WebSocket):
    await websocket.accept()
    while (event := await websocket.receive())["type"] != "websocket.disconnect":
        text = event.get("text") or ""
        if len(text) == 1 and not os.path.exists(FLAG):
            open(FLAG, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        if text:
            raise KeyError("text")

app = Starlette(routes=[WebSocketRoute("/crash", crash)])
"""


def test_a_bug_is_kept_as_a_failure_when_the_worker_is_killed_over_its_shrinking(project: Project) -> None:
    project.write(SHRUNK)
    events = project.fuzz(max_examples=40)
    (found,) = [event for event in events if isinstance(event, FindingFound)]
    assert (found.finding.exception, found.confirmed) == ("KeyError", True)


def test_a_worker_that_is_killed_during_a_replay_changes_no_verdict(project: Project) -> None:
    project.write(ECHO)
    project.fuzz(max_examples=100)
    project.write(
        ECHO.replace(
            "        if event.get",
            """
        flag = os.path.join(os.path.dirname(__file__), "killed")
        if event.get("text") is not None and not os.path.exists(flag):
            open(flag, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        if event.get""",
            1,
        )
    )
    events = list(replay(project.settings()))
    verdicts = {event.verdict for event in events if isinstance(event, EntryReplayed)}
    assert verdicts == {"pass"}
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert "SIGKILL" in notice.text
    assert isinstance(events[-1], RunFinished)
    assert events[-1].exit_code == 0


def test_a_target_whose_first_worker_is_killed_while_it_starts_is_searched_all_the_same(project: Project) -> None:
    project.write(
        ECHO
        + """
flag = os.path.join(os.path.dirname(__file__), "killed")

async def lifespan(scope, receive, send):
    if scope["type"] == "lifespan" and not os.path.exists(flag):
        open(flag, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    await whole(scope, receive, send)

whole, app = app, lifespan
"""
    )
    events = project.fuzz(max_examples=20, paths=("/echo",))
    assert not [event for event in events if isinstance(event, FindingFound)]
    assert isinstance(events[-1], RunFinished)
    assert events[-1].exit_code == 0


def test_a_search_that_is_given_up_says_so(project: Project, monkeypatch) -> None:
    monkeypatch.setattr(routes, "MAX_RESTARTS", 1)
    project.write(DEADLY)
    (notice,) = [event for event in project.fuzz(max_examples=1000) if isinstance(event, Notice)]
    assert notice.text == "the search of /deadly was given up, as 1 of its processes had ended"
