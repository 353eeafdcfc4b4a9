"""A limiter that forgets that its window can be empty. Found by handler_crash, IndexError."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def limited(websocket):
    await websocket.accept()
    window = []
    loop = asyncio.get_running_loop()
    try:
        while True:
            await websocket.receive_text()
            now = loop.time()
            if window and now - window[-1] > 60:
                window.clear()
                await websocket.send_text(f"welcome back after {now - window[0]:.0f} s")
            window.append(now)
            await websocket.send_text("ok")
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/limited", limited)])
