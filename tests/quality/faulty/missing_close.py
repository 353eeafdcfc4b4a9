"""A handler that returns after `bye` and forgets to close. Found by missing_close."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/bye")
async def bye(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            if await websocket.receive_text() == "bye":
                return
            await websocket.send_text("go on")
    except (WebSocketDisconnect, KeyError):
        pass
