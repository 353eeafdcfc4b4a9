"""Whoever says nothing for thirty seconds is sent home with 4000."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def patient(websocket):
    await websocket.accept()
    try:
        while True:
            try:
                message = await asyncio.wait_for(websocket.receive(), timeout=30)
            except TimeoutError:
                await websocket.close(4000, "idle")
                return
            if message["type"] == "websocket.disconnect":
                return
            await websocket.send_text("ok")
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/patient", patient)])
