"""A range in the query string may be empty, and is divided by. Found by handler_crash, ZeroDivisionError."""

from typing import Annotated

from fastapi import Depends, FastAPI, Query, WebSocket, WebSocketDisconnect, WebSocketException

app = FastAPI()


def span(axis: Annotated[str, Query()] = "0.5..20.5"):
    parts = axis.split("..")
    if len(parts) != 2:
        raise WebSocketException(1008)
    try:
        low, high = (float(part) for part in parts)
    except ValueError:
        raise WebSocketException(1008) from None
    if not -1000 <= low <= high <= 1000:
        raise WebSocketException(1008)
    return low, high


def scale(bounds: Annotated[tuple, Depends(span)]):
    low, high = bounds
    return 100 / (high - low)


@app.websocket("/axis")
async def draw(websocket: WebSocket, factor: Annotated[float, Depends(scale)]):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(f"{len(await websocket.receive_text()) * factor}")
    except WebSocketDisconnect:
        pass
