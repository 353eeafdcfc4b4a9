"""A binary opcode whose handler reads past the frame. Found by handler_crash, error."""

import struct

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
PING, MOVE, CHAT = 0x01, 0x02, 0x03


@app.websocket("/game")
async def game(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            frame = await websocket.receive_bytes()
            if not frame:
                continue
            opcode = frame[0]
            if opcode == PING:
                await websocket.send_bytes(b"\x81")
            elif opcode == MOVE:
                x, y = struct.unpack_from("<hh", frame, 1)
                await websocket.send_bytes(struct.pack("<hh", x, y))
            elif opcode == CHAT:
                await websocket.send_bytes(frame[1:])
    except (WebSocketDisconnect, KeyError):
        pass
