"""A chat that iterates over a copy, forgives clients that have gone, and takes everybody out again."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


class Manager:
    def __init__(self) -> None:
        self.rooms: dict[str, list[WebSocket]] = {}

    async def join(self, room: str, websocket: WebSocket) -> None:
        await websocket.accept()
        self.rooms.setdefault(room, []).append(websocket)

    def leave(self, room: str, websocket: WebSocket) -> None:
        members = self.rooms.get(room, [])
        if websocket in members:
            members.remove(websocket)
        if not members:
            self.rooms.pop(room, None)

    async def broadcast(self, room: str, message: dict) -> None:
        for member in list(self.rooms.get(room, ())):
            try:
                await member.send_json(message)
            except (WebSocketDisconnect, RuntimeError):
                self.leave(room, member)


manager = Manager()


@app.websocket("/chat/{room}")
async def chat(websocket: WebSocket, room: str):
    await manager.join(room, websocket)
    try:
        while (message := await websocket.receive())["type"] == "websocket.receive":
            await manager.broadcast(room, {"text": message.get("text") or ""})
    finally:
        manager.leave(room, websocket)
        await manager.broadcast(room, {"left": True})
