"""After thirty seconds of silence the handler asks a user who has not logged in. Found by handler_crash."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def patient(websocket):
    await websocket.accept()
    user = None
    try:
        while True:
            try:
                text = await asyncio.wait_for(websocket.receive_text(), timeout=30)
            except TimeoutError:
                await websocket.send_text("still there, " + user + "?")
                continue
            if text.startswith("I am "):
                user = text[5:]
            await websocket.send_text("ok")
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/patient", patient)])
