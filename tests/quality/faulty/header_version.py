"""A header that is parsed without a look. Found by handler_crash, ValueError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def versioned(websocket):
    version = int(websocket.headers.get("x-version", "1"))
    await websocket.accept()
    await websocket.send_text(f"version {version % 10}")
    try:
        while True:
            await websocket.receive_text()
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/versioned", versioned)])
