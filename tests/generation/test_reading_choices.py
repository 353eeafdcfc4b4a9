# ruff: noqa: B015 - handlers that are only read need not make sense.
"""What a handler chooses by: rows written where they are used, attributes, offers, patterns, the rest of an object."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from string import Template

from tests.generation.test_informed import said
from tests.generation.test_reading_closely import keys, read
from wsreplay.generation import Dice
from wsreplay.generation.dice import BLOCK_SIZE
from wsreplay.generation.grammars import TEXTS
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Knowledge, Shape

ORDER = re.compile(r"^(\w+) x(\d+)$")
OFFERS = ("till.v2", "till.v1")


class Till:
    def __init__(self):
        self.do_count = 0
        self.do_ = None

    async def do_open(self, message):
        pass

    async def handle(self, message):
        await getattr(self, "do_" + message["verb"])(message)

    def price(self, value):
        return len(value) > 30

    def weight(self, value):
        return value > 7

    def each(self, message):
        for key, method in (("price", self.price), ("weight", self.weight)):
            if key in message:
                return method(message[key])
        return None


async def by_name(ws):
    await Till().handle(await ws.receive_json())


def test_attributes_that_are_no_methods_are_found_by_name_too() -> None:
    assert keys(read(by_name).json)["verb"].constants == ("open", "count")


async def by_row(ws):
    Till().each(await ws.receive_json())


def test_rows_that_are_written_where_they_are_used_are_taken_one_by_one() -> None:
    known = keys(read(by_row).json)
    assert known["price"].lengths == (30,)
    assert known["weight"].numbers == (7,)


async def by_rest(ws):
    match await ws.receive_json():
        case {"op": "page", **rest}:
            rest.get("limit", 0) > 50
        case {"op": "stop"}:
            pass


def test_the_rest_of_an_object_is_the_object() -> None:
    known = keys(read(by_rest).json)
    assert known["op"].constants == ("page", "stop")
    assert known["limit"].numbers == (50,)


async def by_offer(scope, receive, send):
    offered = scope.get("subprotocols") or []
    next((one for one in OFFERS if one in offered), None)


def test_subprotocols_are_looked_for_one_by_one_among_those_that_are_offered() -> None:
    assert read(by_offer, "asgi").subprotocols == OFFERS


async def by_pattern(websocket):
    line = await websocket.receive()
    if found := ORDER.match(line.strip()):
        int(found[2])


def test_a_pattern_for_a_message_of_which_the_kind_was_not_asked_is_one_for_texts() -> None:
    assert read(by_pattern, "quart").text.patterns == (ORDER.pattern,)


async def by_folding(ws):
    name = (await ws.receive_json())["name"]
    name.casefold()


async def by_template(ws):
    Template((await ws.receive_json())["greeting"]).substitute(name="ann")


def test_a_template_is_known_under_its_bare_name() -> None:
    assert keys(read(by_template).json)["greeting"].grammars == ("template",)


async def by_one_fold(ws):
    (await ws.receive_json())["name"].lower()


async def by_two_folds(ws):
    name = (await ws.receive_json())["name"]
    name.lower() == name.upper().lower()


def test_folding_in_one_common_way_alone_asks_for_nothing() -> None:
    assert read(by_one_fold).grammars == ()
    assert read(by_two_folds).grammars == ("case",)


def test_where_letters_are_folded_some_are_odd_in_that() -> None:
    known = read(by_folding)
    assert known.grammars == ("case",)
    names = [json.loads(data)["name"] for kind, data in said(known) if kind == "json" and '"name"' in str(data)[:12]]
    assert sum(name in TEXTS["case"] for name in names) > len(names) / 8


def test_a_text_whose_letters_are_looked_at_is_no_array() -> None:
    shape = Shape(keys=(("name", Shape(uses=("str",), item=Shape(), required=True)),))
    values = [data for kind, data in said(Knowledge(kinds=("json",), json=shape)) if kind == "json"]
    assert sum('"name": "' in str(data) for data in values) > len(values) / 2


def test_beside_constants_what_was_said_before_and_is_none_of_them_is_said_again() -> None:
    known = Knowledge(kinds=("json",), json=Shape(keys=(("room", Shape(constants=("lobby",), required=True)),)))
    rooms: Counter[str] = Counter()
    for number in range(1000):
        speaker = Speaker(known, Dice(random.Random(number).randbytes(BLOCK_SIZE)))
        speaker.hear('{"room": "attic"}')
        speaker.hear('{"room": "lobby"}')
        rooms.update(room for room in ("attic", "lobby") if f'{{"room": "{room}"}}' in str(speaker.message()[1]))
    assert rooms["lobby"] > rooms["attic"] > 10
