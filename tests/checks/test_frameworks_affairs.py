"""What a framework does on its own account is told from what its user's code does."""

from __future__ import annotations

import contextlib
from typing import Any

import django
import pytest
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import re_path
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from wsreplay.checks import judge
from wsreplay.model import (
    Accepted,
    Client,
    Connect,
    Consumed,
    Crashed,
    Ended,
    Finding,
    Frame,
    Message,
    Opened,
    Pause,
    Raised,
    Resume,
    Scenario,
    Send,
    Transcript,
)

if not settings.configured:
    settings.configure(SECRET_KEY="checks", ALLOWED_HOSTS=["*"])
    django.setup()


def starlette(handler: Any) -> Starlette:
    return Starlette(routes=[WebSocketRoute("/", handler)])


async def forgiving(ws: WebSocket) -> None:
    """Puts up with a send that fails, and reads on."""
    await ws.accept()
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            text = await ws.receive_text()
            with contextlib.suppress(WebSocketDisconnect):
                await ws.send_text(text)


def test_a_read_after_a_send_that_found_the_client_gone_is_a_way_to_leave(findings):
    assert findings(starlette(forgiving), Pause(0), Send(0, "text", "hello")) == ()


async def deaf(ws: WebSocket) -> None:
    """Goes on reading after it has closed the connection by itself."""
    await ws.accept()
    await ws.receive_text()
    await ws.close(4000)
    await ws.receive_text()


def test_a_read_after_the_apps_own_close_is_the_apps_fault(findings):
    (found,) = findings(starlette(deaf), Send(0, "text", "hello"))
    assert (found.check, found.severity) == ("handler_crash", "failure")


class Strict(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.close(4400)


def test_a_consumer_that_is_handed_what_was_sent_before_its_close_closes_again(findings):
    app = ProtocolTypeRouter({"websocket": URLRouter([re_path("", Strict.as_asgi())])})
    assert findings(app, Pause(0), Send(0, "text", "a"), Send(0, "text", "b"), Resume(0)) == ()


LIBRARY = Frame("library/server.py", 7, "Server.feed", "", False)
OURS = Frame("app.py", 3, "handler", "value[0]")


def after(
    *frames: Frame,
    message: str = "'NoneType' object is not subscriptable",
    consumed: bool = True,
    nature: Any = "error",
) -> Finding:
    """The finding for an exception that left a handler, mostly after a message."""
    raised = Raised("TypeError", message, frames=frames, nature=nature)
    scenario = Scenario("/", (Client("/"),), (Connect(0), Send(0, "text", "x")))
    said = (Message(0.0, 1, 0, "client", "text", "x"), Consumed(0.0, 1, 0, 1)) if consumed else ()
    events = (Opened(0.0, 0, 0), Accepted(0.0, 0, 0), *said, Ended(0.0, 1, 0, "raised", None, raised))
    (found,) = judge(scenario, Transcript(events))
    return found


@pytest.mark.parametrize(("frames", "severity"), [((LIBRARY,), "warning"), ((LIBRARY, OURS), "failure")])
def test_so_it_is_in_a_task_of_the_library(frames: tuple[Frame, ...], severity: str) -> None:
    raised = Raised("TypeError", "unhashable type: 'dict'", frames=frames)
    scenario = Scenario("/", (Client("/"),), (Connect(0), Send(0, "text", "42[{}]")))
    said = (Message(0.0, 1, 0, "client", "text", "42[{}]"), Consumed(0.0, 1, 0, 1))
    events = (Opened(0.0, 0, 0), Accepted(0.0, 0, 0), *said, Crashed(0.0, 1, 0, "task", raised, "handle"))
    found = judge(scenario, Transcript((*events, Ended(0.0, 2, 0, "disconnected"))))
    assert [(one.check, one.severity) for one in found] == [("background_task_crash", severity)]


@pytest.mark.parametrize(
    ("finding", "severity"),
    [
        (after(LIBRARY), "warning"),
        (after(LIBRARY, OURS), "failure"),
        (after(OURS, LIBRARY), "failure"),
        (after(LIBRARY, consumed=False), "failure"),
        (after(LIBRARY, message="handler() missing 1 required positional argument: 'data'"), "failure"),
        (after(LIBRARY, message="No handler for message type review.resolved", nature="unsupported"), "failure"),
        (after(LIBRARY, Frame("library/json.py", 9, "encode_answer", "", False)), "failure"),
        (after(), "failure"),
    ],
    ids=[
        "library alone",
        "app below",
        "app above",
        "no message",
        "handler miscalled",
        "no handler",
        "answer written",
        "no frames",
    ],
)
def test_what_breaks_in_a_library_over_a_message_is_a_warning(finding: Finding, severity: str) -> None:
    assert (finding.check, finding.severity) == ("handler_crash", severity)
