"""Commands of a union of strict models that forbid what they do not know: a closed case is assigned. Found by
handler_crash, KeyError.
"""

from typing import Annotated, Literal

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Name = Annotated[str, Field(pattern="^[a-z]{2,12}$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Sign(Strict):
    act: Literal["sign"]
    officer: Name


class Open(Strict):
    act: Literal["open"]
    case: int = Field(ge=1, le=99)
    title: str = Field(min_length=1, max_length=40)


class Assign(Strict):
    act: Literal["assign"]
    case: int = Field(ge=1, le=99)
    officer: Name


class Shut(Strict):
    act: Literal["shut"]
    case: int = Field(ge=1, le=99)
    verdict: Literal["solved", "cold"]


class Show(Strict):
    act: Literal["show"]


COMMANDS = TypeAdapter(Annotated[Sign | Open | Assign | Shut | Show, Field(discriminator="act")])

app = FastAPI()


@app.websocket("/cases")
async def cases(websocket: WebSocket):
    await websocket.accept()
    officer, titles, officers = None, {}, {}
    while True:
        try:
            command = COMMANDS.validate_json(await websocket.receive_text())
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError):
            await websocket.send_json({"error": "what?"})
            continue
        if isinstance(command, Sign):
            officer = command.officer
        elif officer is None:
            await websocket.send_json({"error": "sign first"})
            continue
        elif isinstance(command, Open):
            titles[command.case] = command.title
            officers[command.case] = officer
        elif isinstance(command, Shut):
            if command.case in titles and command.verdict == "cold":
                officers.pop(command.case, None)
        elif isinstance(command, Assign) and command.case in titles:
            await websocket.send_json({"was": officers[command.case]})
            officers[command.case] = command.officer
            continue
        await websocket.send_json({"officer": officer, "cases": sorted(titles)})
