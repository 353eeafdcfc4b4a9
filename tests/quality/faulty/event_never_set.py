"""A handler that waits for an event which nothing sets. Found by hang."""

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/confirm")
async def confirm(websocket: WebSocket):
    await websocket.accept()
    confirmed = asyncio.Event()
    try:
        while True:
            command = await websocket.receive_text()
            if command == "confirm":
                await websocket.send_text("confirmed")
            elif command == "wait":
                await confirmed.wait()
            else:
                await websocket.send_text("?")
    except (WebSocketDisconnect, KeyError):
        pass
