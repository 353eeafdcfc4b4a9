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
SAMPLES = struct.Struct(">BBH")
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


async def series(ws):
    while True:
        frame = await ws.receive_bytes()
        version, opcode, count = SAMPLES.unpack_from(frame)
        body = frame[4:]
        if version != 7 or opcode not in (1, 2) or len(body) != 4 * count or (body and body[0] > 100):
            continue
        struct.unpack(f">{count}f", body)
        struct.unpack(f"{opcode}", body)


def test_an_array_behind_a_header_is_as_long_as_the_header_says() -> None:
    found = knowledge(Endpoint(Route("/ws"), series))
    assert [layout.format for layout in found.layouts] == [">BBH", ">f"]
    frames = [Frames(found).frame(dice) for dice in dices(600)]
    arrays = [frame for frame in frames if len(frame) > 4 and frame[:1] == b"\x07" and frame[1] in (1, 2)]
    assert any(len(frame) == 4 + 4 * frame[3] + 256 * frame[2] for frame in arrays)
    assert any(frame[4:] == b"\x64" for frame in frames)


def test_a_field_that_must_not_be_zero_is_mostly_not() -> None:
    launch = Knowledge(layouts=(Layout(">BH", (Shape(constants=(0,)), Shape())),))
    firsts = [frame[0] for frame in (Frames(launch).frame(dice) for dice in dices(400)) if len(frame) == 3]
    assert 0.2 < firsts.count(0) / len(firsts) < 0.8


def test_numbers_that_were_said_are_said_again() -> None:
    known = Knowledge(chunks=(b"A", b"B"), layouts=(Layout(">cI"), Layout(">cIf")))
    again = 0
    for dice in dices(300):
        frames = Frames(known)
        frames.hear(b"A" + (7_000_001).to_bytes(4, "big"))
        again += any((7_000_001).to_bytes(4, "big") in frames.frame(dice) for _ in range(3))
    assert again > 100


def test_a_frame_is_changed_by_one_field() -> None:
    known = Knowledge(chunks=(b"A",), layouts=(Layout(">cIH"),))
    frames, frame = Frames(known), b"A\0\0\0\x09\0\x05"
    changed = {frames.altered(frame, dice) for dice in dices(200)}
    assert all(len(one) == 7 for one in changed)
    assert {sum(one[i:j] != frame[i:j] for i, j in ((0, 1), (1, 5), (5, 7))) for one in changed} == {0, 1}
    assert all(one[7:] == b"rest" for one in (frames.altered(frame + b"rest", dice) for dice in dices(50)))
    by_byte = {Frames(Knowledge(codes=(200,))).altered(b"\0\0", dice) for dice in dices(100)}
    assert {b"\xc8\0", b"\0\xc8", b"\0\0\xc8", b"\xc9\0"} <= by_byte


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


BEGIN, PART, AGAIN, END, QUIT = 1, 2, 3, 4, 9


async def transfer(ws):
    total = None
    async for frame in ws.iter_bytes():
        body = memoryview(frame)[1:]
        if frame[0] == QUIT:
            return
        if frame[0] == BEGIN and len(body) == 4:
            (total,) = struct.unpack(">I", body)
        elif total and frame[0] in (PART, AGAIN):
            offset, length = struct.unpack_from(">IH", body)
            if len(body) - 6 != length or len(body) + 1 > 100 or len(body) * 2 > length:
                return
            buffer = frame[offset : offset + length]
            buffer += frame[offset : offset + 4]
        elif total < 3 or frame[0] == END:
            struct.unpack(">B", frame)
        match frame[0]:
            case 4 | 5:
                struct.unpack(">d", body)
            case "none" | [_]:
                struct.unpack(">f", body)


def test_a_layout_belongs_to_the_opcodes_under_which_it_is_unpacked() -> None:
    found = knowledge(Endpoint(Route("/ws"), transfer))
    assert {one.format: one.opcodes for one in found.layouts} == {
        ">I": (1,),
        ">IH": (2, 3),
        ">B": (),
        ">d": (4, 5),
        ">f": (),
    }


def test_of_a_slice_the_end_is_measured_and_the_start_may_be_zero() -> None:
    found = knowledge(Endpoint(Route("/ws"), transfer))
    offset, length = found.layouts[1].fields
    assert (offset.numbers, offset.measures) == ((0,), False)
    assert (length.numbers, length.measures) == ((), True)
    assert found.blob.lengths == (4, 99)


def test_an_orderly_scenario_goes_through_the_opcodes_with_what_belongs_to_them() -> None:
    found = knowledge(Endpoint(Route("/ws"), transfer))
    begun = filled = 0
    for dice in dices(300):
        frames = Frames(found, orderly=True)
        said = [frames.frame(dice) for _ in range(4)]
        size = next((one[4] for one in said if one[:1] == b"\x01" and len(one) == 5 and one[4] < 64), None)
        begun += size is not None
        filled += any(
            one[:1] == b"\x02" and one[5:7] == bytes([0, size]) and len(one) == 7 + size for one in said if size
        )
    assert begun > 75
    assert filled > 5


def test_an_opcode_that_nothing_is_unpacked_after_mostly_stands_alone() -> None:
    frames = Frames(knowledge(Endpoint(Route("/ws"), transfer)))
    assert sum(frames.frame(dice) == b"\x09" for dice in dices(400)) > 10


def test_numbers_that_were_heard_are_lengths_later() -> None:
    found = knowledge(Endpoint(Route("/ws"), transfer))
    lengths = []
    for dice in dices(200):
        frames = Frames(found)
        for frame in (b"\x01\x00\x00\x00\x25", b"\x01\x00\x00\x01\x00", b"\x01\x00", b"\x09abcde", b""):
            frames.hear(frame)
        lengths.append(len(frames.frame(dice)))
    assert sum(length == 1 + 6 + 0x25 for length in lengths) > 3


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


def test_what_bytes_are_compared_with_stands_behind_a_header_that_begins_with_no_literal() -> None:
    kinds = Shape(constants=(1, 2))
    known = Knowledge(
        kinds=("bytes",),
        blob=Shape(lengths=(6,), item=Shape(constants=(1, 2), measures=True)),
        chunks=(b"MAGC",),
        layouts=(
            Layout(">BH", (kinds, Shape(measures=True))),
            Layout(">h", (Shape(),), under=((0, 2),), many=True),
        ),
    )
    frames = [Frames(known).frame(Dice.thrown(3, number)) for number in range(6000)]
    assert any(one == b"\x01\x00\x04MAGC" for one in frames)
    # As long as something is compared with, and the rest of what bytes are compared with.
    assert any(one[:7] == b"\x01\x00\x06MAGC" and one[7:] in (b"\x01\x02", b"\x02\x01") for one in frames)
    # Their number stands before the records.
    assert any(len(one) == 8 and one[:4] == b"\x02\x00\x05\x02" for one in frames)


def test_records_that_measure_have_something_behind_them_or_are_cut() -> None:
    record = Layout(">BB", (Shape(constants=(7,)), Shape(measures=True)))
    frames = Frames(Knowledge(kinds=("bytes",), layouts=(record,)))
    inner = [frames._one(Dice.thrown(3, number), frames._records[0]) for number in range(300)]
    assert any(len(one) > 2 and one[1] == len(one) - 2 for one in inner)
    assert any(len(one) < 2 for one in inner)
