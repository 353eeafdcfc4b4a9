"""A ticket that was given back is looked up again, by a service that is handed over. Found by server_error_close."""

import json
import re

from litestar import Litestar, WebSocket, websocket
from litestar.di import Provide
from litestar.exceptions import WebSocketDisconnect

GATE = re.compile(r"[A-D][1-4]")


class Gates:
    def __init__(self) -> None:
        self.known = set()
        self.held = {}

    def take(self, gate):
        if GATE.fullmatch(gate) is None:
            return {"error": "no such gate"}
        ticket = f"T-{gate}-{len(self.known)}"
        self.known.add(ticket)
        self.held[ticket] = gate
        return {"ticket": ticket}

    def give_back(self, ticket):
        return {"gate": self.held.pop(ticket)} if ticket in self.known else {"error": "unknown"}


async def provide_gates() -> Gates:
    return Gates()


def answer(gates: Gates, data):
    match data:
        case {"do": "take", "gate": str(gate)}:
            return gates.take(gate)
        case {"do": "return", "ticket": str(ticket)}:
            return gates.give_back(ticket)
    return {"error": "unknown"}


@websocket("/gates", dependencies={"gates": Provide(provide_gates)})
async def handler(socket: WebSocket, gates: Gates) -> None:
    await socket.accept()
    while True:
        try:
            data = json.loads(await socket.receive_text())
        except WebSocketDisconnect:
            return
        except (ValueError, KeyError, RecursionError):
            data = None
        await socket.send_text(json.dumps(answer(gates, data)))


app = Litestar(route_handlers=[handler])
