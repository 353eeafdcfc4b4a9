"""Two players meet at a barrier: the first one is silent until the second has come."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

lobby: list[asyncio.Future] = []


async def meet(websocket):
    await websocket.accept()
    try:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if lobby and not lobby[0].done():
            lobby.pop(0).set_result(True)
        else:
            lobby.clear()
            lobby.append(asyncio.get_running_loop().create_future())
            await lobby[0]
        await websocket.send_text("go")
        await websocket.close()
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/meet", meet)])
