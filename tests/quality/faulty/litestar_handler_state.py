"""A Litestar handler whose `stop` comes before any `start`. Found by server_error_close, AttributeError."""

from litestar import Litestar, WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect


class Timer:
    def __init__(self) -> None:
        self.ticks = 0

    def read(self) -> int:
        return self.ticks


@websocket("/timer/{name:str}")
async def timer(socket: WebSocket, name: str) -> None:
    await socket.accept()
    running: Timer | None = None
    try:
        while True:
            command = await socket.receive_text()
            if command == "start":
                running = Timer()
                await socket.send_text("started")
            elif command == "stop":
                await socket.send_text(str(running.read()))
                running = None
            else:
                await socket.send_text("unknown")
    except WebSocketDisconnect:
        pass


app = Litestar([timer])
