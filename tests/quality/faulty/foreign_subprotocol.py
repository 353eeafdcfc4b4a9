"""A subprotocol that the client did not offer. Found by protocol_violation."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def feed(websocket):
    await websocket.accept(subprotocol="feed.v2")
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/feed", feed)])
