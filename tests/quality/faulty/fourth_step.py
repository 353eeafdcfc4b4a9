"""A protocol of four steps whose last one forgets that a cart can be empty. Found by handler_crash, IndexError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


class Checkout:
    def __init__(self) -> None:
        self.user: str | None = None
        self.cart: list[str] = []
        self.paying = False

    def on_login(self, message: dict) -> dict:
        self.user = str(message.get("name", "guest"))
        return {"ok": "login"}

    def on_add(self, message: dict) -> dict:
        if self.user is None:
            return {"error": "log in first"}
        self.cart.append(str(message.get("item")))
        return {"ok": "add"}

    def on_checkout(self, message: dict) -> dict:
        if self.user is None or not self.cart:
            return {"error": "nothing to pay"}
        self.paying = True
        return {"ok": "checkout"}

    def on_clear(self, message: dict) -> dict:
        self.cart.clear()
        return {"ok": "clear"}

    def on_pay(self, message: dict) -> dict:
        if not self.paying:
            return {"error": "check out first"}
        return {"ok": "pay", "first": self.cart[0]}


@app.websocket("/checkout")
async def checkout(websocket: WebSocket):
    await websocket.accept()
    session = Checkout()
    while True:
        try:
            message = await websocket.receive_json()
            handler = getattr(session, f"on_{message['action']}", None)
        except WebSocketDisconnect:
            return
        except Exception:
            await websocket.send_json({"error": "invalid"})
            continue
        if handler is None:
            await websocket.send_json({"error": "unknown action"})
        else:
            await websocket.send_json(handler(message))
