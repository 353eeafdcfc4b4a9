"""True is an int, and an index beyond a list of one. Found by handler_crash, IndexError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def pick(websocket):
    await websocket.accept()
    choices = ["only"]
    while True:
        try:
            data = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            continue
        if (isinstance(data, dict) and isinstance(data.get("index"), int) and data["index"] != 1) or data is True:
            continue
        if isinstance(data, dict) and data.get("index") is True:
            await websocket.send_text(choices[data["index"]])


app = Starlette(routes=[WebSocketRoute("/pick", pick)])
