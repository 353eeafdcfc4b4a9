"""Frames whose fields are read one by one: where they are, under which opcodes, and what is done with them."""

from __future__ import annotations

import io
import random
import struct

import pytest

from wsreplay.generation import Knowledge, knowledge
from wsreplay.generation.binary import Frames
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.model import Endpoint, Route

MAGIC = b"\xca\xfe"
OPEN, PUSH, PULL, LEAVE = 1, 2, 3, 9
HEAD = struct.Struct(">BH")
LITTLE = struct.Struct("<HxB2s")


def read(handler) -> Knowledge:
    return knowledge(Endpoint(Route("/ws"), handler))


def frames(handler) -> dict[str, list[tuple[object, ...]]]:
    """What each field of a frame is: constants and chunks, `size` where it measures, and what it is compared with."""
    return {
        layout.format: [
            (*field.constants, *field.chunks, *(["size"] if field.measures else []), *map(str, field.numbers))
            for field in layout.fields
        ]
        for layout in read(handler).layouts
        if layout.whole
    }


def short(data, at):
    return int.from_bytes(data[at : at + 2], "big")


async def by_place(ws):
    async for data in ws.iter_bytes():
        if len(data) < 4 or data[:2] != MAGIC:
            return
        body = data[4:]
        if data[2] == OPEN and short(body, 0) in (1, 2):
            continue
        if data[2] == PUSH:
            if short(body, 4) != len(body) - 6 or struct.unpack_from(">I", body, 0)[0] > 500:
                continue
        elif data[2] == PULL:
            body[6]
        elif data[2] == LEAVE:
            return


def test_fields_are_known_by_their_places():
    assert frames(by_place) == {
        ">2sB1sH": [(MAGIC,), (OPEN,), (), (1, 2)],
        ">2sB1sIH": [(MAGIC,), (PUSH,), (), ("500",), ("size",)],
        ">2sB7sB": [(MAGIC,), (PULL,), (), ()],
        ">2sB": [(MAGIC,), (LEAVE,)],
    }


def test_a_person_can_read_them():
    told = read(by_place).describe()
    assert "frame >2sB1sIH" in told
    assert "  field 1: b'\\xca\\xfe'" in told
    assert "  field 4: compared with 500" in told
    assert "  field 5: a size of what follows" in told
    assert not any(line.startswith("unpacks") for line in told)


class Cursor:
    def __init__(self, data):
        self.data = data
        self.at = 0
        self.name = "cursor"

    def byte(self):
        value = self.data[self.at]
        self.at += 1
        return value

    def long(self):
        (value,) = struct.unpack_from("<I", self.data, self.at)
        self.at += 4
        return value

    def text(self):
        size = self.byte()
        value = self.data[self.at : self.at + size]
        self.at += size
        self.name = value
        return value


async def in_turn(ws):
    while True:
        cursor = Cursor(await ws.receive_bytes())
        kind = cursor.byte()
        match kind:
            case 4:
                number, more = cursor.long(), cursor.long()
                if number > 70 or more == 80:
                    return
            case 5:
                if cursor.long() == 90 and cursor.text() and cursor.byte() == 7:
                    return


def test_a_cursor_reads_one_field_after_another_until_nobody_knows_where_it_is():
    found = frames(in_turn)
    assert found["<BII"] == [(4,), ("70",), (80,)]
    assert found["<BIB"] == [(5,), (90,), ("size",)]


async def shifted(ws):
    data = await ws.receive_bytes()
    at = 1
    if data[0] >> 4 == 2:
        if data[at] == 6:
            at += 1
            if int.from_bytes(data[at : at + 2], "little") == 300:
                return
        else:
            struct.unpack("<I", data[at + 1 : at + 5])
    elif data[0] >> 4 == 3:
        size = data[1]
        data[2 : 2 + size].decode()


def test_opcodes_may_be_upper_bits_and_under_others():
    found = frames(shifted)
    assert found["<BBH"] == [(32,), (6,), (300,)]
    assert found[">BB"] == [(48,), ("size",)]


def handle_open(data):
    return int.from_bytes(data[1:3], "big") == 11


def handle_push(data):
    return data[1] > 20 and data[3:5] == b"ok"


HANDLERS = {OPEN: handle_open, PUSH: handle_push}


async def by_table(ws):
    data = await ws.receive_bytes()
    if data.startswith(b"!"):
        data = data[1:]
    handler = HANDLERS.get(data[0])
    if handler is not None:
        handler(data)


