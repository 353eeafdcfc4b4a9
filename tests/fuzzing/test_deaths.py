"""Processes that die: in every way there is, and of what earlier scenarios have left behind."""

from __future__ import annotations

import pytest

from tests.fuzzing.conftest import Project
from wsreplay.events import FindingFound
from wsreplay.model import Send

DRAINED = """
state = {"draining": False}

async def console(websocket: WebSocket) -> None:
    await websocket.accept()
    if (message := await websocket.receive()).get("text") == "drain":
        state["draining"] = True
        await websocket.send_text("draining")
    elif message.get("text") == "restart" and state["draining"]:
        leave(3)
    await websocket.close()

app = Starlette(routes=[WebSocketRoute("/console", console)])
"""


def test_a_death_is_kept_with_the_scenarios_that_it_needs(project: Project) -> None:
    project.write(DRAINED)
    events = project.fuzz(max_examples=400, max_clients=1)
    (found,) = [one for one in events if isinstance(one, FindingFound) and one.finding.check == "process_crash"]
    assert found.confirmed
    assert found.finding.severity == "failure"
    assert found.entry.provenance.earlier == 1
    assert [step.data for step in found.entry.scenario.steps if isinstance(step, Send)] == ["drain", "restart"]


DEADLY_WHEN_SMALL = """
async def handler(websocket: WebSocket) -> None:
    await websocket.accept()
    message = await websocket.receive()
    if message.get("text") in ("", "a"):
        leave(3)
    if message.get("text") is not None:
        raise ValueError("text")
    await websocket.close()

app = Starlette(routes=[WebSocketRoute("/handler", handler)])
"""


def test_a_bug_whose_shrinking_ends_the_process_is_not_lost(project: Project) -> None:
    project.write(DEADLY_WHEN_SMALL)
    events = project.fuzz(max_examples=6, max_clients=1)
    found = {one.finding.check: one for one in events if isinstance(one, FindingFound)}
    assert set(found) == {"process_crash", "handler_crash"}
    assert found["handler_crash"].confirmed
    (message,) = [step.data for step in found["handler_crash"].entry.scenario.steps if isinstance(step, Send)]
    assert len(message) == 1


DEADLY_AT_FIRST = """
async def handler(websocket: WebSocket) -> None:
    await websocket.accept()
    message = await websocket.receive()
    if message.get("text") == "":
        leave(3)
    if message["type"] == "websocket.disconnect":
        return
    message = await websocket.receive()
    if message.get("text"):
        raise ValueError("text")
    await websocket.close()

app = Starlette(routes=[WebSocketRoute("/handler", handler)])
"""


def test_what_is_known_to_end_the_process_is_not_tried_when_another_bug_is_made_smaller(project: Project) -> None:
    project.write(DEADLY_AT_FIRST)
    events = project.fuzz(max_examples=200, max_clients=1)
    found = [one for one in events if isinstance(one, FindingFound)]
    assert sorted(one.finding.check for one in found) == ["handler_crash", "process_crash"]
    (crash,) = [one for one in found if one.finding.check == "handler_crash"]
    assert [len(step.data) for step in crash.entry.scenario.steps if isinstance(step, Send)] == [1, 1]


EVERY_KIND = """
import ctypes, resource, sys

def stuck():
    # In C, where no signal is looked at.
    sum(range(10**13))

def exhausted():
    size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    if resource.getrlimit(resource.RLIMIT_AS)[1] == resource.RLIM_INFINITY:
        # Once a process: a limit may not be raised again.
        resource.setrlimit(resource.RLIMIT_AS, (size + (40 << 20),) * 2)
    bytearray(1 << 40)

def killed():
    os.kill(os.getpid(), signal.SIGKILL)

def handler(act):
    async def handle(websocket: WebSocket) -> None:
        await websocket.accept()
        while (message := await websocket.receive())["type"] != "websocket.disconnect":
            if message.get("text") == "":
                signal.setitimer(signal.ITIMER_REAL, 0)
                act()
            if message.get("bytes") == b"":
                raise ValueError("went on")
    return handle

ACTS = {
    "/segmentation-fault": lambda: ctypes.string_at(1),
    "/exit": lambda: os._exit(3),
    "/system-exit": lambda: sys.exit(4),
    "/abort": os.abort,
    "/killed": killed,
    "/no-memory": exhausted,
    "/stuck": stuck,
}
app = Starlette(routes=[WebSocketRoute(path, handler(act)) for path, act in ACTS.items()])
"""


def test_whatever_ends_a_process_is_found_and_the_search_goes_on(project: Project) -> None:
    project.write(EVERY_KIND)
    assert found_in(project, exclude=("/stuck",)) == {
        ("/segmentation-fault", "process_crash", "was killed by signal 11"),
        ("/exit", "process_crash", "exited with code 3"),
        ("/system-exit", "process_crash", "SystemExit"),
        ("/abort", "process_crash", "was killed by signal 6"),
        ("/killed", "process_crash", "was killed by signal 9"),
        ("/no-memory", "handler_crash", "MemoryError"),
    }


@pytest.mark.slow  # each try takes as long as a worker may be silent
def test_what_is_stuck_outside_python_code_is_found_and_the_search_goes_on(project: Project) -> None:
    project.write(EVERY_KIND)
    cause = "gave no sign of life, stuck outside Python code"
    assert found_in(project, include=("/stuck",)) == {("/stuck", "process_crash", cause)}


def found_in(project: Project, **changes: object) -> set[tuple[str, str, str]]:
    """What was found, save the exception that each route raises after all."""
    found = [one for one in project.fuzz(max_examples=40, max_clients=1, **changes) if isinstance(one, FindingFound)]
    assert [(one.route, one.finding) for one in found if not (one.confirmed and one.path)] == []
    seen = {(one.route, one.finding.check, one.finding.exception or one.finding.cause) for one in found}
    after = {one for one in seen if one[2] == "ValueError"}
    assert {one[0] for one in after} == {one[0] for one in seen}
    return seen - after
