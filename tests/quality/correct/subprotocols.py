"""Chooses a subprotocol that was offered, or refuses."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

SPOKEN = ("chat.v2", "chat.v1")


async def choose(websocket):
    chosen = next((name for name in SPOKEN if name in websocket.scope["subprotocols"]), None)
    if chosen is None:
        await websocket.close(1002)
        return
    await websocket.accept(subprotocol=chosen)
    try:
        while (await websocket.receive())["type"] == "websocket.receive":
            await websocket.send_text(chosen)
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/choose", choose)])
