"""A division by a number that the client chose. Found by handler_crash, ZeroDivisionError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ValidationError

app = FastAPI()


class Page(BaseModel):
    total: int
    per_page: int


@app.websocket("/pages")
async def pages(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            try:
                page = Page.model_validate_json(await websocket.receive_text())
            except (ValidationError, KeyError):
                await websocket.send_json({"error": "invalid"})
                continue
            await websocket.send_json({"pages": page.total // page.per_page})
    except WebSocketDisconnect:
        pass
