"""A cook looks up a guest, a client of another route, who has left. Found by handler_crash, KeyError."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

ROUTE = "/kitchen/{house}"


class House:
    def __init__(self) -> None:
        self.present: set[WebSocket] = set()
        self.tables: dict[int, WebSocket] = {}
        self.orders: dict[int, int] = {}


houses: dict[str, House] = {}


async def entered(websocket: WebSocket) -> House:
    house = houses.setdefault(websocket.path_params["house"], House())
    house.present.add(websocket)
    await websocket.accept()
    return house


def left(websocket: WebSocket) -> None:
    name = websocket.path_params["house"]
    houses[name].present.discard(websocket)
    if not houses[name].present:
        del houses[name]


async def heard(websocket: WebSocket) -> dict:
    try:
        message = await websocket.receive_json()
    except (ValueError, KeyError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


async def guest(websocket: WebSocket) -> None:
    house = await entered(websocket)
    table = 1 + max(house.tables, default=0)
    house.tables[table] = websocket
    try:
        while True:
            wish = await heard(websocket)
            if wish.get("order") in ("soup", "salad"):
                number = 1 + len(house.orders)
                house.orders[number] = table
                await websocket.send_json({"number": number})
            else:
                await websocket.send_json({"error": "we have soup and salad"})
    except WebSocketDisconnect:
        pass
    finally:
        del house.tables[table]
        left(websocket)


async def cook(websocket: WebSocket) -> None:
    house = await entered(websocket)
    try:
        while True:
            number = (await heard(websocket)).get("number")
            if type(number) is int and number in house.orders:
                table = house.tables[house.orders[number]]
                await websocket.send_json({"served": number, "waiting": table is not None})
            else:
                await websocket.send_json({"error": "nobody has ordered that"})
    except WebSocketDisconnect:
        pass
    finally:
        left(websocket)


app = Starlette(routes=[WebSocketRoute("/tables/{house}", guest), WebSocketRoute(ROUTE, cook)])
