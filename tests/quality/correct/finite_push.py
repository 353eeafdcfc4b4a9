"""A feed of ten values, and a polite end."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def feed(websocket):
    await websocket.accept()
    try:
        for number in range(10):
            await websocket.send_text(str(number))
            await asyncio.sleep(0.5)
        await websocket.close(1000, "that was all")
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/feed", feed)])
