"""An infinite amount is turned into an integer. Found by handler_crash, OverflowError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/pay")
async def pay(websocket: WebSocket):
    await websocket.accept()
    while True:
        try:
            payment = await websocket.receive_json()
            amount = payment["amount"]
            if not isinstance(amount, float) or amount <= 0:
                raise ValueError(amount)
        except WebSocketDisconnect:
            return
        except Exception:
            await websocket.send_json({"error": "amount"})
            continue
        await websocket.send_json({"cents": int(amount * 100) % 100})
