"""A table of topics that a slow broadcast iterates while others subscribe. Found by handler_crash, RuntimeError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


class Hub:
    def __init__(self) -> None:
        self.members: dict[int, WebSocket] = {}

    async def publish(self, text: str) -> None:
        for member in self.members.values():
            try:
                await member.send_text(text)
            except (WebSocketDisconnect, RuntimeError):
                continue


hub = Hub()


@app.websocket("/hub")
async def join(websocket: WebSocket):
    await websocket.accept()
    hub.members[id(websocket)] = websocket
    try:
        async for text in websocket.iter_text():
            await hub.publish(text)
    except KeyError:
        pass
    finally:
        hub.members.pop(id(websocket), None)
