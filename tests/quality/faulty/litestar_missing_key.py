"""A Litestar listener that trusts its document. Found by server_error_close, KeyError."""

from typing import Any

from litestar import Litestar, websocket_listener


@websocket_listener("/sum")
async def total(data: dict[str, Any]) -> dict[str, Any]:
    if data.get("op") != "sum":
        return {"error": "unknown op"}
    return {"sum": len(data["values"])}


app = Litestar([total])
