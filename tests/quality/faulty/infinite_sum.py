"""Finite distances add up to an infinite one, which is no JSON. Found by invalid_payload."""

import math

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/odometer")
async def odometer(websocket: WebSocket):
    await websocket.accept()
    driven = []
    while True:
        try:
            message = await websocket.receive_json()
        except WebSocketDisconnect:
            return
        except (KeyError, ValueError, RecursionError):
            continue
        if not isinstance(message, dict):
            await websocket.send_json({"error": "object"})
        elif "drive" in message:
            distance = message["drive"]
            if type(distance) is float and math.isfinite(distance):
                driven.append(distance)
            await websocket.send_json({"legs": len(driven)})
        elif message.get("show") == "total":
            await websocket.send_json({"total": sum(driven)})
        else:
            await websocket.send_json({"error": "drive or show"})
