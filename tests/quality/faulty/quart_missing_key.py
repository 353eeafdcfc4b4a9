"""A Quart handler that looks up a command in a table. Found by server_error_close, KeyError."""

from quart import Quart, websocket

app = Quart(__name__)
HANDLERS = {"ping": lambda _: "pong", "echo": lambda argument: argument}


@app.websocket("/rpc")
async def rpc():
    while True:
        text = await websocket.receive()
        if isinstance(text, bytes):
            await websocket.send("text, please")
            continue
        name, _, argument = text.partition(" ")
        await websocket.send(HANDLERS[name](argument))
