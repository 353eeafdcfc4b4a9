"""A user who has gone is still in the registry when a message is for him. Found by handler_crash."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

users = {}


async def direct(websocket):
    await websocket.accept()
    me = None
    while True:
        try:
            data = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            continue
        if not isinstance(data, dict):
            continue
        if data.get("type") == "register" and isinstance(data.get("name"), str):
            me = data["name"]
            users[me] = websocket
            await websocket.send_json({"registered": me.encode("ascii", "replace").decode()})
        elif data.get("type") == "to" and isinstance(data.get("name"), str):
            target = users.get(data["name"])
            if target is not None:
                await target.send_json({"from": str(me), "text": "hello"})


app = Starlette(routes=[WebSocketRoute("/direct", direct)])
