"""An empty binary frame, where text is what is usual. Found by handler_crash, ValueError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


async def upload(websocket):
    await websocket.accept()
    while True:
        event = await websocket.receive()
        if event["type"] == "websocket.disconnect":
            return
        if "{" in (event.get("text") or ""):
            await websocket.send_text("JSON is not supported")
        if event.get("bytes") == b"":
            raise ValueError("empty upload")


app = Starlette(routes=[WebSocketRoute("/upload", upload)])
