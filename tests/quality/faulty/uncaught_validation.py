"""A pydantic model whose ValidationError nobody catches. Found by handler_crash, ValidationError."""

from typing import Literal

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field

app = FastAPI()


class Order(BaseModel):
    side: Literal["buy", "sell"]
    quantity: int = Field(ge=1, le=1000)


@app.websocket("/trade")
async def trade(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            try:
                data = await websocket.receive_json()
            except (ValueError, KeyError, RecursionError):
                continue
            order = Order.model_validate(data)
            await websocket.send_json({"side": order.side})
    except WebSocketDisconnect:
        pass
