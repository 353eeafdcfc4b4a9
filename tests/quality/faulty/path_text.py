"""A room name that is not what `room-number` looks like. Found by handler_crash, ValueError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def seat(websocket):
    row, number = websocket.path_params["seat"].split("-")
    await websocket.accept()
    await websocket.send_json({"row": row, "number": number})
    try:
        while True:
            await websocket.receive_text()
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/seats/{seat}", seat)])
