"""A `match` without a default leaves its result unbound. Found by handler_crash, UnboundLocalError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/calc")
async def calc(websocket: WebSocket):
    await websocket.accept()
    while True:
        try:
            request = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            await websocket.send_json({"error": "json"})
            continue
        match request:
            case {"op": "add", "a": int(), "b": int()}:
                result = "sum"
            case {"op": "neg", "a": int()}:
                result = "negative"
            case {"op": str()}:
                pass
            case _:
                result = "error"
        await websocket.send_json({"result": result})
        del result
