"""The plainest echo: the disconnect of its client ends it."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


async def echo(websocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        await websocket.send_text(message.get("text") or "")


app = Starlette(routes=[WebSocketRoute("/echo", echo)])
