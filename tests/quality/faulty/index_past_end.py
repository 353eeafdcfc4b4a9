"""A command without its argument. Found by handler_crash, IndexError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def shell(websocket):
    await websocket.accept()
    try:
        while True:
            parts = (await websocket.receive_text()).split()
            if not parts:
                await websocket.send_text("empty")
            elif parts[0] == "ECHO":
                await websocket.send_text(" ".join(parts[1:]))
            elif parts[0] == "UPPER":
                await websocket.send_text(parts[1].upper())
            else:
                await websocket.send_text(f"unknown command {parts[0]}")
    except (WebSocketDisconnect, KeyError):
        return


app = Starlette(routes=[WebSocketRoute("/shell", shell)])
