"""The apps of the conformance suite, and the words to write bare ones: what an app does, step by step."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from agreement.journal import App, Receive, Send, identity

RECEIVE = "receive"
RAISE = "raise"
UNTIL_GONE = "until gone"
ECHO = "echo"

ACCEPT: dict[str, Any] = {"type": "websocket.accept"}
CLOSE: dict[str, Any] = {"type": "websocket.close"}


class FaultError(Exception):
    """What a faulty app raises."""


def text(data: Any) -> dict[str, Any]:
    return {"type": "websocket.send", "text": data}


def binary(data: Any) -> dict[str, Any]:
    return {"type": "websocket.send", "bytes": data}


def close(code: Any = 1000, reason: Any = "") -> dict[str, Any]:
    return {"type": "websocket.close", "code": code, "reason": reason}


def script(*actions: str | dict[str, Any], strict: bool = False) -> App:
    """An app that takes the connect event, then does these: a dict is sent (a refusal is passed over, or leaves the app
    when it is `strict`), RECEIVE takes one event, ECHO sends back the message taken last, UNTIL_GONE echoes up to the
    disconnect, RAISE raises.
    """

    async def scripted(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        await perform(actions, receive, send, strict)

    return scripted


async def perform(actions: Iterable[str | dict[str, Any]], receive: Receive, send: Send, strict: bool = False) -> None:
    event: dict[str, Any] = {}
    for action in actions:
        if isinstance(action, dict):
            with suppress(() if strict else Exception):
                await send(action)
        elif action == RECEIVE:
            event = await receive()
        elif action == ECHO:
            await send(echo_of(event))
        elif action == UNTIL_GONE:
            await echo(receive, send)
        else:
            raise FaultError("as written")


def echo_of(event: Mapping[str, Any]) -> dict[str, Any]:
    data = event.get("bytes")
    return text(event.get("text")) if data is None else binary(data)


async def echo(receive: Receive, send: Send) -> None:
    while (event := await receive())["type"] == "websocket.receive":
        await send(echo_of(event))


# --- apps that need more than a script ------------------------------------------------------------------------------


async def nothing(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Returns at once, without having asked for anything."""


