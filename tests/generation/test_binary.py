"""Frames begin with the opcodes that a handler knows, and have the sizes that it unpacks, or nearly."""

from __future__ import annotations

import random
import re
import struct
from typing import Annotated

import pydantic
from fastapi import Cookie

from wsreplay.generation import Knowledge, knowledge
from wsreplay.generation.binary import Frames
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.handshakes import Handshakes
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Asked, Layout, Shape
from wsreplay.generation.options import Options
from wsreplay.model import Endpoint, Route

HEADER = struct.Struct(">HH")
NAME = re.compile("[a-z]{3}")
PING, MOVE = 1, 2


async def game(ws):
    while True:
        frame = await ws.receive_bytes()
        if frame == b"STOP" or frame.startswith(b"GO"):
            return
        if frame[0] == PING:
            struct.unpack_from(b"<h", frame, 1)
        elif frame[0] == MOVE:
            HEADER.unpack(frame[1:])
        struct.unpack(frame[0], frame)


def dices(count: int) -> list[Dice]:
    numbers = random.Random(5)
    return [Dice(numbers.randbytes(BLOCK_SIZE)) for _ in range(count)]


def test_opcodes_literals_and_layouts_are_read() -> None:
    found = knowledge(Endpoint(Route("/ws"), game))
    assert found.blob.item is not None
    assert found.blob.item.constants == (1, 2)
    assert found.chunks == (b"STOP", b"GO")
    assert [layout.format for layout in found.layouts] == ["<h", ">HH"]
    assert "unpacks <h, >HH" in found.describe()
    assert "bytes compared with b'STOP', b'GO'" in found.describe()


def test_frames_are_made_of_what_was_read() -> None:
    found = knowledge(Endpoint(Route("/ws"), game))
    said = [Speaker(found, dice).message()[1] for dice in dices(600)]
    for opcode, size in ((1, 2), (2, 4)):
        assert any(frame[:1] == bytes([opcode]) and len(frame) == 1 + size for frame in said)
        assert any(frame[:1] == bytes([opcode]) and len(frame) < 1 + size for frame in said)
    assert b"STOP" in said
    assert any(isinstance(frame, bytes) and frame.startswith(b"GO") for frame in said)
    assert 4 in {len(frame) for frame in said}


def test_layouts_that_are_none_or_monstrous_are_left_out() -> None:
    assert not Frames(Knowledge(layouts=(Layout("zz"), Layout("9999999s"), Layout(""))))
    assert Frames(Knowledge(layouts=(Layout("<I"),)))


async def named(ws):
    text = await ws.receive_text()
    if NAME.match(text) or re.search("x[0-9]", text) or re.fullmatch(NAME, text) or re.match(text, "a"):
        pass


def test_regular_expressions_are_read_and_matched() -> None:
    found = knowledge(Endpoint(Route("/ws"), named))
    assert found.text.patterns == ("[a-z]{3}", "x[0-9]")
    assert "text: matched with '[a-z]{3}', 'x[0-9]'; read as regex" in found.describe()
    said = [str(Speaker(found, dice).message()[1]) for dice in dices(200)]
    assert sum(re.fullmatch("[a-z]{3}|x[0-9]", text) is not None for text in said) > 60


class Machine:
    def __init__(self, first):
        self.first = first
        self.begins = first["first"] == "begin"

    def step(self, message):
        return message["op"] == "go"


class Plain:
    pass


async def stateful(ws):
    Plain()
    machine = Machine(await ws.receive_json())
    machine.step(await ws.receive_json())


def test_an_object_that_the_handler_makes_is_followed() -> None:
    keys = dict(knowledge(Endpoint(Route("/ws"), stateful)).json.keys)
    assert keys["first"].constants == ("begin",)
    assert keys["op"].constants == ("go",)


async def baked(websocket, session: Annotated[str, Cookie()]):
    return websocket.cookies.get("theme") == "dark"


def test_cookies_are_read_and_brought() -> None:
    found = knowledge(Endpoint(Route("/ws", "fastapi"), baked))
    assert found.cookies == (Asked("session"), Asked("theme", Shape(constants=("dark",))))
    assert "cookie session" in found.describe()
    handshakes = Handshakes(Route("/ws"), Options(), found)
    headers = [handshakes.clients(dice, None, 1, Speaker(found, dice).answer)[0].headers for dice in dices(100)]
    assert any("theme=dark" in value for pairs in headers for _, value in pairs)
    assert () in headers
    own = Options(headers=(("Cookie", "a=b"),))
    (dice,) = dices(1)
    clients = Handshakes(Route("/ws"), own, found).clients(dice, None, 1, Speaker(found, dice).answer)
    assert clients[0].headers == own.headers


class Coded(pydantic.BaseModel):
    code: str = pydantic.Field(pattern="^[0-9]{5}$")


class Bare:
    def step(self, message):
        return message["op"] == "bare"


async def validates(ws):
    message = await ws.receive_json()
    Coded(**message)
    Bare().step(message)


def test_patterns_of_fields_are_read_and_objects_without_a_beginning_followed() -> None:
    keys = dict(knowledge(Endpoint(Route("/ws"), validates)).json.keys)
    assert keys["code"].patterns == ("^[0-9]{5}$",)
    assert keys["op"].constants == ("bare",)


def test_a_pattern_of_a_model_is_kept() -> None:
    shape = Shape(keys=(("code", Shape(patterns=("[0-9]{5}",))),))
    said = [str(Speaker(Knowledge(kinds=("json",), json=shape), dice).message()[1]) for dice in dices(100)]
    assert sum(re.fullmatch(r'\{"code": "[0-9]{5}"\}', text) is not None for text in said) > 20
