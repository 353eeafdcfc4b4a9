"""A log that keeps eight messages fails at the ninth. Found by handler_crash, IndexError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def log(websocket):
    await websocket.accept()
    slots = [None] * 8
    count = 0
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            slots[count] = message.get("text") or message.get("bytes")
            count += 1
            await websocket.send_text(f"{count}")
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/log", log)])
