"""`isdigit` lets a superscript through that `int` refuses. Found by handler_crash, ValueError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/square")
async def square(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            if not text.isdigit() or len(text) > 10:
                await websocket.send_text("a number, please")
                continue
            await websocket.send_text(str(int(text) ** 2))
    except (WebSocketDisconnect, KeyError):
        pass
