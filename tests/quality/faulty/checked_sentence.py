"""Sentences that a regular expression takes apart, with an XOR over them: no time passed between two. Found by
handler_crash, ZeroDivisionError.
"""

import re
from functools import reduce
from operator import xor

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

SENTENCE = re.compile(r"!([A-Z]{2}(?:;[0-9]{1,6}){0,2})/([0-9A-F]{2})")


def understood(line):
    found = SENTENCE.fullmatch(line)
    if found is None:
        return [""]
    said, check = found.groups()
    return said.split(";") if reduce(xor, said.encode(), 0) == int(check, 16) else [""]


def reply(places, line):
    match understood(line):
        case ["AT", moment, place]:
            places.append((int(moment), int(place)))
            if len(places) < 2:
                return "first"
            (before, there), (now, here) = places[-2:]
            if now < before:
                places.pop()
                return "too late"
            return f"{(here - there) / (now - before):.1f}"
        case ["NO"]:
            places.clear()
            return "none"
    return "what?"


async def ship(websocket):
    places = []
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(reply(places, await websocket.receive_text()))
    except (WebSocketDisconnect, KeyError):
        pass


app = Starlette(routes=[WebSocketRoute("/ship", ship)])
