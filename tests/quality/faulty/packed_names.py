"""MessagePack in binary messages: a name may be text or bytes, and the two have no order. Found by handler_crash,
TypeError.
"""

import msgpack
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


def put(series, name, value):
    if not isinstance(name, str | bytes) or not isinstance(value, int):
        return "what?"
    series[name] = value
    return len(series)


def names(series):
    return sorted(series)


OPERATIONS = {1: (put, 2), 2: (names, 0)}


def reply(series, data):
    try:
        message = msgpack.unpackb(data)
    except Exception:
        return "not MessagePack"
    if not isinstance(message, list) or not message or type(message[0]) is not int:
        return "not a list"
    operation, arity = OPERATIONS.get(message[0], (None, 0))
    if operation is None or len(message) != arity + 1:
        return "no such operation"
    return operation(series, *message[1:])


async def ingest(websocket):
    series = {}
    await websocket.accept()
    try:
        while True:
            await websocket.send_bytes(msgpack.packb(reply(series, await websocket.receive_bytes())))
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/ingest", ingest)])
