"""A small back end of an online shop, with honest bugs: what `wsreplay fuzz wsreplay.demo:app` is tried on first.

Four routes: a support chat with rooms, an order desk, a price ticker, and an upload of product pictures. Each bug is
one that its author did not think of; none was put there for a checker's sake.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

# --- support chat ----------------------------------------------------------------------------------------------------

rooms: dict[str, list[WebSocket]] = {}


async def say(room: str, text: str) -> None:
    """Tell everybody in the room."""
    for member in rooms[room]:
        await member.send_json({"room": room, "text": text})


async def chat(websocket: WebSocket) -> None:
    """Join a room, hear what is said there, and say something."""
    room = websocket.path_params["room"]
    await websocket.accept()
    rooms.setdefault(room, []).append(websocket)
    await say(room, "somebody joined")
    while True:
        message = await websocket.receive_text()
        if message == "/leave":
            rooms[room].remove(websocket)
            await websocket.close()
            return
        await say(room, message)


# --- order desk ------------------------------------------------------------------------------------------------------

PRICES = {"tea": 320, "coffee": 540, "cocoa": 480}


def place(order: dict[str, Any]) -> dict[str, Any]:
    """Price an order in cents."""
    quantity = order["quantity"]
    total = PRICES[order["item"]] * quantity
    return {"status": "placed", "total": total, "each": total // quantity}


async def orders(websocket: WebSocket) -> None:
    """Take orders as JSON: {"action": "place", "item": "tea", "quantity": 2}, and answer questions about prices."""
    await websocket.accept()
    try:
        while True:
            try:
                order = json.loads(await websocket.receive_text())
            except ValueError:
                await websocket.send_json({"error": "not JSON"})
                continue
            if not isinstance(order, dict):
                await websocket.send_json({"error": "not an object"})
                continue
            action = order.get("action")
            if action == "place":
                if order.get("item") not in PRICES or not isinstance(order.get("quantity"), int):
                    await websocket.send_json({"error": "no such item, or no quantity"})
                    continue
                await websocket.send_json(place(order))
            elif action == "price":
                await websocket.send_json({"price": PRICES[order["item"]]})
            else:
                await websocket.close(1008, reason=f"unknown action {action}")
                return
    except WebSocketDisconnect:
        pass


# --- price ticker ----------------------------------------------------------------------------------------------------


async def tick(websocket: WebSocket, item: str, seconds: str) -> None:
    """Send an item's price again and again."""
    pause = float(seconds)
    for _ in range(5):
        await websocket.send_text(f"{item} {PRICES[item]}")
        await asyncio.sleep(pause)


async def ticker(websocket: WebSocket) -> None:
    """Understand `watch ITEM SECONDS` and `stop`."""
    await websocket.accept()
    watching: list[asyncio.Task[None]] = []
    try:
        async for line in websocket.iter_text():
            words = line.split()
            if len(words) == 3 and words[0] == "watch" and words[1] in PRICES:
                watching.append(asyncio.create_task(tick(websocket, words[1], words[2])))
            elif words == ["stop"]:
                while watching:
                    watching.pop().cancel()
            else:
                await websocket.send_text("usage: watch ITEM SECONDS | stop")
    finally:
        for task in watching:
            task.cancel()


# --- pictures --------------------------------------------------------------------------------------------------------


async def upload(websocket: WebSocket) -> None:
    """Receive a picture: its size in four bytes, then its parts; then say how much came."""
    await websocket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        header = await websocket.receive_bytes()
        (size,) = struct.unpack(">I", header)
        picture = bytearray()
        complete = asyncio.Event()
        while not complete.is_set():
            part = await websocket.receive_bytes()
            picture += part
            if not part:
                # An empty part ends the picture.
                if len(picture) == size:
                    complete.set()
                await complete.wait()
        await websocket.send_text(f"{len(picture)} bytes")
        await websocket.close()


app = Starlette(
    routes=[
        WebSocketRoute("/chat/{room}", chat),
        Mount("/shop", routes=[WebSocketRoute("/orders", orders), WebSocketRoute("/ticker", ticker)]),
        WebSocketRoute("/upload", upload),
    ]
)
