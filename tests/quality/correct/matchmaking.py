"""The first player waits for a second one, however long it takes."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

waiting: asyncio.Queue = asyncio.Queue()


async def match(websocket):
    await websocket.accept()
    try:
        await websocket.receive_text()
        if waiting.empty():
            found = asyncio.Event()
            waiting.put_nowait(found)
            await websocket.send_text("waiting")
            gone = asyncio.create_task(websocket.receive())
            partner = asyncio.create_task(found.wait())
            done, pending = await asyncio.wait({gone, partner}, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            if gone in done:
                if waiting.qsize():
                    waiting.get_nowait()
                await websocket.close()
                return
        else:
            waiting.get_nowait().set()
        await websocket.send_text("matched")
        await websocket.close()
    except (WebSocketDisconnect, KeyError, RuntimeError):
        return


app = Starlette(routes=[WebSocketRoute("/match", match)])
