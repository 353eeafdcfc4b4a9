"""A number that was called is answered after its desk has closed. Found by handler_crash, KeyError."""

import itertools

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

NUMBERS = itertools.count(40)


class Hall:
    def __init__(self):
        self.desks = {}
        self.called = {}

    def answer(self, verb, fields):
        desk = fields.get("desk", "main")
        if verb == "OPEN":
            self.desks.setdefault(desk, 0)
            return "OPENED"
        if verb == "CALL" and desk in self.desks:
            number = f"n-{next(NUMBERS)}"
            self.called[number] = desk
            return f"CALLED\nticket:{number}"
        if verb == "SHUT" and self.desks.pop(desk, None) is not None:
            return "CLOSED"
        if verb == "DONE" and fields.get("ticket") in self.called:
            self.desks[self.called.pop(fields["ticket"])] += 1
            return "THANKS"
        return "WHAT"


async def hall(websocket):
    await websocket.accept()
    state = Hall()
    while (event := await websocket.receive())["type"] != "websocket.disconnect":
        verb, *lines = (event.get("text") or "").split("\n")
        fields = {}
        for line in lines:
            name, _, value = line.partition("=")
            fields[name] = value
        await websocket.send_text(state.answer(verb, fields))


app = Starlette(routes=[WebSocketRoute("/hall", hall)])
