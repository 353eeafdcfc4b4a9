"""Commands with arguments of their own; the 29th of February has no anniversary. Found by handler_crash, ValueError."""

from datetime import date

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


def enter(members, name, day):
    try:
        started = date.fromisoformat(day)
    except ValueError:
        return "what day?"
    if not 1990 <= started.year <= 2050:
        return "what year?"
    members[name] = started
    return f"{name} since {started}"


def renew(members, name):
    if name not in members:
        return "nobody"
    members[name] = members[name].replace(year=members[name].year + 1)
    return f"{name} until {members[name]}"


def rest(members, name, days):
    return f"{name} rests {days}" if days.isascii() and days.isdecimal() else "how long?"


COMMANDS = {"ENTER": (2, enter), "RENEW": (1, renew), "REST": (2, rest)}


async def desk(websocket):
    members = {}
    await websocket.accept()
    try:
        while True:
            verb, *arguments = (await websocket.receive_text()).split()[:9] or [""]
            arity, command = COMMANDS.get(verb, (-1, None))
            reply = command(members, *arguments) if arity == len(arguments) else "what?"
            await websocket.send_text(reply)
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/desk", desk)])
