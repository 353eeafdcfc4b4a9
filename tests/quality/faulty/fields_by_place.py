"""Binary frames whose fields are cut out one by one: a tape that is read past its end. Found by handler_crash,
IndexError.
"""

import struct

MAGIC = b"\xca\xfe"
HELLO, WRITE, READ = 1, 2, 3


def short(frame, at):
    return int.from_bytes(frame[at : at + 2], "big")


def long(frame, at):
    return struct.unpack_from(">I", frame, at)[0]


class Tapes:
    def __init__(self):
        self.tapes = {}
        self.met = False

    def handle(self, frame):
        if len(frame) < 4 or frame[:2] != MAGIC:
            return b"\xff"
        body = frame[4:]
        if frame[2] == HELLO and len(body) >= 2 and short(body, 0) in (1, 2):
            self.met = True
            return b"\x00"
        if frame[2] == WRITE and self.met and len(body) >= 6 and short(body, 4) == len(body) - 6:
            self.tapes[long(body, 0)] = body[6:]
            return b"\x00" + body[:4]
        if frame[2] == READ and len(body) >= 5 and long(body, 0) in self.tapes:
            tape = self.tapes[long(body, 0)]
            return bytes([tape[body[4]]])
        return b"\xfe"


async def app(scope, receive, send):
    if scope["type"] != "websocket":
        raise NotImplementedError(scope["type"])
    tapes = Tapes()
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        if message.get("bytes") is None:
            await send({"type": "websocket.close", "code": 1003})
            return
        await send({"type": "websocket.send", "bytes": tapes.handle(message["bytes"])})
