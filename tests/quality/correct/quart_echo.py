"""A Quart echo of both kinds of frames."""

from quart import Quart, websocket

app = Quart(__name__)


@app.websocket("/echo")
async def echo():
    while True:
        await websocket.send(await websocket.receive())
