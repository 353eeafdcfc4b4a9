"""An amount has more digits than it can be rounded with. Found by handler_crash, InvalidOperation."""

from decimal import Decimal

import pydantic
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


class Amount(pydantic.BaseModel):
    amount: Decimal = pydantic.Field(gt=0)


@app.websocket("/fee")
async def fee(websocket: WebSocket):
    await websocket.accept()
    while True:
        try:
            asked = Amount.model_validate_json(await websocket.receive_text())
        except WebSocketDisconnect:
            return
        except ValueError:
            await websocket.send_text("no amount")
            continue
        await websocket.send_text(str((asked.amount / 100).quantize(Decimal("0.01"))))
