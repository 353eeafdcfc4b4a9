"""Five messages a second; the sixth is answered with 1008."""

import asyncio
from collections import deque

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/limited")
async def limited(websocket: WebSocket):
    await websocket.accept()
    times: deque[float] = deque(maxlen=5)
    clock = asyncio.get_running_loop().time
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            now = clock()
            if len(times) == 5 and now - times[0] < 1:
                await websocket.close(1008, "too fast")
                return
            times.append(now)
            await websocket.send_json({"remaining": 5 - len(times)})
    except WebSocketDisconnect:
        pass
