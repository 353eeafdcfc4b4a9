"""Two handlers that call each other for ever. Found by handler_crash, RecursionError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

ALIASES = {"h": "help", "help": "h", "q": "quit"}


def resolve(name):
    return resolve(ALIASES[name]) if name in ALIASES else name


async def aliases(websocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(resolve(await websocket.receive_text()))
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/aliases", aliases)])
