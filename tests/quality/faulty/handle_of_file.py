"""Binary frames with the handle that opening a file has given: a part past the last is read. Found by handler_crash,
IndexError.
"""

import secrets
import struct

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

OPEN, READ, SHUT = 0x10, 0x11, 0x12
HANDLE = struct.Struct(">6s")
PART = struct.Struct(">6sB")
PARTS = [b"one", b"two", b"three"]


def answer(handles, frame):
    if frame[:1] == bytes([OPEN]):
        handle = secrets.token_bytes(HANDLE.size)
        handles.add(handle)
        return bytes([OPEN, 0]) + handle
    body = frame[1:]
    if frame[:1] == bytes([READ]) and len(body) == PART.size:
        handle, number = PART.unpack(body)
        return bytes([READ]) + PARTS[number] if handle in handles else b"\x00handle"
    if frame[:1] == bytes([SHUT]) and len(body) == HANDLE.size:
        handles.discard(HANDLE.unpack(body)[0])
        return bytes([SHUT, 0])
    return b"\x00what"


async def files(websocket):
    await websocket.accept()
    handles = set()
    while True:
        try:
            await websocket.send_bytes(answer(handles, await websocket.receive_bytes()))
        except WebSocketDisconnect:
            return
        except KeyError:
            await websocket.close(1003)
            return


app = Starlette(routes=[WebSocketRoute("/files", files)])
