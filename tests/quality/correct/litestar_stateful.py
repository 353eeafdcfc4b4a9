"""A Litestar handler with a state machine that answers every command in every state."""

from litestar import Litestar, WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect


@websocket("/timer")
async def timer(socket: WebSocket) -> None:
    await socket.accept()
    running = False
    try:
        while True:
            event = await socket.receive()
            if event["type"] == "websocket.disconnect":
                return
            match event.get("text"):
                case "start" if running:
                    await socket.send_text("running already")
                case "start":
                    running = True
                    await socket.send_text("started")
                case "stop" if running:
                    running = False
                    await socket.send_text("stopped")
                case "stop":
                    await socket.send_text("not running")
                case _:
                    await socket.send_text("start or stop")
    except WebSocketDisconnect:
        pass


app = Litestar([timer])
