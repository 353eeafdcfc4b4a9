"""A task in the background dies of a value that nobody checked. Found by background_task_crash."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def schedule(websocket):
    await websocket.accept()
    jobs = []

    async def later(seconds, text):
        await asyncio.sleep(float(seconds))
        jobs.append(text)

    tasks = set()
    try:
        while True:
            data = await websocket.receive_json()
            if isinstance(data, dict) and "delay" in data:
                tasks.add(asyncio.create_task(later(data["delay"], data.get("text"))))
            await websocket.send_json({"jobs": len(jobs)})
    except (WebSocketDisconnect, ValueError, KeyError, RecursionError):
        pass
    finally:
        for task in tasks:
            task.cancel()


app = Starlette(routes=[WebSocketRoute("/schedule", schedule)])
