"""A member who leaves twice is not in the room the second time. Found by handler_crash, KeyError."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
ROOMS: dict[str, set[int]] = {}


@app.websocket("/lobby")
async def lobby(websocket: WebSocket):
    await websocket.accept()
    me = id(websocket)
    while True:
        try:
            message = await websocket.receive_json()
        except WebSocketDisconnect:
            for members in ROOMS.values():
                members.discard(me)
            return
        except (ValueError, KeyError, RecursionError):
            continue
        match message:
            case {"type": "join", "room": str(room)}:
                ROOMS.setdefault(room, set()).add(me)
                await websocket.send_json({"type": "joined"})
            case {"type": "leave", "room": str(room)} if room in ROOMS:
                ROOMS[room].remove(me)
                await websocket.send_json({"type": "left"})
            case _:
                await websocket.send_json({"type": "error"})
