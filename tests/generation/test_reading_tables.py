# ruff: noqa: F841, RUF059 - handlers that are only read need not make sense.
"""Tables by what a client sends: of layouts, of commands and arguments, made in a loop; and completed messages."""

from __future__ import annotations

import json
import struct

from wsreplay.generation import Knowledge, knowledge
from wsreplay.generation.knowledge import Shape
from wsreplay.model import Endpoint, Route


def read(handler: object) -> Knowledge:
    return knowledge(Endpoint(Route("/ws", "starlette"), handler))


def variants(shape: Shape) -> dict[str, Shape]:
    return dict(shape.variants)


HEAD = struct.Struct("!BH")
PAYLOADS = {1: struct.Struct("!I"), 2: struct.Struct("!Bh"), 3: struct.Struct("!B")}


async def gateway(ws):
    data = (await ws.receive()).get("bytes")
    kind, length = HEAD.unpack_from(data)
    if kind not in PAYLOADS:
        return
    fields = PAYLOADS[kind].unpack(data[3:])
    if fields[0] >= 8:
        return
    if len(fields) > 1 and fields[1] > 300:
        return


def test_a_table_of_layouts_gives_one_for_each_kind_of_frame() -> None:
    layouts = {layout.format: layout for layout in read(gateway).layouts}
    assert list(layouts) == ["!BH", "!I", "!Bh", "!B"]
    assert [layouts[one].under for one in ("!I", "!Bh", "!B")] == [((0, 1),), ((0, 2),), ((0, 3),)]
    assert layouts["!BH"].fields[0].constants == (1, 2, 3)
    assert layouts["!Bh"].fields[0].numbers == (8,)
    assert layouts["!Bh"].fields[1].numbers == (300,)


async def endpoint(ws):
    event = await ws.receive()
    fields = struct.unpack("!HH", event)


def test_an_event_that_is_unpacked_is_binary() -> None:
    assert read(endpoint).kinds == ("bytes",)


def opened(user, name, size):
    return int(size) < 10


def moved(user, source, target, size):
    return target == "dock"


ORDERS = {("OPEN", 2): opened, ("MOVE", 3): moved, ("STOP", 0): None}
MIXED = {("OPEN", 2): 1, "STOP": 2}


async def orders(ws):
    verb, *fields = (await ws.receive_text()).split(":")
    if (verb, len(fields)) in ORDERS:
        ORDERS[verb, len(fields)]("ann", *fields)


async def mixed(ws):
    verb, *fields = (await ws.receive_text()).split(":")
    MIXED[verb, len(fields)]


def test_a_table_by_a_command_and_the_number_of_its_arguments_gives_the_arguments_of_each() -> None:
    text = read(orders).text
    assert text.words[0].constants == ("OPEN", "MOVE", "STOP")
    known = variants(text)
    assert known["OPEN"].words[2].numbers == (10,)
    assert known["MOVE"].words[2].constants == ("dock",)
    assert len(known["MOVE"].words) == 4
    assert read(mixed).text.words[0].constants == ()


CHANNELS = ("low", "high")
LIMITS = ((0, 59), (1, 31), (1, 12))


async def series(ws):
    kept = {name: [] for name in CHANNELS}
    message = json.loads(await ws.receive_text())
    if message["channel"] in kept:
        kept[message["channel"]].append(1)


def test_a_table_that_is_made_of_constants_has_them_as_its_keys() -> None:
    assert dict(read(series).json.keys)["channel"].constants == CHANNELS


async def schedule(ws):
    words = (await ws.receive_text()).split()
    if len(words) == 3:
        [within(word, place) for place, word in enumerate(words)]


def within(word, place):
    low, high = LIMITS[place]
    return low <= int(word) <= high


async def numbered(ws):
    words = (await ws.receive_text()).split()
    for number, word in enumerate(words[1:]):
        if word == "on" or number > 3:
            return


def test_parts_that_are_numbered_are_known_each_by_its_number() -> None:
    assert [word.numbers for word in read(schedule).text.words] == [(0, 59), (1, 31), (1, 12)]
    assert read(numbered).text.words[1].constants == ("on",)


async def removed(ws):
    message = json.loads(await ws.receive_text())
    told = {"reason": "by the host", "at": message["at"], 1: 2, **message}
    if len(told["reason"]) > 500:
        return


LISTED = {"a": 1}


async def several(ws):
    message = json.loads(await ws.receive_text())
    told = {**LISTED, "b": message}
    if told["a"] == 3:
        return


def test_a_message_with_defaults_is_the_message() -> None:
    known = dict(read(removed).json.keys)
    assert known["reason"].lengths == (500,)
    assert known["reason"].samples == ("by the host",)
    assert "a" not in dict(read(several).json.keys)


KINDS = {"thumbnail": 1, "transcode": 2}


async def submitted(ws):
    message = json.loads(await ws.receive_text())
    kind, name, pair = message.get("kind"), message["name"], message["pair"]
    if kind in KINDS and isinstance(name, str) and pair[1] > 3:
        await ws.send_text(kind[0] + name[0])
    if isinstance(message["code"], str) and message["code"][0] == "X":
        return


def test_the_first_letter_of_a_text_makes_no_array_of_it() -> None:
    known = dict(read(submitted).json.keys)
    assert [known[name].places for name in ("kind", "name")] == [(), ()]
    assert [one.numbers for one in known["pair"].places] == [(), (3,)]
    assert known["code"].places[0].constants == ("X",)


class Convert:
    name = "convert"

    def run(self, amount, unit):
        return int(amount) < 40 and unit == "km"


class Vote:
    name = "vote"

    def run(self, option):
        return option == "yes"


COMMANDS = (Convert, Vote, "no command")


class Bot:
    def __init__(self):
        self.commands = {cls.name: cls() for cls in COMMANDS}

    def respond(self, line):
        name, *arguments = line.split()
        return self.commands.get(name).run(*arguments)


async def bot(ws):
    Bot().respond(await ws.receive_text())


def test_a_table_of_objects_that_is_made_of_their_classes_gives_the_arguments_of_each() -> None:
    known = variants(read(bot).text)
    assert known["convert"].words[1].numbers == (40,)
    assert known["convert"].words[2].constants == ("km",)
    assert known["vote"].words[1].constants == ("yes",)
