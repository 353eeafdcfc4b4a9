"""Binary frames that are read field by field with a cursor: the start of an empty part of a document. Found by
handler_crash, IndexError.
"""

import struct

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


class Cursor:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def byte(self):
        value = self.data[self.at]
        self.at += 1
        return value

    def short(self):
        (value,) = struct.unpack_from(">H", self.data, self.at)
        self.at += 2
        return value

    def long(self):
        (value,) = struct.unpack_from(">I", self.data, self.at)
        self.at += 4
        return value

    def rest(self):
        size = self.short()
        if len(self.data) - self.at != size:
            raise ValueError("size")
        return self.data[self.at : self.at + size]


def request(documents, data):
    cursor = Cursor(data)
    if cursor.short() != 0xABCD:
        return b"magic", None
    kind = cursor.byte()
    if kind == 1:
        number = cursor.long()
        documents[number] = cursor.rest()
        return b"kept", None
    if kind == 2:
        document, start, size = documents.get(cursor.long()), cursor.short(), cursor.short()
        if document is None or start > len(document):
            return b"none", None
        return b"part", document[start : start + size]
    return b"what", None


async def documents(websocket):
    kept = {}
    await websocket.accept()
    while True:
        try:
            said, part = request(kept, await websocket.receive_bytes())
        except WebSocketDisconnect:
            return
        except (struct.error, IndexError, ValueError, KeyError):
            await websocket.send_text("short")
            continue
        if part is not None:
            said += bytes([part[0]]) + part
        await websocket.send_bytes(said)


app = Starlette(routes=[WebSocketRoute("/documents", documents)])
