"""JSON-RPC by position and by name: `params` can be a list. Found by handler_crash."""

import json

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


def subtract(params):
    return f"{params['minuend']!s} - {params['subtrahend']!s}"[:50]


METHODS = {"subtract": subtract, "ping": lambda params: "pong"}


async def rpc(websocket):
    await websocket.accept()
    while True:
        try:
            request = json.loads(await websocket.receive_text())
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            await websocket.send_json({"jsonrpc": "2.0", "error": {"code": -32700}, "id": None})
            continue
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            await websocket.send_json({"jsonrpc": "2.0", "error": {"code": -32600}, "id": None})
            continue
        method = METHODS.get(request["method"])
        if method is None:
            await websocket.send_json({"jsonrpc": "2.0", "error": {"code": -32601}, "id": None})
            continue
        await websocket.send_json({"jsonrpc": "2.0", "result": str(method(request.get("params"))), "id": None})


app = Starlette(routes=[WebSocketRoute("/rpc", rpc)])
