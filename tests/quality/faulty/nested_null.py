"""A member that is null where an object is expected. Found by handler_crash, AttributeError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def profile(websocket):
    await websocket.accept()
    while True:
        try:
            data = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            continue
        if not isinstance(data, dict):
            continue
        address = data.get("user", {}).get("address", {}) if isinstance(data.get("user", {}), dict) else {}
        await websocket.send_json({"city": str(address.get("city", "unknown"))[:20].encode("ascii", "ignore").decode()})


app = Starlette(routes=[WebSocketRoute("/profile", profile)])
