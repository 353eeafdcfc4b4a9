"""A page below zero, far enough, is no index. Found by handler_crash, IndexError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ValidationError

app = FastAPI()
PAGES = ["one", "two", "three"]


class Turn(BaseModel):
    page: int


@app.websocket("/book")
async def book(websocket: WebSocket):
    await websocket.accept()
    while True:
        try:
            turn = Turn(**(await websocket.receive_json()))
        except WebSocketDisconnect:
            return
        except (ValidationError, TypeError, ValueError, KeyError, RecursionError):
            await websocket.send_text("which page?")
            continue
        await websocket.send_text(PAGES[turn.page] if turn.page < len(PAGES) else "the end")
