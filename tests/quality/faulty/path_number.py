"""A room number of zero has no shard. Found by handler_crash, ZeroDivisionError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/shards/{shard}")
async def shards(websocket: WebSocket, shard: int):
    await websocket.accept()
    await websocket.send_text(str(1000 // shard))
    try:
        while True:
            await websocket.receive_text()
    except (WebSocketDisconnect, KeyError):
        pass
