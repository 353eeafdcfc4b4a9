"""A dependency that runs in a thread and refuses whoever has no token, before accepting."""

from typing import Annotated

from fastapi import Depends, FastAPI, Query, WebSocket, WebSocketException

app = FastAPI()
TOKENS = {"secret": "alice", "other": "bob"}


def user(token: Annotated[str | None, Query()] = None) -> str:
    if token not in TOKENS:
        raise WebSocketException(code=1008)
    return TOKENS[token]


@app.websocket("/me")
async def me(websocket: WebSocket, name: Annotated[str, Depends(user)]):
    await websocket.accept()
    while (await websocket.receive())["type"] == "websocket.receive":
        await websocket.send_json({"name": name})
