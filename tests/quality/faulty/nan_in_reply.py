"""A mean of nothing is NaN, which is no JSON. Found by invalid_payload."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def mean(websocket):
    await websocket.accept()
    while True:
        try:
            data = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            continue
        values = data.get("values") if isinstance(data, dict) else None
        if not isinstance(values, list):
            await websocket.send_json({"error": "values?"})
            continue
        numbers = [value for value in values if type(value) is int]
        result = float("nan") if not numbers else sum(numbers) // len(numbers)
        await websocket.send_json({"mean": result if len(str(abs(result))) < 100 else 0})


app = Starlette(routes=[WebSocketRoute("/mean", mean)])
