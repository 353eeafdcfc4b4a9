"""Driving an app by hand, to show that a discovered route is one that the app really serves."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from wsreplay.model import Endpoint, Route

SAMPLES = {
    "str": "lobby",
    "path": "a/b",
    "int": "7",
    "float": "1.5",
    "decimal": "1.5",
    "uuid": "7f0e6f4e-1111-4222-8333-0123456789ab",
    "date": "2024-02-29",
    "datetime": "2024-02-29T12:30:00",
    "time": "12:30:00",
    "timedelta": "PT60S",
}


def concrete(route: Route, values: dict[str, str] | None = None) -> str:
    path = route.path
    for parameter in route.parameters:
        value = (values or {}).get(parameter.name) or SAMPLES.get(parameter.converter)
        if value is None and parameter.converter == "enum":
            value = (parameter.pattern or "").split("|")[0].replace("\\", "")
        assert value is not None, f"no sample for {parameter}"
        path = path.replace("{" + parameter.name + "}", value)
    return path


async def _first_reply(app: Any, path: str, host: str, subprotocols: tuple[str, ...]) -> str:
    sent: asyncio.Queue[str] = asyncio.Queue()
    events = itertools.chain([{"type": "websocket.connect"}], itertools.repeat({"type": "websocket.disconnect"}))

    async def receive() -> dict[str, Any]:
        return {"code": 1005, **next(events)}

    async def send(event: dict[str, Any]) -> None:
        await sent.put(event["type"])

    headers = [(b"host", host.encode()), (b"connection", b"upgrade"), (b"upgrade", b"websocket")]
    if subprotocols:
        headers.append((b"sec-websocket-protocol", ", ".join(subprotocols).encode()))
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
        "subprotocols": list(subprotocols),
        "extensions": {},
        "state": {},
    }
    task = asyncio.ensure_future(app(scope, receive, send))
    first = asyncio.ensure_future(sent.get())
    await asyncio.wait([task, first], return_when=asyncio.FIRST_COMPLETED, timeout=10)
    for running in (task, first):
        if not running.done():
            running.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return first.result() if first.done() and not first.cancelled() else "nothing"


@pytest.fixture
def accepts() -> Callable[..., bool]:
    """accepts(app, endpoint, **values): a client on the endpoint's path, with samples for its parameters, gets in."""

    def drive(app: Any, endpoint: Endpoint, **values: str) -> bool:
        route = endpoint.route
        path = concrete(route, values)
        reply = asyncio.run(_first_reply(app, path, route.host or "localhost", route.subprotocols))
        return reply == "websocket.accept"

    return drive


@pytest.fixture
def paths() -> Callable[[Iterable[Endpoint]], list[str]]:
    """The route paths of endpoints, in order."""
    return lambda endpoints: [endpoint.route.path for endpoint in endpoints]
