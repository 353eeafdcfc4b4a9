"""Refuses binary frames with 1003, long ones with 1009, and says goodbye when asked."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def polite(websocket):
    await websocket.accept()
    try:
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            text = event.get("text")
            if text is None:
                await websocket.close(1003)
                return
            if len(text) > 1000:
                await websocket.close(1009, "too long")
                return
            if text == "bye":
                await websocket.close(1000, "bye")
                return
            await websocket.send_text(text)
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/polite", polite)])
