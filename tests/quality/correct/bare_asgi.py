"""A bare ASGI app that reads both kinds of frames, and checks what it reads."""

import json


async def app(scope, receive, send):
    if scope["type"] != "websocket":
        return
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        data = event.get("bytes")
        text = data.decode("utf-8", "replace") if data is not None else event["text"]
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        kind = message.get("type") if isinstance(message, dict) else None
        try:
            await send({"type": "websocket.send", "text": "pong" if kind == "ping" else "?"})
        except OSError:
            return


PATHS = ("/",)
