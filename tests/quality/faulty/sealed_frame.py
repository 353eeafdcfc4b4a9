"""Binary frames with a header and a CRC over both: a window of samples may be empty. Found by handler_crash,
ZeroDivisionError.
"""

import struct
import zlib

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

HEAD = struct.Struct(">BHH")
STORE, MEAN = 2, 6


def sealed(operation, number, body):
    frame = HEAD.pack(operation, number, len(body)) + body
    return frame + struct.pack(">I", zlib.crc32(frame))


def reply(samples, frame):
    if len(frame) < HEAD.size + 4 or zlib.crc32(frame[:-4]) != int.from_bytes(frame[-4:], "big"):
        return sealed(0, 0, b"crc")
    operation, number, size = HEAD.unpack_from(frame)
    body = frame[HEAD.size : -4]
    if len(body) != size or size % 2:
        return sealed(0, number, b"size")
    if operation == STORE:
        samples.extend(struct.unpack(f">{size // 2}h", body))
        return sealed(STORE, number, struct.pack(">I", len(samples)))
    if operation == MEAN and size == 4 and samples:
        start, count = struct.unpack(">HH", body)
        window = samples[start : start + count]
        return sealed(MEAN, number, struct.pack(">h", sum(window) // len(window)))
    return sealed(0, number, b"what")


async def logger(websocket):
    samples = []
    await websocket.accept()
    try:
        while True:
            await websocket.send_bytes(reply(samples, await websocket.receive_bytes()))
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/logger", logger)])
