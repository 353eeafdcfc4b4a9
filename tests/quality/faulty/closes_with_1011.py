"""Every exception becomes a close with 1011. Found by server_error_close."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def polite(websocket):
    await websocket.accept()
    try:
        while True:
            data = await websocket.receive_json()
            await websocket.send_json({"upper": data["text"].upper()})
    except WebSocketDisconnect:
        pass
    except Exception:
        await websocket.close(1011, "internal error")


app = Starlette(routes=[WebSocketRoute("/upper", polite)])
