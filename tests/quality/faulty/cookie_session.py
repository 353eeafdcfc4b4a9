"""A session cookie without its second half. Found by handler_crash, ValueError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def session(websocket):
    cookie = websocket.cookies.get("session")
    await websocket.accept()
    if cookie is not None:
        user, signature = cookie.split(".")
        await websocket.send_text(f"{len(user)} {len(signature)}")
    try:
        while True:
            await websocket.receive_text()
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/session", session)])
