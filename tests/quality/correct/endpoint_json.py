"""A Starlette endpoint class for JSON: what is none is refused with 1003 by the framework."""

from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.routing import WebSocketRoute


class Keys(WebSocketEndpoint):
    encoding = "json"

    async def on_receive(self, websocket, data):
        await websocket.send_json({"keys": len(data) if isinstance(data, dict) else 0})


app = Starlette(routes=[WebSocketRoute("/keys", Keys)])
