"""A list where a name is expected, as the key of a dict. Found by handler_crash, TypeError."""

from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.routing import WebSocketRoute

STOCK = {"apple": 3, "pear": 0}


class Stock(WebSocketEndpoint):
    encoding = "text"

    async def on_connect(self, websocket):
        await websocket.accept()

    async def on_receive(self, websocket, data):
        import json

        try:
            request = json.loads(data)
        except (ValueError, RecursionError):
            await websocket.send_text("not JSON")
            return
        if not isinstance(request, dict) or "item" not in request:
            await websocket.send_text("which item?")
            return
        await websocket.send_text(str(STOCK.get(request["item"], 0)))


app = Starlette(routes=[WebSocketRoute("/stock", Stock)])
