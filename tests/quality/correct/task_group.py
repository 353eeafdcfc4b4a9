"""A reader and a writer in a task group that ends as one, whoever leaves."""

import anyio
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def pump(websocket):
    await websocket.accept()
    sender, receiver = anyio.create_memory_object_stream(100)

    async def read(scope):
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                scope.cancel()
                return
            with sender.clone() as own:
                try:
                    own.send_nowait(event.get("text") or "")
                except anyio.WouldBlock:
                    continue

    async def write(scope):
        async for text in receiver:
            try:
                await websocket.send_text(text)
            except WebSocketDisconnect:
                scope.cancel()
                return

    async with sender, receiver, anyio.create_task_group() as group:
        group.start_soon(read, group.cancel_scope)
        group.start_soon(write, group.cancel_scope)


app = Starlette(routes=[WebSocketRoute("/pump", pump)])
