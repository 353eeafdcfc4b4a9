"""Two numbers that are fine alone and wrong together. Found by handler_crash, ValueError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/items")
async def items(websocket: WebSocket):
    await websocket.accept()
    while True:
        try:
            data = await websocket.receive_json()
            start, stop, step = int(data["start"]), int(data["stop"]), int(data.get("step", 1))
        except WebSocketDisconnect:
            return
        except Exception:
            await websocket.send_json([])
            continue
        if -100 < start < 100 and -100 < stop < 100 and step >= 0:
            await websocket.send_json(list(range(start, stop, step)))
        else:
            await websocket.send_json([])
