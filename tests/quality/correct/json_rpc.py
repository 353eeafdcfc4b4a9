"""JSON-RPC 2.0 with its error codes, batches and notifications."""

import json

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


def add(a, b):
    if type(a) is not int or type(b) is not int or max(abs(a), abs(b)) > 2**31:
        raise TypeError
    return a + b


METHODS = {"add": add, "ping": lambda: "pong"}


def error(code, message, identity=None):
    return {"jsonrpc": "2.0", "error": {"code": code, "message": message}, "id": identity}


def one(request):
    if not isinstance(request, dict) or request.get("jsonrpc") != "2.0" or not isinstance(request.get("method"), str):
        return error(-32600, "Invalid Request")
    identity = request.get("id")
    if identity is not None and type(identity) is not int and not (isinstance(identity, str) and identity.isascii()):
        return error(-32600, "Invalid Request")
    method = METHODS.get(request["method"])
    if method is None:
        return error(-32601, "Method not found", identity) if "id" in request else None
    params = request.get("params", [])
    try:
        result = method(**params) if isinstance(params, dict) else method(*params)
    except TypeError:
        return error(-32602, "Invalid params", identity)
    return {"jsonrpc": "2.0", "result": result, "id": identity} if "id" in request else None


async def rpc(websocket):
    await websocket.accept()
    while True:
        event = await websocket.receive()
        if event["type"] == "websocket.disconnect":
            return
        try:
            request = json.loads(event.get("text") or event.get("bytes") or "")
        except (ValueError, RecursionError):
            reply = error(-32700, "Parse error")
        else:
            if isinstance(request, list) and request:
                reply = [answer for answer in map(one, request) if answer is not None] or None
            else:
                reply = one(request)
        if reply is not None:
            try:
                await websocket.send_text(json.dumps(reply))
            except WebSocketDisconnect:
                return


app = Starlette(routes=[WebSocketRoute("/rpc", rpc)])
