"""A ticker that never reads."""

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/ticks")
async def ticks(websocket: WebSocket):
    await websocket.accept()
    number = 0
    try:
        while True:
            await websocket.send_json({"tick": number})
            number += 1
            await asyncio.sleep(1)
    except (WebSocketDisconnect, RuntimeError):
        pass
