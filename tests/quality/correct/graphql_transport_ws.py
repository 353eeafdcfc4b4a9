"""The graphql-transport-ws protocol, with its close codes, over a schema of one subscription."""

import asyncio
import json

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def count(websocket, identity):
    for number in range(3):
        await websocket.send_json({"id": identity, "type": "next", "payload": {"data": {"count": number}}})
        await asyncio.sleep(0.1)
    await websocket.send_json({"id": identity, "type": "complete"})


async def graphql(websocket):  # noqa: C901 - the whole protocol in one place
    if "graphql-transport-ws" not in websocket.scope["subprotocols"]:
        await websocket.close(4406)
        return
    await websocket.accept(subprotocol="graphql-transport-ws")
    acknowledged = False
    tasks: dict[str, asyncio.Task] = {}
    try:
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            try:
                message = json.loads(event.get("text") or "")
                kind, identity = message["type"], message.get("id")
            except (ValueError, KeyError, TypeError, RecursionError):
                await websocket.close(4400, "Invalid message")
                return
            if kind == "connection_init":
                if acknowledged:
                    await websocket.close(4429, "Too many initialisation requests")
                    return
                acknowledged = True
                await websocket.send_json({"type": "connection_ack"})
            elif kind == "ping":
                await websocket.send_json({"type": "pong"})
            elif kind == "pong":
                pass
            elif kind == "subscribe" and not acknowledged:
                await websocket.close(4401, "Unauthorized")
                return
            elif kind == "subscribe" and isinstance(identity, str) and identity.isascii():
                if identity in tasks and not tasks[identity].done():
                    await websocket.close(4409, "Subscriber already exists")
                    return
                tasks[identity] = asyncio.create_task(count(websocket, identity))
            elif kind == "complete" and isinstance(identity, str):
                if identity in tasks:
                    tasks.pop(identity).cancel()
            else:
                await websocket.close(4400, "Invalid message")
                return
    except WebSocketDisconnect:
        pass
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


app = Starlette(routes=[WebSocketRoute("/graphql", graphql)])
