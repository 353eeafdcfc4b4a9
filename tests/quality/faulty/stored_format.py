"""A text is stored in one message, and is a format in another. Found by handler_crash."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def cards(websocket):
    await websocket.accept()
    texts = {"welcome": "Dear {name}"}
    while True:
        try:
            data = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            continue
        if not isinstance(data, dict) or not isinstance(data.get("card"), str):
            continue
        if data.get("do") == "write" and isinstance(data.get("text"), str):
            texts[data["card"]] = data["text"]
        elif data.get("do") == "print" and data["card"] in texts:
            try:
                await websocket.send_text(texts[data["card"]].format(name="Ada"))
            except KeyError as error:
                await websocket.send_text(f"unknown: {error}")


app = Starlette(routes=[WebSocketRoute("/cards", cards)])
