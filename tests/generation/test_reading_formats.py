# ruff: noqa: B007, B015, B018, PERF102, RUF059 - the handlers are read, not run.
"""MessagePack, templates, beginnings that are cut out, tables and arguments that are handed on."""

from __future__ import annotations

import csv
import io
import json
import random
import string
from copy import deepcopy

import msgpack
import msgspec

from wsreplay.generation import Knowledge, knowledge
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Shape
from wsreplay.generation.packing import packed
from wsreplay.model import Endpoint, Route

EMPTY = {"title": "", "items": []}
FORMATTER = string.Formatter()


def read(handler) -> Knowledge:
    return knowledge(Endpoint(Route("/ws"), handler))


def keys(shape: Shape) -> dict[str, Shape]:
    return dict(shape.keys)


def dices(count: int) -> list[Dice]:
    numbers = random.Random(5)
    return [Dice(numbers.randbytes(BLOCK_SIZE)) for _ in range(count)]


def said(known: Knowledge, count: int = 400) -> list[str | bytes]:
    return [Speaker(known, dice).message()[1] for dice in dices(count)]


async def by_msgpack(ws):
    message = msgpack.unpackb(await ws.receive_bytes(), raw=False)
    message["op"] == "add"


async def by_msgspec(ws):
    message = msgspec.msgpack.decode(await ws.receive_bytes())
    message["op"] == "sub"


DECODER = msgspec.msgpack.Decoder()


async def by_decoder(ws):
    DECODER.decode(await ws.receive_bytes())["op"] == "mul"


def unpacked(data: str | bytes) -> object:
    try:
        return msgpack.unpackb(data, strict_map_key=False) if isinstance(data, bytes) else None
    except ValueError:
        return None


def test_messagepack_is_read_and_written() -> None:
    for handler, operation in ((by_msgpack, "add"), (by_msgspec, "sub"), (by_decoder, "mul")):
        known = read(handler)
        assert known.kinds == ("bytes",)
        assert keys(known.json)["op"].constants == (operation,)
        assert sum(unpacked(data) == {"op": operation} for data in said(known)) > 20
    assert "receives bytes, with MessagePack in bytes" in read(by_msgpack).describe()


def test_what_messagepack_cannot_say_is_other_bytes() -> None:
    for document in ("no JSON", '"\\ud800"', "[" * 5000):
        assert all(isinstance(packed(document, dice), bytes) for dice in dices(20))
    large = [unpacked(packed('{"a": [1%s, -1%s, 3, "b"]}' % ("0" * 30, "0" * 400), dice)) for dice in dices(300)]  # noqa: UP031
    assert {"a": [1e30, (1 << 64) - 1, 3, "b"]} in large
    assert {"a": [1e30, (1 << 64) - 1, 3, b"b"]} in large
    assert any(isinstance(one, dict) and 0 in one for one in large)


class Templates:
    def __init__(self):
        self.texts = {}

    async def serve(self, ws):
        verb, _, rest = (await ws.receive_text()).partition(" ")
        name, _, body = rest.partition("=")
        if verb == "set" or name == "place":
            self.texts[name] = body
        FORMATTER.vformat(self.texts[name], (), {})


async def by_templates(ws):
    await Templates().serve(ws)


def test_a_template_is_written_in_its_grammar_with_names_that_are_known() -> None:
    known = read(by_templates)
    texts = said(known)
    assert any("{place.x}" in one for one in texts if isinstance(one, str))
    assert any("{0}" in one for one in texts if isinstance(one, str))


VERB = "GET "


async def by_beginning(ws):
    line = await ws.receive_text()
    if line[:5].upper() == "FROM:" and line[5:] == "me":
        return
    line[: len(VERB)] == VERB
    line[:9] == "short"
    line[1:3] == "x"


def test_a_beginning_that_is_cut_out_is_a_prefix() -> None:
    known = read(by_beginning)
    assert known.text.prefixes == ("FROM:", "GET ")
    assert set(known.text.constants) >= {"me", "short", "x"}


async def tabled(ws):
    event = await ws.receive()
    data = event.get("text")
    if data is None:
        data = event.get("bytes").decode()
    for number, row in enumerate(csv.DictReader(io.StringIO(data)), 1):
        clean = {key.strip().lower(): value for key, value in row.items()}
        clean["sku"] == "a"
    for name, value in json.loads(data)["named"].items():
        name == "x"


def test_the_columns_of_rows_that_are_made_anew_are_known() -> None:
    known = read(tabled)
    assert known.text.rows is not None
    assert keys(known.text.rows)["sku"].constants == ("a",)
    assert known.blob == Shape()


def add(state, path, value):
    path == "/items" and value == 3


def drop(state, path):
    path.startswith("/")


OPERATIONS = {"add": (add, 2), "drop": (drop, 1)}


async def by_arrays(ws):
    document = deepcopy(EMPTY)
    for entry in await ws.receive_json():
        if not isinstance(entry, list):
            return
        function, arity = OPERATIONS.get(entry[0], (None, 0))
        function(document, *entry[1:])
        if entry[3] in document:
            return


async def whole(state, *args):
    args[0] == "all"


WHOLE = {"whole": whole}


async def by_tail(ws):
    message = await ws.receive_json()
    await WHOLE[message["op"]](ws, *message["args"])


def test_the_items_of_an_array_are_handed_on_to_functions_of_a_table() -> None:
    item = read(by_arrays).json.item
    assert item is not None
    assert item.places[0].constants == ("add", "drop")
    assert item.places[1].constants == ("/items",)
    assert item.places[1].prefixes == ("/",)
    assert item.places[2].constants == (3,)
    assert item.places[3].constants == ("title", "items")
    assert keys(read(by_tail).json)["args"].places[0].constants == ("all",)


class Round:
    def place(self, name=None, *, x=None, **_):
        return name == "stop" and x > 7

    def clear(self, **_):
        return None


async def by_keywords(ws):
    message = await ws.receive_json()
    getattr(Round(), message.pop("task"))
    if message["task"] in ("place", "clear"):
        getattr(Round(), message["task"])(**message)


def test_keywords_are_keys_of_the_message() -> None:
    known = keys(read(by_keywords).json)
    assert known["name"].constants == ("stop",)
    assert known["x"].numbers == (7,)


TABLE = {"a": add}


async def looked_up(ws):
    try:
        message = await ws.receive_json()
        action = TABLE.get(message["op"])
    except ValueError:
        action = None
    action(ws, message["path"], 3)


def test_a_function_outlives_what_stands_in_its_place() -> None:
    assert keys(read(looked_up).json)["path"].constants == ("/items",)


PAIR = ("left", "right")
ROWS = ((1, "x"), (2, "y"))


async def negative(ws):
    message = await ws.receive_json()
    for row in ROWS:
        message["last"] == row[-1]
        message["none"] == row[-3]


def test_columns_are_counted_from_the_end_too() -> None:
    assert keys(read(negative).json)["last"].constants == ("x", "y")


def test_what_was_read_before_a_reading_fails_is_of_use(monkeypatch) -> None:
    def fails(self, node):
        raise IndexError

    monkeypatch.setattr("wsreplay.generation.reading.walker.Walker.visit_Compare", fails)
    assert keys(read(tail_only).json) == {"head": Shape(required=True)}


async def tail_only(ws):
    message = await ws.receive_json()
    message["head"]
    message["tail"] == 1
