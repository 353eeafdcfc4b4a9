"""Whatever the model refuses is answered with 1007, and the connection closed."""

from typing import Annotated, Literal

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

app = FastAPI()


class Buy(BaseModel, extra="forbid", allow_inf_nan=False):
    type: Literal["buy"]
    quantity: int = Field(ge=1, le=100)
    price: float = Field(gt=0)


class Cancel(BaseModel, extra="forbid"):
    type: Literal["cancel"]
    order: int


REQUEST = TypeAdapter(Annotated[Buy | Cancel, Field(discriminator="type")])


@app.websocket("/trade")
async def trade(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            try:
                request = REQUEST.validate_json(event.get("text") or event.get("bytes") or b"")
            except ValidationError:
                await websocket.close(1007, "invalid request")
                return
            if isinstance(request, Buy):
                await websocket.send_json({"bought": request.quantity})
            else:
                await websocket.send_json({"cancelled": True})
    except WebSocketDisconnect:
        pass
