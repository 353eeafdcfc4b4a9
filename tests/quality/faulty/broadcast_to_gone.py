"""A broadcast to a client that has gone kills the handler of another. Found by handler_crash."""

from fastapi import FastAPI, WebSocket

app = FastAPI()
clients: list[WebSocket] = []


@app.websocket("/room")
async def room(websocket: WebSocket):
    await websocket.accept()
    clients.append(websocket)
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            if len(clients) > 100:
                clients.clear()
            return
        for client in clients:
            await client.send_text("somebody spoke")
