"""A lock that an early return of a branch never releases. Found by hang."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def account(websocket):
    await websocket.accept()
    lock = asyncio.Lock()
    balance = 100

    async def withdraw(amount):
        nonlocal balance
        await lock.acquire()
        if amount > balance:
            return False
        balance -= amount
        lock.release()
        return True

    try:
        while True:
            data = await websocket.receive_json()
            amount = data.get("amount") if isinstance(data, dict) else None
            if type(amount) is not int or amount < 0:
                await websocket.send_json({"error": "amount"})
            else:
                await websocket.send_json({"done": await withdraw(amount)})
    except (WebSocketDisconnect, ValueError, KeyError, RecursionError):
        pass


app = Starlette(routes=[WebSocketRoute("/account", account)])
