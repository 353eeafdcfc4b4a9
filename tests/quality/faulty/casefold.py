"""A name that grows when it is lowered is looked up under another key. Found by handler_crash, KeyError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def nicks(websocket):
    await websocket.accept()
    seen = {}
    try:
        while True:
            data = await websocket.receive_json()
            nick = data.get("nick") if isinstance(data, dict) else None
            if not isinstance(nick, str):
                await websocket.send_json({"error": "nick"})
                continue
            seen[nick.lower()] = True
            await websocket.send_json({"known": seen[nick.upper().lower()]})
    except (WebSocketDisconnect, ValueError, RecursionError):
        pass
    except KeyError as error:
        if error.args != ("text",):
            raise


app = Starlette(routes=[WebSocketRoute("/nicks", nicks)])
