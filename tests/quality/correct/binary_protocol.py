"""A binary protocol with a header that is checked before it is unpacked."""

import struct

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

HEADER = struct.Struct("!BH")


async def frames(websocket):
    await websocket.accept()
    try:
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            data = event.get("bytes")
            if data is None or len(data) < HEADER.size:
                await websocket.close(1003)
                return
            kind, length = HEADER.unpack_from(data)
            body = data[HEADER.size :]
            if len(body) != length:
                await websocket.send_bytes(b"\xff")
            elif kind == 1:
                await websocket.send_bytes(body[::-1])
            else:
                await websocket.send_bytes(bytes([kind]))
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/frames", frames)])
