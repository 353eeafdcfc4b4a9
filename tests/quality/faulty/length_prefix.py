"""A length prefix that promises more than follows. Found by handler_crash, IndexError."""


async def app(scope, receive, send):
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        data = event.get("bytes")
        if not data:
            continue
        length, checksum = data[0], 0
        for number in range(length):
            checksum ^= data[1 + number]
        await send({"type": "websocket.send", "bytes": bytes([checksum])})


PATHS = ("/",)
