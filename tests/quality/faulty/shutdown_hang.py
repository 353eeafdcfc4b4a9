"""A handler that waits for its ticker, which ignores that the client has gone. Found by shutdown_hang."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def subscribe(websocket):
    await websocket.accept()
    stop = asyncio.Event()
    started = False
    try:
        while True:
            text = await websocket.receive_text()
            if text == "subscribe":
                started = True
            elif text == "unsubscribe":
                stop.set()
            await websocket.send_text("ok")
    except (WebSocketDisconnect, KeyError):
        if started:
            await stop.wait()


app = Starlette(routes=[WebSocketRoute("/subscribe", subscribe)])
