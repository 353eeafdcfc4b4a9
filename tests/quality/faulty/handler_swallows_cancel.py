"""A reader task that dies while the writer waits for it. Found by background_task_crash."""

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/queue")
async def queued(websocket: WebSocket):
    await websocket.accept()
    queue: asyncio.Queue = asyncio.Queue()

    async def work():
        while True:
            job = await queue.get()
            await websocket.send_text(job["name"].upper())

    worker = asyncio.create_task(work())
    try:
        while True:
            try:
                await queue.put(await websocket.receive_json())
            except (ValueError, RecursionError):
                continue
    except (WebSocketDisconnect, KeyError):
        pass
    finally:
        worker.cancel()
