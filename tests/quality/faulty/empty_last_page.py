"""Pages with a token for the next, which is handed out after the last one too. Found by handler_crash, IndexError."""

import secrets

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

ROWS = [{"track": number, "title": f"Track {number}"} for number in range(1, 7)]
PAGE = 3


def page(marks, start):
    rows = ROWS[start : start + PAGE]
    token = secrets.token_urlsafe(9) + "00"
    marks[token] = start + PAGE
    return {"first": rows[0]["title"], "last": rows[-1]["title"], "more": token}


async def albums(websocket):
    await websocket.accept()
    marks = {}
    while True:
        try:
            asked = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            asked = None
        if not isinstance(asked, dict):
            await websocket.send_json({"error": "object"})
        elif asked.get("show") == "all":
            await websocket.send_json(page(marks, 0))
        elif isinstance(asked.get("continue"), str) and asked["continue"] in marks:
            await websocket.send_json(page(marks, marks.pop(asked["continue"])))
        else:
            await websocket.send_json({"error": "nothing there"})


app = Starlette(routes=[WebSocketRoute("/albums", albums)])
