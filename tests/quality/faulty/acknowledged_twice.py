"""What was acknowledged is acknowledged again, over one of two subprotocols. Found by handler_crash, KeyError."""

import contextlib
import json

SPOKEN = ("mail.v2", "mail.v1")


class Plain:
    def take(self, message):
        return {"sizes": sorted(map(len, map(str, message)))[:9]}


class Numbered:
    def __init__(self):
        self.last = 0
        self.open = {}

    def take(self, message):
        match message:
            case {"post": str(text)}:
                self.last += 1
                self.open[self.last] = text[:80]
                return {"number": self.last}
            case {"done": number, **rest} if type(number) is int and 0 < number <= self.last:
                del self.open[number]
                return {"left": len(self.open), "note": bool(rest.get("note"))}
        return {"error": "post or done"}


class Session:
    def __init__(self, scope, receive, send):
        self.receive, self.send = receive, send
        offered = scope.get("subprotocols") or []
        self.spoken = next((one for one in SPOKEN if one in offered), None)
        self.box = Numbered() if self.spoken == "mail.v2" else Plain()

    async def run(self):
        await self.receive()
        await self.send({"type": "websocket.accept", "subprotocol": self.spoken})
        while (event := await self.receive())["type"] == "websocket.receive":
            try:
                message = json.loads(event.get("text") or "")
            except (ValueError, RecursionError):
                message = None
            reply = self.box.take(message) if isinstance(message, dict) else {"error": "an object"}
            await self.send({"type": "websocket.send", "text": json.dumps(reply)})


async def app(scope, receive, send):
    if scope["type"] == "websocket":
        with contextlib.suppress(OSError):
            await Session(scope, receive, send).run()
