"""A Litestar listener that indexes into a text. Found by server_error_close, IndexError."""

from litestar import Litestar, websocket_listener


@websocket_listener("/initial")
async def initial(data: str) -> str:
    first, last = data.split(" ")[0], data.split(" ")[-1]
    return first[0] + last[-1]


app = Litestar([initial])
