"""An enum is looked up by what the client says. Found by handler_crash, KeyError."""

import enum

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


class Color(enum.Enum):
    RED = 1
    GREEN = 2


async def paint(websocket):
    await websocket.accept()
    while True:
        try:
            data = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            continue
        if isinstance(data, dict) and isinstance(data.get("color"), str):
            await websocket.send_json({"value": Color[data["color"]].value})


app = Starlette(routes=[WebSocketRoute("/paint", paint)])
