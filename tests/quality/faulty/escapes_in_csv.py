"""A line of comma separated numbers, one of which is empty. Found by handler_crash, ValueError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def csv(websocket):
    await websocket.accept()
    try:
        while True:
            line = await websocket.receive_text()
            if not line.replace(",", "").replace("-", "").isdecimal() or len(line) > 50:
                await websocket.send_text("numbers only")
                continue
            await websocket.send_text(str(max(int(cell) for cell in line.split(","))))
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/csv", csv)])
