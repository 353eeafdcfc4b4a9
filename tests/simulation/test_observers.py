"""Exceptions that a framework keeps to itself."""

from __future__ import annotations

import logging

from litestar import Litestar, WebSocket, websocket
from quart import Quart
from quart import websocket as quart_socket

from wsreplay.model import Crashed


def test_an_exception_that_litestar_turns_into_a_close_is_seen_once(simulation, scenario):
    @websocket("/")
    async def desk(socket: WebSocket) -> None:
        await socket.accept()
        raise KeyError("price")

    one = simulation(Litestar([desk]))
    one.start()
    for _ in range(2):
        crashed = [event for event in one.run(scenario()).events if isinstance(event, Crashed)]
        assert [(event.source, event.name, event.raised.type) for event in crashed] == [
            ("framework", "litestar", "KeyError")
        ]


def test_an_exception_that_quart_turns_into_a_close_is_seen(events):
    app = Quart("desk")

    @app.websocket("/")
    async def desk():
        await quart_socket.accept()
        raise KeyError("price")

    assert ("framework", "quart") in [(one.source, one.name) for one in events(app, only=Crashed)]


def test_an_application_s_own_log_lines_are_its_own_affair(events):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            try:
                {}["price"]
            except KeyError:
                logging.getLogger("shop").exception("caught")
            logging.getLogger("shop").error("no exception")
            await send({"type": "websocket.close"})

    assert events(app, only=Crashed) == []


def test_no_handler_of_ours_stays_behind(simulation):
    before = list(logging.getLogger().handlers)

    async def app(scope, receive, send):
        return

    one = simulation(app)
    one.start()
    assert len(logging.getLogger().handlers) == len(before) + 1
    one.stop()
    assert logging.getLogger().handlers == before
