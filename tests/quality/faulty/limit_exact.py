"""A message of exactly the limit falls between two branches. Found by handler_crash."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/notes")
async def notes(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            answer = None
            if len(text) < 280:
                answer = "saved"
            elif len(text) > 280:
                answer = "too long"
            await websocket.send_text(answer.upper())
    except (WebSocketDisconnect, KeyError):
        pass
