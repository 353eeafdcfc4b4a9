"""A command followed by rows of CSV, one of which has fewer cells than the header. Found by handler_crash,
AttributeError.
"""

import csv
import io

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


def stored(levels, body):
    reader = csv.DictReader(io.StringIO(body))
    try:
        rows = list(reader)
    except csv.Error:
        return "not CSV"
    if not {"part", "shelf"} <= set(reader.fieldnames or ()):
        return "part and shelf"
    for row in rows:
        levels[row["part"]] = row["shelf"].strip()
    return f"{len(levels)} parts"


async def stock(websocket):
    levels = {}
    await websocket.accept()
    try:
        while True:
            command, _, body = (await websocket.receive_text()).partition("\n")
            await websocket.send_text(stored(levels, body) if command == "STORE" else "STORE what?")
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/stock", stock)])
