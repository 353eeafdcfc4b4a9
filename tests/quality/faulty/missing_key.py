"""A key that is missing: an order without a price. Found by handler_crash, KeyError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

orders: dict[int, float] = {}


async def place_orders(websocket: WebSocket) -> None:
    await websocket.accept()
    async for order in websocket.iter_json():
        if not isinstance(order, dict):
            await websocket.send_json({"error": "an order is an object"})
            continue
        total = float(order.get("quantity", 1) if isinstance(order.get("quantity"), int) else 1)
        await websocket.send_json({"total": total, "price": str(order["price"])})


app = Starlette(routes=[WebSocketRoute("/orders", place_orders)])
