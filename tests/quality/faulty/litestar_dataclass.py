"""A Litestar listener with a dataclass whose number divides. Found by server_error_close, ZeroDivisionError."""

from dataclasses import dataclass

from litestar import Litestar, websocket_listener


@dataclass
class Split:
    amount: int
    people: int


@websocket_listener("/split")
async def split(data: Split) -> dict[str, int]:
    return {"each": data.amount // data.people}


app = Litestar([split])
