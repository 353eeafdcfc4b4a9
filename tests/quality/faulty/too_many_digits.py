"""An integer with more digits than Python converts from text. Found by handler_crash, ValueError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/add")
async def add(websocket: WebSocket):
    await websocket.accept()
    total = 0
    while True:
        try:
            text = (await websocket.receive_text()).strip()
        except (WebSocketDisconnect, KeyError):
            return
        if text.isascii() and text.isdecimal():
            total += int(text) % 1000
        await websocket.send_text(f"total {total}")
