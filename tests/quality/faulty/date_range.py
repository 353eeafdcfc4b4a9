"""A timestamp beyond the calendar. Found by handler_crash."""

from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def when(websocket):
    await websocket.accept()
    while True:
        try:
            data = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            continue
        if isinstance(data, dict) and type(data.get("timestamp")) is int:
            moment = datetime.fromtimestamp(data["timestamp"], UTC)
            await websocket.send_text(moment.isoformat())


app = Starlette(routes=[WebSocketRoute("/when", when)])
