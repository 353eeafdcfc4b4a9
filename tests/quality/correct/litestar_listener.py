"""A Litestar listener that returns what it made of the text."""

from litestar import Litestar, websocket_listener


@websocket_listener("/upper")
async def upper(data: str) -> str:
    return data.upper()


app = Litestar([upper])
