"""A message before the login, where the session is still None. Found by handler_crash, TypeError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def chat(websocket):
    await websocket.accept()
    session = None
    while True:
        try:
            data = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            await websocket.send_json({"type": "error"})
            continue
        kind = data.get("type") if isinstance(data, dict) else None
        if kind == "login":
            session = {"user": str(data.get("user"))}
            await websocket.send_json({"type": "welcome"})
        elif kind == "say":
            await websocket.send_json({"type": "said", "by": session["user"], "text": str(data.get("text"))})
        else:
            await websocket.send_json({"type": "error", "reason": "unknown type"})


app = Starlette(routes=[WebSocketRoute("/chat", chat)])
