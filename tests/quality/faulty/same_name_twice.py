"""Two users of the same name: the second to leave is not in the table any more. Found by handler_crash, KeyError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
players: dict[str, WebSocket] = {}


@app.websocket("/play/{name}")
async def play(websocket: WebSocket, name: str):
    await websocket.accept()
    players[name] = websocket
    try:
        while True:
            await websocket.receive()
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        del players[name]
