"""A header that is unpacked from fewer bytes than it has. Found by handler_crash, error."""

import struct

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

HEADER = struct.Struct("!BHI")


async def frames(websocket):
    await websocket.accept()
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            data = message.get("bytes")
            if data is None:
                await websocket.send_bytes(b"\x00")
                continue
            kind, _flags, _size = HEADER.unpack(data[: HEADER.size])
            await websocket.send_bytes(bytes([kind]))
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/frames", frames)])
