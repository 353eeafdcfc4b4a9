"""A query parameter that may be missing. Found by handler_crash, KeyError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def private(websocket):
    token = websocket.query_params["token"]
    await websocket.accept()
    await websocket.send_text(f"{len(token)}")
    try:
        while True:
            await websocket.send_text(str(len(await websocket.receive_text())))
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/private", private)])
