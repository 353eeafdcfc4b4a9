"""A reply after the handler closed the connection. Found by handler_crash."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/quit")
async def quit_(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            if text == "quit":
                await websocket.close(1000)
            await websocket.send_text(f"you said {len(text)} characters")
    except (WebSocketDisconnect, KeyError):
        pass
