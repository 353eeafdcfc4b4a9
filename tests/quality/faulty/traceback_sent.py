"""An error handler that sends the traceback to the client. Found by traceback_leak."""

import traceback

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/debug")
async def debug(websocket: WebSocket):
    await websocket.accept()
    while True:
        try:
            data = await websocket.receive_json()
            await websocket.send_json({"length": len(data["text"])})
        except WebSocketDisconnect:
            return
        except Exception:
            await websocket.send_text(traceback.format_exc())
