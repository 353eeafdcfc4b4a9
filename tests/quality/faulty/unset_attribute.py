"""An endpoint class whose attribute exists only after `join`. Found by handler_crash, AttributeError."""

from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.routing import WebSocketRoute


class Room(WebSocketEndpoint):
    encoding = "text"

    async def on_receive(self, websocket, data):
        command, _, argument = data.partition(":")
        if command == "join":
            self.room = argument
            await websocket.send_text("joined")
        elif command == "who":
            await websocket.send_text(f"you are in {self.room}")
        else:
            await websocket.send_text("join:room or who")


app = Starlette(routes=[WebSocketRoute("/rooms", Room)])
