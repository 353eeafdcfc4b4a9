"""A second `init` after the protocol has begun. Found by handler_crash, AssertionError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


class Machine:
    def __init__(self):
        self.state = "new"

    def step(self, event):
        if event == "init":
            assert self.state == "new", "init twice"
            self.state = "ready"
        elif event == "start" and self.state == "ready":
            self.state = "running"
        elif event == "stop" and self.state == "running":
            self.state = "ready"
        return self.state


async def machine(websocket):
    await websocket.accept()
    device = Machine()
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await websocket.send_text(device.step(message.get("text")))
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/machine", machine)])
