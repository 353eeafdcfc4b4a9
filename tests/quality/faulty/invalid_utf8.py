"""Bytes that are decoded as UTF-8 without a care. Found by handler_crash, UnicodeDecodeError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def decode(websocket):
    await websocket.accept()
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("bytes") is not None:
                await websocket.send_text(message["bytes"].decode())
            else:
                await websocket.send_text(message["text"])
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/decode", decode)])
