"""What binary replies have that is another every time is said back by symbols."""

from __future__ import annotations

import random
import struct

from wsreplay.generation import Knowledge
from wsreplay.generation.binary import Frames
from wsreplay.generation.binary_echoes import BinaryEchoes
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.echoes import Echoes
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Layout, Shape

KEYS = (0x1F2E3D4C, 0xA1B2C3D4, 0x00FFEE11)
QUIT = Layout(">BI", (Shape(constants=(5,)), Shape()), whole=True)


def heard(*replies: bytes) -> BinaryEchoes:
    echoes = BinaryEchoes()
    for reply in replies:
        echoes.hear(reply)
    return echoes


def welcomes() -> tuple[bytes, ...]:
    return tuple(b"\x02\x00\x04" + struct.pack(">I", key) for key in KEYS)


def said(layout: Layout, echoes: BinaryEchoes, **more: object) -> set[bytes]:
    numbers = random.Random(5)
    knowledge = Knowledge(kinds=("bytes",), layouts=(layout,), **more)  # type: ignore[arg-type]
    return {Frames(knowledge, True, echoes).frame(Dice(numbers.randbytes(BLOCK_SIZE))) for _ in range(200)}


def test_a_field_that_differs_from_reply_to_reply_has_a_symbol() -> None:
    echoes = heard(*welcomes(), b"", b"x" * 99)
    assert echoes
    assert echoes.symbols(4) == [b"{{bytes:3:4:02}}"]
    # Of what is larger its beginning and its end, of what is smaller what it ends or begins with.
    assert echoes.symbols(2) == [b"{{bytes:3:2:02}}"]
    assert echoes.symbols(6) == [b"{{bytes:1:6:02}}"]
    assert echoes.symbols(1) == echoes.symbols(17) == []
    assert not heard(b"same", b"same")
    assert heard(b"\x01\x00\x00\x07.", b"\x01\x00\x00\x08.").symbols(2) == [b"{{bytes:3:2:01}}", b"{{bytes:2:2:01}}"]


def test_replies_that_begin_with_anything_have_no_opcode() -> None:
    assert heard(*(bytes([number]) * 4 for number in range(20))).symbols(4) == [b"{{bytes:0:4}}"]


def test_there_is_an_end_to_what_is_remembered() -> None:
    echoes = heard(*(bytes(size) for size in range(2, 60)), *(b"\xff" * size for size in range(2, 60)))
    assert len(echoes.symbols(2)) < 20


def test_a_free_field_of_that_size_is_said_by_it() -> None:
    echoes = heard(*welcomes())
    assert b"\x05{{bytes:3:4:02}}" in said(QUIT, echoes)
    for layout in (Layout(">BI", (Shape(constants=(5,)), Shape(constants=(1,))), whole=True), Layout(">B", whole=True)):
        assert not any(b"{{" in frame for frame in said(layout, echoes))
    named = Layout(">B4s?d", (Shape(constants=(5,)),), whole=True)
    assert any(frame.startswith(b"\x05{{bytes:3:4:02}}") for frame in said(named, echoes))


def test_not_where_a_checksum_would_be_wrong() -> None:
    trailer = Layout(">B", (Shape(digests=("sum",)),))
    assert not any(b"{{" in frame for frame in said(QUIT, heard(*welcomes()), trailer=trailer))


def test_a_speaker_has_heard_what_the_search_has() -> None:
    echoes, numbers = Echoes(), random.Random(5)
    for reply in welcomes():
        echoes.hear(reply)
    knowledge = Knowledge(kinds=("bytes",), layouts=(QUIT,))
    speakers = [Speaker(knowledge, Dice(numbers.randbytes(BLOCK_SIZE)), echoes) for _ in range(200)]
    assert any(speaker.message()[1] == b"\x05{{bytes:3:4:02}}" for speaker in speakers)
