"""A regular expression that backtracks for ever. Found by blocked_loop."""

import re

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
NAME = re.compile(r"^(\w+\s?)*$")


@app.websocket("/names")
async def names(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            name = await websocket.receive_text()
            await websocket.send_text("valid" if NAME.match(name) else "invalid")
    except (WebSocketDisconnect, KeyError):
        pass
