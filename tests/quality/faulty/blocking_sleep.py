"""A `time.sleep` for as long as the client asks. Found by blocked_loop."""

import time

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def simulate(websocket):
    await websocket.accept()
    try:
        while True:
            data = await websocket.receive_json()
            if isinstance(data, dict) and data.get("simulate") == "slow":
                time.sleep(2)
            await websocket.send_json({"ok": True})
    except (WebSocketDisconnect, ValueError, KeyError, RecursionError):
        pass


app = Starlette(routes=[WebSocketRoute("/simulate", simulate)])
