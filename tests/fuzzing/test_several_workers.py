"""Several workers: what they find together does not depend on which of them is faster."""

from __future__ import annotations

from tests.fuzzing.conftest import Project
from wsreplay.corpus import Store
from wsreplay.events import FindingFound
from wsreplay.fuzzing import fuzz
from wsreplay.fuzzing.campaign import campaign
from wsreplay.fuzzing.confirming import try_in_worker
from wsreplay.fuzzing.route import RouteRun
from wsreplay.replaying import Replays
from wsreplay.workers import Launcher

BUGGY = """
async def orders(websocket: WebSocket):
    await websocket.accept()
    while (event := await websocket.receive())["type"] != "websocket.disconnect":
        text = event.get("text")
        if text is None:
            await websocket.send_bytes(event["bytes"])
        elif text == "":
            raise ValueError("empty")
        elif text.startswith("{"):
            raise KeyError("price")
        else:
            await websocket.send_text("ok")

app = Starlette(routes=[WebSocketRoute("/orders", orders)])
"""


def one_by_one(project: Project, *numbers: int) -> tuple[dict[str, bytes], set[str]]:
    """What the corpus holds after the workers' parts were done one after the other, and the fingerprints told."""
    project.corpus = project.directory / "-".join(["corpus", *map(str, numbers)])
    settings = project.settings(max_examples=80)
    with Launcher(settings, functions=(campaign, try_in_worker)) as launcher:
        (route,) = launcher.routes
        store = Store(project.corpus)
        runs = {number: RouteRun(settings, launcher, store, route, Replays(), number) for number in numbers}
        events = [event for number in numbers for event in runs[number].events()]
    return project.bytes(), fingerprints(events)


def fingerprints(events: list[object]) -> set[str]:
    return {event.finding.fingerprint for event in events if isinstance(event, FindingFound)}


def test_several_workers_find_what_their_parts_find_in_whatever_order_they_do(project: Project) -> None:
    project.write(BUGGY)
    first, bugs = one_by_one(project, 0)
    second, other_bugs = one_by_one(project, 1)
    # Both find the same bug with the same scenario, after another number of tries.
    assert any(first[name] != second[name] for name in first.keys() & second.keys())
    forwards, _ = one_by_one(project, 0, 1)
    assert one_by_one(project, 1, 0)[0] == forwards
    assert forwards.keys() == first.keys() | second.keys()
    project.corpus = project.directory / "together"
    events = list(fuzz(project.settings(max_examples=80, workers=2)))
    assert fingerprints(events) == bugs | other_bugs
    assert project.bytes() == forwards
