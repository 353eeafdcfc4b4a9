"""A set of clients that changes while a broadcast is suspended. Found by handler_crash, RuntimeError."""

import contextlib

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


class Manager:
    def __init__(self):
        self.active = set()

    async def connect(self, websocket):
        await websocket.accept()
        self.active.add(websocket)

    def disconnect(self, websocket):
        self.active.discard(websocket)

    async def broadcast(self, text):
        for connection in self.active:
            with contextlib.suppress(WebSocketDisconnect):
                await connection.send_text(text)


manager = Manager()


async def endpoint(websocket):
    await manager.connect(websocket)
    try:
        while True:
            await manager.broadcast(await websocket.receive_text())
    except (WebSocketDisconnect, KeyError):
        pass
    finally:
        manager.disconnect(websocket)


app = Starlette(routes=[WebSocketRoute("/broadcast", endpoint)])
