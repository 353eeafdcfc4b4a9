"""Messages that are made into objects of the app's own first: named tuples, and classes that a `match` looks at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from wsreplay.generation import Knowledge, knowledge
from wsreplay.model import Endpoint, Route


class Request(NamedTuple):
    action: str
    body: dict[str, Any]


@dataclass
class Place:
    room: str
    seat: str


class Opaque:
    pass


async def requests(ws):
    while True:
        message = json.loads(await ws.receive_text())
        yield Request(message["action"], message) if isinstance(message, dict) else None


async def flags(ws):
    async for request in requests(ws):
        match request:
            case Request("hello", _):
                await ws.send_text("hello")
            case Request("define" | "change", body) if body["percent"] > 100:
                await ws.send_text("too much")
            case Request(action="find", body={"flag": flag}):
                await ws.send_text(str(flag == "dark"))
            case Opaque():
                return


async def seats(ws):
    message = await ws.receive_json()
    place = Place(message["room"], message["seat"])
    match place:
        case Place(room="hall", seat=seat) | Place("attic", seat):
            await ws.send_text(str(seat == "A1"))
        case Place(seat=other) if other == "Z9":
            return


def read(handler) -> Knowledge:
    return knowledge(Endpoint(Route("/ws"), handler))


def test_a_named_tuple_holds_what_it_is_given():
    keys = dict(read(flags).json.keys)
    assert keys["action"].constants == ("hello", "define", "change", "find")
    assert keys["percent"].numbers == (100,)
    assert keys["flag"].constants == ("dark",)


def test_a_case_looks_at_attributes_by_place_and_by_name():
    keys = dict(read(seats).json.keys)
    assert keys["room"].constants == ("hall", "attic")
    assert keys["seat"].constants == ("A1", "Z9")
