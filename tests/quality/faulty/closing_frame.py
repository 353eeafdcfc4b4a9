"""The last frame of a transfer is too short, once all that was announced is there. Found by handler_crash, error."""

import struct

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


class Transfer:
    def __init__(self):
        self.missing = None
        self.total = 0

    def take(self, frame):
        body = memoryview(frame)[1:]
        match frame[0]:
            case 16 if len(body) == 2:
                (count,) = struct.unpack(">H", body)
                self.missing = count if 0 < count < 5000 else None
                return self.missing is not None
            case 17 | 19 if self.missing and len(body) >= 2:
                (length,) = struct.unpack_from("<H", body)
                if len(body) - 2 != length:
                    return False
                self.total += sum(body[2:])
                self.missing -= min(length, self.missing)
                return True
            case 18 if self.missing == 0:
                return struct.unpack(">I", body) == (self.total,)
        return False


async def transfers(websocket):
    await websocket.accept()
    transfer = Transfer()
    async for frame in websocket.iter_bytes():
        await websocket.send_bytes(bytes([transfer.take(frame) if frame else 0]))


app = Starlette(routes=[WebSocketRoute("/transfers", transfers)])
