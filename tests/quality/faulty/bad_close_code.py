"""A close code that a client chose and no server may send. Found by protocol_violation."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/leave")
async def leave(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            try:
                data = await websocket.receive_json()
            except (ValueError, KeyError, RecursionError):
                continue
            if isinstance(data, dict) and data.get("cmd") == "close":
                code = data.get("code")
                await websocket.close(code if isinstance(code, int) else 1000)
                return
            await websocket.send_json({"cmd": "ok"})
    except WebSocketDisconnect:
        pass
