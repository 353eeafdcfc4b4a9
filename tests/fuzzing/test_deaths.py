"""A process that dies may die of what earlier scenarios have left behind."""

from __future__ import annotations

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
