"""A reason that quotes the client and is longer than a close frame has room for. Found by protocol_violation."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

COMMANDS = ("start", "stop", "status")


async def control(websocket):
    await websocket.accept()
    try:
        while True:
            command = await websocket.receive_text()
            if command not in COMMANDS:
                await websocket.close(4000, f"unknown command: {command}")
                return
            await websocket.send_text("done")
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/control", control)])
