"""Every configured close code is tried, every offer of subprotocols made, and graceful shutdown verified for each."""

from __future__ import annotations

from wsreplay.events import RouteFinished

STUBBORN = """
    async def handler(websocket: WebSocket):
        await websocket.accept()
        while (event := await websocket.receive())["type"] != "websocket.disconnect":
            await websocket.send_text("ok")
        if event["code"] == 4321:
            await asyncio.Event().wait()

    app = Starlette(routes=[WebSocketRoute("/ws", handler)])
"""

PROTOCOLS = """
    async def handler(websocket: WebSocket):
        await websocket.accept(subprotocol="v2")
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass

    app = Starlette(routes=[WebSocketRoute("/ws", handler)])
"""


def test_a_handler_that_does_not_end_after_one_of_the_codes_is_found_in_a_handful(project, found):
    project.write(STUBBORN)
    events = project.fuzz(close_codes=(1000, 1001, 3000, 4321), max_examples=5)
    (one,) = found(events)
    assert one.finding.check == "shutdown_hang"
    assert one.entry.scenario.steps[-1].code == 4321
    (route,) = [event for event in events if isinstance(event, RouteFinished)]
    assert route.sequences == 5


def test_other_codes_end_it(project, found):
    project.write(STUBBORN)
    assert found(project.fuzz(close_codes=(1000, 1001, 3000), max_examples=5)) == []


def test_one_sequence_is_one_sequence(project):
    project.write(STUBBORN)
    (route,) = [event for event in project.fuzz(max_examples=1) if isinstance(event, RouteFinished)]
    assert route.sequences == 1


def test_a_subprotocol_that_was_not_offered_is_found(project, found):
    project.write(PROTOCOLS)
    checks = {event.finding.check for event in found(project.fuzz(max_examples=8))}
    assert "protocol_violation" in checks


def test_unless_that_is_nobodys_business(project, found):
    project.write(PROTOCOLS)
    checks = {event.finding.check for event in found(project.fuzz(max_examples=8, validate_subprotocols=False))}
    assert "protocol_violation" not in checks
