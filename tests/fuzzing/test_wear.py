"""A process that app code has worn out is replaced, and one that does not come to an end in time is ended."""

from __future__ import annotations

from tests.fuzzing.conftest import Project, finished, routes
from wsreplay.events import FindingFound, Notice
from wsreplay.fuzzing import route as routing

RESTLESS = """
started = []

async def poll():
    while True:
        await asyncio.sleep(0)

async def console(websocket: WebSocket) -> None:
    await websocket.accept()
    assert len(started) < 2, "a worn process goes on"
    started.append(asyncio.ensure_future(poll()))
    async for _ in websocket.iter_text():
        pass

app = Starlette(routes=[WebSocketRoute("/console", console)])
"""


def test_what_runs_on_for_ever_without_a_pause_burdens_no_later_scenario(project: Project) -> None:
    project.write(RESTLESS)
    events = project.fuzz(max_examples=4, max_clients=1)
    assert [event.sequences for event in routes(events)] == [4]
    assert finished(events).exit_code == 0


SLUGGISH = """
async def console(websocket: WebSocket) -> None:
    await websocket.accept()
    message = await websocket.receive()
    if message.get("text") is not None:
        await asyncio.to_thread(time.sleep, 3600)
    if message["type"] != "websocket.disconnect":
        raise ValueError("bytes")

app = Starlette(routes=[WebSocketRoute("/console", console)])
"""


def test_what_is_in_the_middle_of_a_scenario_when_the_time_is_up_is_told(project: Project, monkeypatch) -> None:
    monkeypatch.setattr(routing, "GRACE", 0.3)
    project.write(SLUGGISH)
    events = project.fuzz(max_examples=400, max_time=4.0, max_clients=1)
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert notice.text == "/console: the time was up in the middle of a sequence, and its process was ended"
    assert {event.finding.exception for event in events if isinstance(event, FindingFound)} <= {"ValueError"}
    assert finished(events).timed_out
