"""A recursive walk over JSON as deep as the client likes. Found by handler_crash, RecursionError."""

import json

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


def depth(value):
    if isinstance(value, dict):
        return 1 + max([depth(one) for one in value.values()], default=0)
    if isinstance(value, list):
        return 1 + max([depth(one) for one in value], default=0)
    return 0


async def measure(websocket):
    await websocket.accept()
    try:
        while True:
            try:
                value = json.loads(await websocket.receive_text())
            except (ValueError, KeyError):
                continue
            await websocket.send_text(str(depth(value)))
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/depth", measure)])
