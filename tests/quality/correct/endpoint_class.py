"""A Starlette endpoint class that closes by itself, after which Starlette has something to say."""

from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.routing import WebSocketRoute


class Echo(WebSocketEndpoint):
    encoding = None

    async def on_connect(self, websocket):
        self.count = 0
        await websocket.accept()

    async def on_receive(self, websocket, data):
        self.count += 1
        if isinstance(data, bytes):
            await websocket.send_bytes(data)
        else:
            await websocket.send_text(data)
        if self.count == 5:
            await websocket.close(1000)

    async def on_disconnect(self, websocket, close_code):
        self.count = 0


app = Starlette(routes=[WebSocketRoute("/class", Echo)])
