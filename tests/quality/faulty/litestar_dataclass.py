"""A Litestar listener with a dataclass whose number divides. Found by server_error_close, ZeroDivisionError."""

from dataclasses import dataclass

from litestar import Litestar, websocket_listener
from litestar.dto import DataclassDTO


@dataclass
class Split:
    amount: int
    people: int


@websocket_listener("/split", dto=DataclassDTO[Split])
async def split(data: Split) -> dict[str, int]:
    return {"each": data.amount // data.people}


app = Litestar([split])
