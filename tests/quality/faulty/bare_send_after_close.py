"""A bare ASGI app that closes on a command and answers it all the same. Found by protocol_violation."""


async def app(scope, receive, send):
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    closed = False
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        if event.get("text") == "/quit":
            await send({"type": "websocket.close", "code": 1000})
            closed = True
        await send({"type": "websocket.send", "text": "bye" if closed else "ok"})


PATHS = ("/",)
