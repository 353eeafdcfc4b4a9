"""A handler that accepts a second time when the client says hello. Found by protocol_violation."""

import json


async def app(scope, receive, send):
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        try:
            message = json.loads(event.get("text") or "null")
        except (ValueError, RecursionError):
            continue
        if isinstance(message, dict) and message.get("op") == "hello":
            await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "ok"})


PATHS = ("/",)
