"""A lone surrogate from JSON is sent back as text. Found by invalid_payload."""

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
            message = json.loads(event.get("text") or "")
        except (ValueError, RecursionError):
            continue
        if isinstance(message, dict) and isinstance(message.get("echo"), str):
            await send({"type": "websocket.send", "text": message["echo"]})


PATHS = ("/",)
