"""A game whose turn belongs to a player who has gone. Found by handler_crash, IndexError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

players = []
turns = []


async def game(websocket):
    global turns
    await websocket.accept()
    players.append(websocket)
    turns = turns or [0]
    try:
        while True:
            await websocket.receive_text()
            turns[0] = (turns[0] + 1) % len(players) if turns[0] < len(players) - 1 else turns[0]
            current = players[turns[0]]
            if current is websocket:
                await websocket.send_text("your turn")
    except (WebSocketDisconnect, KeyError):
        pass
    finally:
        players.remove(websocket)
        if not players:
            turns = []


app = Starlette(routes=[WebSocketRoute("/game", game)])
