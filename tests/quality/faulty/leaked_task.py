"""A ticker that is started by a message and never stopped. Found by leaked_task."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def tick(queue):
    while True:
        await asyncio.sleep(1)
        queue.append(1)


async def ticker(websocket):
    await websocket.accept()
    queue = []
    try:
        while True:
            if await websocket.receive_text() == "start":
                queue.append(asyncio.create_task(tick(queue)))
            await websocket.send_text("ok")
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/ticker", ticker)])
