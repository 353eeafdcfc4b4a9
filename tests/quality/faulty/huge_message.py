"""A buffer of 16 KiB into which a bigger message is copied. Found by handler_crash."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


async def copy(websocket):
    await websocket.accept()
    view = memoryview(bytearray(16384))
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        data = message.get("bytes")
        if data is None:
            data = (message.get("text") or "").encode()
        view[: len(data)] = data


app = Starlette(routes=[WebSocketRoute("/copy", copy)])