def test_an_opcode_may_pick_a_function_of_a_table():
    known = read(by_table)
    assert {layout.format[:1] for layout in known.layouts} == {">"}
    assert {field.constants for layout in known.layouts for field in layout.fields} >= {(OPEN,), (PUSH,), (11,)}


async def with_header(ws):
    data = await ws.receive_bytes()
    kind, size = HEAD.unpack_from(data)
    if kind == 1 and size == len(data) - 3:
        struct.unpack(">I", data[3:7])


async def by_struct(ws):
    data = await ws.receive_bytes()
    number, kind, name = LITTLE.unpack_from(data, 1)
    if kind == 4 and data[7] == 2 and data[8] == 5 and name == b"me":
        await ws.send_text(str(number))


async def several(ws):
    data = await ws.receive_bytes()
    first, last = split(data)
    if int.from_bytes(first[0:2], "big") == 500 and data[3] == 1 and data[1:].decode().split(",")[1] == "a":
        await ws.send_bytes(last)


def split(data):
    words = data.split(b"|")
    return words[0], data[2:]


async def read_on(ws):
    stream = io.BytesIO(await ws.receive_bytes())
    kind = stream.read(1)
    (number,) = struct.unpack(">I", stream.read(4))
    return kind, number


async def sliced(ws):
    data = await ws.receive_bytes()
    if data[:1] == bytes([OPEN]):
        if data[1:2] in (b"a", b"b"):
            return
    elif data[:1] == b"\x07":
        struct.unpack(">HH", data[1:5])
    elif data[:1] == bytes([OPEN, PUSH]) or data[:1] == bytes([len(data)]):
        return


def test_one_byte_may_be_compared_as_bytes():
    assert frames(sliced) == {
        ">BB": [(OPEN,), (97, 98)],
        ">BHH": [(7,), (), ()],
    }


async def odd(ws):
    data = await ws.receive_bytes()
    int.from_bytes(data[1:3], "big")
    int.from_bytes(data[3:7], "little")
    int.from_bytes(ws.state.before[0:2], "big")
    data[::2]
    struct.unpack_from("@l", data, 1 << 20)


async def from_nowhere(ws):
    data = await ws.receive_bytes()
    for start in range(0, 10, 2):
        struct.unpack_from(">H", data, start)
        struct.unpack(">H", data[start : start + 2])
    struct.unpack("%d no layout" % 3, data[1:])  # noqa: UP031
    struct.unpack(">nonsense", data)


@pytest.mark.parametrize("handler", [with_header, odd, from_nowhere, several, read_on])
def test_formats_of_struct_say_as_much_where_nothing_is_read_by_itself(handler):
    assert frames(handler) == {}
    assert read(handler).layouts


def test_a_format_of_several_fields_is_taken_apart():
    assert frames(by_struct) == {
        "<1sH1sB2sB": [(), (), (), (4,), (b"me",), (2,)],
        "<1sH1sB2sBB": [(), (), (), (4,), (b"me",), (2,), (5,)],
    }


async def long_winded(ws):
    data = await ws.receive_bytes()
    if data[0] == 1 and data[1] == 2:
        struct.unpack_from(">300B", data, 2)
        struct.unpack_from(">9000s", data, 2)
        data[5000] == 3  # noqa: B015


def test_there_is_an_end_to_what_is_taken_apart():
    assert all(len(fields) < 10 for fields in frames(long_winded).values())


def test_frames_are_written_as_they_are_read():
    found = read(by_place)
    opened = pushed = 0
    numbers = random.Random(5)
    for number in range(400):
        written = Frames(found, orderly=number % 2 == 0).frame(Dice(numbers.randbytes(BLOCK_SIZE)))
        opened += written[:3] == MAGIC + bytes([OPEN]) and written[4:6] in (b"\0\1", b"\0\2")
        pushed += written[:3] == MAGIC + bytes([PUSH]) and short(written[4:], 4) == len(written) - 10
    assert opened > 20
    assert pushed > 20


def test_one_field_of_such_a_frame_is_changed_or_at_its_edge():
    writer, numbers = Frames(read(by_place)), random.Random(5)
    pushed = MAGIC + bytes([PUSH, 0]) + struct.pack(">IH", 3, 2) + b"ok"
    changed = [writer.altered(pushed, Dice(numbers.randbytes(BLOCK_SIZE))) for _ in range(100)]
    assert {len(frame) for frame in changed} == {len(pushed)}
    assert sum(frame[:3] == pushed[:3] for frame in changed) > 40
    sharp = {writer.sharpened(pushed, Dice(numbers.randbytes(BLOCK_SIZE))) for _ in range(50)}
    assert pushed[:4] + struct.pack(">IH", 2**32 - 1, 2) + b"ok" in sharp
