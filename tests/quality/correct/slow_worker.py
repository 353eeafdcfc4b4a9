"""Jobs that take their time, one after another, and a reply to each."""

import asyncio

from fastapi import FastAPI, WebSocket
from pydantic import BaseModel, Field, ValidationError

app = FastAPI()


class Job(BaseModel):
    name: str = Field(max_length=50)
    seconds: float = Field(ge=0, le=5, allow_inf_nan=False)


@app.websocket("/jobs")
async def jobs(websocket: WebSocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        try:
            job = Job.model_validate_json(message.get("text") or message.get("bytes") or "")
        except ValidationError:
            await websocket.send_json({"error": "a job has a name and takes up to 5 seconds"})
            continue
        await asyncio.sleep(job.seconds)
        await websocket.send_json({"done": True})
