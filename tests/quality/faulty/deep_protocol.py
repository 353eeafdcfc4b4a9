"""Greeting, login, subscription, then an unsubscription from something else. Found by handler_crash, ValueError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

CHANNELS = ("trades", "quotes", "news")


async def exchange(websocket):
    await websocket.accept()
    greeted = authenticated = False
    channels = []
    while True:
        try:
            message = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            await websocket.close(1003)
            return
        op = message.get("op") if isinstance(message, dict) else None
        if op == "hello":
            greeted = True
        elif op == "auth" and greeted:
            authenticated = message.get("key") == "demo"
        elif op == "subscribe" and authenticated and message.get("channel") in CHANNELS:
            channels.append(message["channel"])
        elif op == "unsubscribe" and authenticated and channels:
            channels.remove(message.get("channel"))
        else:
            await websocket.send_json({"op": "error"})
            continue
        await websocket.send_json({"op": op, "ok": True})


app = Starlette(routes=[WebSocketRoute("/exchange", exchange)])
