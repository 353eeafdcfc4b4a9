"""A command by the name of a counter that stands beside the commands. Found by handler_crash, TypeError."""

import json

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


class Robot:
    def __init__(self):
        self.act_total = 0
        self.place = 0

    def act_step(self):
        self.place += 1

    def act_home(self):
        self.place = 0

    def obey(self, verb):
        action = getattr(self, f"act_{verb}", None)
        if action is None:
            return {"error": "unknown"}
        action()
        self.act_total += 1
        return {"place": self.place, "total": self.act_total}


async def steer(websocket):
    await websocket.accept()
    robot = Robot()
    try:
        while (event := await websocket.receive())["type"] == "websocket.receive":
            try:
                order = json.loads(event.get("text") or "")
            except (ValueError, RecursionError):
                order = None
            verb = order.get("verb") if isinstance(order, dict) else None
            reply = robot.obey(verb) if isinstance(verb, str) else {"error": "a verb"}
            await websocket.send_json(reply)
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/steer", steer)])