async def keep_sending(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Says goodbye to a client that has gone, and lets the error leave."""
    await receive()
    await send(ACCEPT)
    await receive()
    await send(text("goodbye"))


def gated(before: int, *actions: str | dict[str, Any]) -> App:
    """Client 0's handler takes `before` messages, waits until client 1 opens the gate by a message, and goes on."""
    gates: dict[str, asyncio.Event] = {}

    async def behind_a_gate(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        run, _, number = identity(scope).rpartition("/")
        gate = gates.setdefault(run, asyncio.Event())
        await receive()
        await send(ACCEPT)
        if number == "1":
            await receive()
            gate.set()
            return
        for _ in range(before):
            await receive()
        await gate.wait()
        await perform(actions, receive, send)

    return behind_a_gate


async def prompts(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Gives up waiting for a message once, says so, and waits again: what it gave up on must not be lost."""
    await receive()
    await send(ACCEPT)
    try:
        await asyncio.wait_for(receive(), 0.05)
    except TimeoutError:
        await send(text("still there?"))
    await echo(receive, send)


async def times_out(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Closes when nothing came for a while."""
    await receive()
    await send(ACCEPT)
    try:
        await asyncio.wait_for(receive(), 0.05)
    except TimeoutError:
        await send(close(4008, "too slow"))


async def two_readers(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Two tasks receive at once: they are served in turn."""
    await receive()
    await send(ACCEPT)

    async def reader(name: str) -> None:
        event = await receive()
        await send(text(f"{name}: {event.get('text')}"))

    await asyncio.gather(reader("first"), reader("second"))
    await receive()


async def pushes_after_cancelling(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Cancels a task that receives; the next message goes to the one that asks then."""
    await receive()
    await send(ACCEPT)
    reader = asyncio.ensure_future(receive())
    await asyncio.sleep(0.01)
    reader.cancel()
    await send(text("ready"))
    await echo(receive, send)


async def cancels_itself(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Ends by a CancelledError, which is no Exception."""
    await receive()
    await send(ACCEPT)
    await receive()
    raise asyncio.CancelledError


async def task_dies(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """A task that it started dies; nobody notices, and the connection goes on."""

    async def dies() -> None:
        raise FaultError("in a task")

    await receive()
    await send(ACCEPT)
    task = asyncio.ensure_future(dies())
    await asyncio.wait([task])
    await send(text(type(task.exception()).__name__))
    await echo(receive, send)


_ROOMS: dict[str, list[Send]] = {}


async def room(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Passes every message on to all that are in, and says who leaves; a member that has gone is skipped."""
    members = _ROOMS.setdefault(identity(scope).rpartition("/")[0], [])
    await receive()
    await send(ACCEPT)
    members.append(send)
    while (event := await receive())["type"] == "websocket.receive":
        await _tell(members, event["text"])
    members.remove(send)
    await _tell(members, "one has left")


async def fragile_room(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The same, but nobody is ever taken out and no error is caught."""
    members = _ROOMS.setdefault(identity(scope).rpartition("/")[0], [])
    await receive()
    await send(ACCEPT)
    members.append(send)
    while (event := await receive())["type"] == "websocket.receive":
        await _tell(members, event["text"])


async def _tell(members: list[Send], news: str) -> None:
    for member in list(members):
        await member(text(news))


FLOOD = [bytes(1 << 16)] * 200


async def flood(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Sends 12.5 MiB when told to; a second client asks how far the first one's flood has come."""
    progress = _PROGRESS.setdefault(identity(scope).rpartition("/")[0], ["idle"])
    await receive()
    await send(ACCEPT)
    while (event := await receive())["type"] == "websocket.receive":
        if event["text"] == "how far":
            await send(text(progress[0]))
            continue
        progress[0] = "suspended"
        for piece in FLOOD:
            await send(binary(piece))
        progress[0] = "finished"


_PROGRESS: dict[str, list[str]] = {}


async def describe_scope(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Sends what it was given, ports and keys that differ from client to client left out."""
    await receive()
    await send(ACCEPT)
    names = [name.decode() for name, _ in scope["headers"]]
    await send(
        text(
            json.dumps(
                {
                    "keys": {key: type(value).__name__ for key, value in sorted(scope.items())},
                    "asgi": scope["asgi"],
                    "plain": [scope[key] for key in ("type", "http_version", "scheme", "path", "root_path")],
                    "raw_path": scope["raw_path"].decode(),
                    "query_string": scope["query_string"].decode(),
                    "subprotocols": scope["subprotocols"],
                    "extensions": scope["extensions"],
                    "state": scope["state"]["greeting"],
                    "addresses": [[type(part).__name__ for part in scope[key]] for key in ("client", "server")],
                    "hosts": [scope["client"][0], scope["server"][0]],
                    "pair": sorted({f"{type(k).__name__} {type(v).__name__}" for k, v in scope["headers"]}),
                    "container": type(scope["headers"]).__name__,
                    "lower": all(name == name.lower() for name in names),
                    "names": sorted(names),
                    "own": [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-own"],
                },
                sort_keys=True,
            )
        )
    )
    await receive()


async def change_state(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Says what the lifespan left in the state, and changes its own copy and the shared list in it."""
    await receive()
    await send(ACCEPT)
    shared = scope["state"]["seen"]
    await send(text(json.dumps([scope["state"].get("mine"), scope["state"]["greeting"]])))
    scope["state"]["mine"] = "set by a connection"
    shared.append("seen")
    await receive()


async def two_receivers(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One task reads, the handler itself pushes; it is cancelled when the reader ends."""
    await receive()
    await send(ACCEPT)
    await send(text("pushed without being asked"))
    reader = asyncio.ensure_future(echo(receive, send))
    await reader


def with_lifespan(apps: Mapping[str, App]) -> App:
    """One app of many: the first segment of the path picks; startup leaves a state behind."""

    async def root(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await apps[scope["path"].split("/")[1]](scope, receive, send)
            return
        while (event := await receive())["type"] == "lifespan.startup":
            scope["state"].update(greeting="from the lifespan", seen=[])
            await send({"type": "lifespan.startup.complete"})
        assert event["type"] == "lifespan.shutdown"
        await send({"type": "lifespan.shutdown.complete"})

    return root
