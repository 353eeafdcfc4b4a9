"""A date that looks like one and is none. Found by handler_crash, ValueError."""

import re
from datetime import date

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/booking")
async def booking(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            found = re.fullmatch(r"BOOK (\d{4})-(\d{2})-(\d{2})", text, re.ASCII)
            if found is None:
                await websocket.send_text("BOOK yyyy-mm-dd")
                continue
            day = date(int(found[1]), int(found[2]), int(found[3]))
            await websocket.send_text(f"booked {day:%d %B}")
    except (WebSocketDisconnect, KeyError):
        pass
