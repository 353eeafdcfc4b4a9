"""Exceptions that a framework keeps to itself."""

from __future__ import annotations

import asyncio
import logging
import sys

import pytest
from litestar import Litestar, WebSocket, websocket
from quart import Quart
from quart import websocket as quart_socket

from wsreplay.model import Crashed
from wsreplay.simulation.litestar_hooks import LitestarHooks


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


def test_every_app_of_a_factory_is_watched_and_none_after_the_end(simulation, scenario):
    made = []

    def factory():
        @websocket("/")
        async def desk(socket: WebSocket) -> None:
            await socket.accept()
            raise KeyError("price")

        made.append(Litestar([desk]))
        return made[-1]

    one = simulation(factory, factory=True)
    one.start()
    for _ in range(3):
        assert [event.name for event in one.run(scenario()).events if isinstance(event, Crashed)] == ["litestar"]
    one.stop()
    assert list(made[-1].after_exception) == []


def test_hooks_of_the_apps_own_stay_its_own_whatever_ends_first():
    app = Litestar([])
    first, second = LitestarHooks("first"), LitestarHooks("second")
    first.add()
    first.add()
    second.add()
    assert list(app.after_exception) == ["first", "second"]
    app.after_exception.append("own")
    first.remove()
    assert list(app.after_exception) == ["own", "second"]
    second.remove()
    assert list(app.after_exception) == ["own"]


def test_without_a_framework_nothing_of_it_is_looked_for(simulation, scenario, monkeypatch):
    for name in ("litestar.app", "quart.signals"):
        monkeypatch.delitem(sys.modules, name)

    async def app(scope, receive, send):
        return

    one = simulation(app)
    one.start()
    one.run(scenario())
    one.stop()
    assert not {"litestar.app", "quart.signals"} & sys.modules.keys()


@pytest.mark.parametrize("caught", [True, False])
def test_a_line_that_a_framework_logs_with_its_exception_is_seen_once(events, caught):
    # A function of another package of that name, whose records come from its directory.
    lines = ["def told(log):", "    try: {}['price']", f"    except KeyError: log.error('lost', exc_info={caught})"]
    names = {}
    exec(compile("\n".join(lines), "/lib/engineio/socket.py", "exec"), names)

    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            names["told"](logging.getLogger("engineio.server"))
            await send({"type": "websocket.close"})

    assert [(one.source, one.name) for one in events(app, only=Crashed)] == ([("log", "engineio")] if caught else [])


def test_a_web_page_that_fails_beside_the_sockets_is_another_matter(simulation, scenario):
    one = simulation(Litestar([]))
    one.start()
    asyncio.run(one._observers._framework(KeyError("price"), {"type": "http"}))
    crashed = [event.raised.type for event in one.run(scenario()).events if isinstance(event, Crashed)]
    assert "KeyError" not in crashed
