"""A bare ASGI app that expects text in every frame. Found by handler_crash."""


async def app(scope, receive, send):
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            break
        text = event["text"]
        await send({"type": "websocket.send", "text": text[::-1]})


PATHS = ("/",)
