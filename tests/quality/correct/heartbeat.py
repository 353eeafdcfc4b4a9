"""A heartbeat beside the reader, which is cancelled and awaited in the end."""

import asyncio
import contextlib

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/alive")
async def alive(websocket: WebSocket):
    await websocket.accept()

    async def beat():
        while True:
            await asyncio.sleep(20)
            await websocket.send_json({"type": "ping"})

    task = asyncio.create_task(beat())
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                break
            await websocket.send_json({"type": "ack"})
    except WebSocketDisconnect:
        pass
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await task
