"""Clients of several routes in one scenario: what breaks is told of the route whose handler it breaks."""

from __future__ import annotations

from wsreplay.events import EntryReplayed, FindingFound
from wsreplay.model import Send
from wsreplay.replaying import replay

SHARED = """
guests, orders = {}, []

async def texts(websocket: WebSocket):
    while (message := await websocket.receive())["type"] == "websocket.receive":
        yield message.get("text")

async def guest(websocket: WebSocket):
    await websocket.accept()
    guests[websocket] = True
    try:
        async for text in texts(websocket):
            if text == "order":
                orders.append(websocket)
            elif text == "shout":
                raise ValueError("not so loud")
            elif text == "poison":
                leave(3)
            elif text == "later":
                asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    finally:
        del guests[websocket]
        if websocket in orders and cooks == 0:
            orders.remove(websocket)

cooks = 0

async def cook(websocket: WebSocket):
    global cooks
    await websocket.accept()
    cooks += 1
    try:
        async for text in texts(websocket):
            if text == "serve" and orders:
                guests[orders.pop()]
    finally:
        cooks -= 1
        orders.clear()

app = Starlette(routes=[WebSocketRoute("/cooks", cook), WebSocketRoute("/guests", guest)])
"""


def of(events, route):
    return {one.finding.check: one for one in events if isinstance(one, FindingFound) and one.route == route}


def test_a_bug_is_told_of_the_route_whose_handler_it_breaks(project):
    project.write(SHARED)
    events = project.fuzz(max_examples=700, seed=9)
    cooks = of(events, "/cooks")
    assert set(cooks) == {"handler_crash"}
    found = cooks["handler_crash"]
    assert (found.finding.exception, found.finding.route, found.confirmed) == ("KeyError", "/cooks", True)
    assert [client.path for client in found.entry.scenario.clients] == ["/cooks", "/guests"]
    said = [step.data for step in found.entry.scenario.steps if isinstance(step, Send)]
    # Who shouts has to leave, too.
    assert said in (["order", "serve"], ["order", "shout", "serve"])
    # What the other route's clients do alone is told of theirs, and needs nobody else.
    guests = of(events, "/guests")
    assert set(guests) == {"handler_crash", "process_crash", "background_task_crash"}
    assert {one.finding.route for one in guests.values()} == {"/guests"}
    assert {client.path for one in guests.values() for client in one.entry.scenario.clients} == {"/guests"}

    replayed = {one.path: one for one in replay(project.settings()) if isinstance(one, EntryReplayed)}
    assert {replayed[str(project.directory / one.path)].verdict for one in (found, *guests.values())} == {"fail"}
    assert {one.verdict for one in replayed.values()} == {"fail", "pass"}


LEDGER = """
import contextlib

jobs, present = [], set()

@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.wake = asyncio.Event()
    async def work():
        while True:
            await app.state.wake.wait()
            app.state.wake.clear()
            while jobs:
                1 / jobs.pop()
    working = asyncio.create_task(work())
    yield
    working.cancel()

async def texts(websocket: WebSocket):
    while (message := await websocket.receive())["type"] == "websocket.receive":
        yield message.get("text")

async def clerk(websocket: WebSocket):
    await websocket.accept()
    async for text in texts(websocket):
        if text == "book":
            jobs.append(len(present) - 1)
            app.state.wake.set()

async def teller(websocket: WebSocket):
    await websocket.accept()
    present.add(websocket)
    async for text in texts(websocket):
        if text == "empty":
            jobs.append(0)
            app.state.wake.set()
    present.discard(websocket)

routes = [WebSocketRoute("/clerks", clerk), WebSocketRoute("/tellers", teller)]
app = Starlette(routes=routes, lifespan=lifespan)
"""


def test_what_happens_to_nobody_is_told_of_the_route_that_it_takes(project):
    project.write(LEDGER)
    events = project.fuzz(max_examples=500)
    for route, words in (("/clerks", ["book"]), ("/tellers", ["empty"])):
        found = of(events, route)["background_task_crash"]
        assert [step.data for step in found.entry.scenario.steps if isinstance(step, Send)] == words
