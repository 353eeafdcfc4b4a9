"""Frames with a header whose fields tell what follows, and with a checksum: how they are read and written."""

from __future__ import annotations

import binascii
import functools
import operator
import random
import struct
import zlib

import pytest

from wsreplay.generation import Knowledge, knowledge
from wsreplay.generation.binary import Frames, Record
from wsreplay.generation.checksums import CHECKSUMS, candidates, checksum
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.knowledge import Layout, Shape
from wsreplay.generation.trailers import Trailer
from wsreplay.model import Endpoint, Route

HEAD = struct.Struct(">BBH")
OPEN, PUSH, PULL = 3, 5, 9


def read(handler) -> Knowledge:
    return knowledge(Endpoint(Route("/ws"), handler))


def dices(count: int) -> list[Dice]:
    numbers = random.Random(5)
    return [Dice(numbers.randbytes(BLOCK_SIZE)) for _ in range(count)]


async def headed(ws):
    frame = await ws.receive_bytes()
    magic, op, size = HEAD.unpack_from(frame)
    body = frame[HEAD.size : -4]
    if magic != 0x51 or len(body) != size or zlib.crc32(frame[:-4]) != int.from_bytes(frame[-4:], "big"):
        return
    if op == OPEN:
        struct.unpack(">I", body)
    elif op == PUSH:
        struct.unpack(">%dh" % (size // 2), body)  # noqa: UP031
    match op:
        case 9:
            struct.unpack("%d no layout" % 2, body)  # noqa: UP031
            "%s" % size  # noqa: UP031
        case 10:
            struct.unpack(">d", body)


def test_what_is_unpacked_under_a_value_of_the_header_is_known() -> None:
    found = read(headed)
    assert {one.format: one.under for one in found.layouts} == {
        ">BBH": (),
        ">I": ((1, 3),),
        ">h": ((1, 5),),
        ">d": ((1, 10),),
    }
    assert found.trailer == Layout(">I", (Shape(digests=("crc32",)),))
    assert "frames end with >I: a checksum crc32" in found.describe()


def test_frames_have_the_body_that_belongs_to_their_header_and_its_checksum() -> None:
    found = read(headed)
    good: dict[int, int] = {}
    for number, dice in enumerate(dices(600)):
        frame = Frames(found, orderly=number % 2 == 0).frame(dice)
        if len(frame) < 8 or frame[0] != 0x51 or zlib.crc32(frame[:-4]) != int.from_bytes(frame[-4:], "big"):
            continue
        _, op, size = HEAD.unpack_from(frame)
        if size == len(frame) - 8:
            good[op] = good.get(op, 0) + 1
    assert min(good[OPEN], good[PUSH], good[PULL], good[10]) > 5


def test_a_changed_frame_gets_its_checksum_again() -> None:
    frames = Frames(read(headed))
    frame = HEAD.pack(0x51, 5, 4) + b"\0\1\0\2"
    frame += zlib.crc32(frame).to_bytes(4, "big")
    changed = [frames.altered(frame, dice) for dice in dices(200)]
    sealed = [one for one in changed if one != frame and zlib.crc32(one[:-4]) == int.from_bytes(one[-4:], "big")]
    assert len(sealed) > 100
    assert len(set(sealed)) > 10


async def summed(ws):
    frame = await ws.receive_bytes()
    if sum(frame[:-1]) % 256 != frame[-1]:
        return


async def xored(ws):
    frame = await ws.receive_bytes()
    if functools.reduce(operator.xor, frame[:-1]) != frame[-1]:
        return


async def packed(ws):
    frame = await ws.receive_bytes()
    if frame[-2:] != struct.pack("<H", binascii.crc_hqx(frame[:-2], 0)):
        return


async def written(ws):
    frame = await ws.receive_bytes()
    if frame[-4:] != zlib.adler32(frame[:-4]).to_bytes(4, "big"):
        return


async def unpacked(ws):
    frame = await ws.receive_bytes()
    (told,) = struct.unpack("<I", frame[-4:])
    crc = zlib.crc32(frame[:-4]) & 0xFFFFFFFF
    if told != crc:
        return


def folded(data):
    total = 0
    for byte in data:
        total ^= byte
    return total & 0xFF


def added(data):
    total = 0
    for byte in data:
        total += byte
        total -= byte
        total += 1
    return total


def mixed(data):
    total = 0
    for byte in data:
        total = (total ^ byte) << 1
    return total


async def by_hand(ws):
    frame = await ws.receive_bytes()
    if folded(frame[:-1]) != frame[-1]:
        return


async def by_adding(ws):
    frame = await ws.receive_bytes()
    if frame[-1] != added(frame[:-1]):
        return


async def by_mixing(ws):
    frame = await ws.receive_bytes()
    if frame[-1] != mixed(frame[:-1]):
        return


async def unknown(ws):
    frame = await ws.receive_bytes()
    if frame[-2:] == ws.whatever(frame):
        return


async def compared(ws):
    frame = await ws.receive_bytes()
    if frame[-1] == ws.whatever(frame) or frame[-1] > ws.whatever(frame):
        return


async def closed(ws):
    frame = await ws.receive_bytes()
    if frame[-1:] != b";" or frame[-1] == 300:
        return


async def odd(ws):
    frame = await ws.receive_bytes()
    if frame[-3:] not in (b"END", b"end") or b"x" in frame[:2] or ws.whatever == len(frame) or len(frame) in (3, 4):
        return
    if int.from_bytes(frame[-3:], "big") == 2:
        return
    struct.unpack(frame[0], frame[-4:])


@pytest.mark.parametrize(
    ("handler", "trailer"),
    [
        (summed, Layout("B", (Shape(digests=("sum",)),))),
        (xored, Layout("B", (Shape(digests=("xor",)),))),
        (packed, Layout("<H", (Shape(digests=("crc_hqx",)),))),
        (written, Layout(">I", (Shape(digests=("adler32",)),))),
        (unpacked, Layout("<I", (Shape(digests=("crc32",)),))),
        (by_hand, Layout("B", (Shape(digests=("xor",)),))),
        (by_adding, Layout("B", (Shape(digests=("sum",)),))),
        (by_mixing, Layout("B", (Shape(digests=("xor",)),))),
        (unknown, Layout(">H", (Shape(digests=("",)),))),
        (compared, Layout("B", (Shape(digests=("",)),))),
        (odd, Layout("3s", (Shape(chunks=(b"END", b"end")),))),
    ],
)
def test_what_frames_end_with_is_read(handler, trailer) -> None:
    assert read(handler).trailer == trailer


def test_an_end_that_never_changes_is_written() -> None:
    found = read(closed)
    assert found.trailer == Layout(">B", (Shape(chunks=(b";",)),))
    assert read(odd).trailer is not None
    frames = [Frames(read(odd)).frame(dice) for dice in dices(100)]
    assert sum(frame.lower().endswith(b"end") for frame in frames) > 50


def test_a_trailer_of_which_nothing_is_known_may_be_any_usual_checksum() -> None:
    names = set()
    for dice in dices(200):
        trailer = Trailer(Layout(">H", (Shape(digests=("",)),)))
        frame = trailer.sealed(dice, b"12345678")
        names |= {name for name in CHECKSUMS if checksum(name, frame[:-2], 2) == int.from_bytes(frame[-2:], "big")}
        assert trailer.resealed(frame, b"123")[3:] == trailer.sealed(dice, b"123")[3:]
    assert names >= {"sum", "crc_hqx", "ccitt", "modbus"}
    assert Trailer(Layout(">H", (Shape(digests=("",)),))).resealed(b"1234\7\7", b"5") == b"5\7\7"
    assert Trailer(Layout("5s", (Shape(),))).sealed(dices(1)[0], b"1") == b"1"
    assert Trailer(Layout("b", (Shape(constants=(300,)),))).sealed(dices(1)[0], b"") in (b"", b"\0")
    assert checksum("modbus", b"123456789", 2) == 0x4B37
    assert checksum("complement", b"\x01\x02", 1) == 0xFD


async def checked_header(ws):
    frame = await ws.receive_bytes()
    size, crc = struct.unpack_from(">HI", frame)
    body = frame[6:]
    if len(body) != size or zlib.crc32(body) != crc:
        return
    if binascii.crc_hqx(body, 0) == zlib.crc32(body):
        return


def test_a_checksum_in_the_header_is_that_of_what_follows() -> None:
    found = read(checked_header)
    assert found.layouts[0].fields[1].digests == ("crc32",)
    assert "crc32" not in str(found.trailer)
    frames = [Frames(found).frame(dice) for dice in dices(300)]
    whole = [frame for frame in frames if len(frame) > 6 and zlib.crc32(frame[6:]) == int.from_bytes(frame[2:6], "big")]
    assert len(whole) > 30
    small = Record(Layout("2sB", (Shape(), Shape(digests=("xor",)))))
    assert small.digests(dices(1)[0], b"\x01\x02\x04") == {1: 7}
    assert candidates(("sha1",), 4) == ("crc32", "adler32", "sum")
    assert candidates((), 3) == ()
    none = Record(Layout("2s", (Shape(digests=("xor",)),)))
    assert none.digests(dices(1)[0], b"\x01") == {0: 1}
