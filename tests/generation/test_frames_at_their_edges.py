"""Numbers in binary frames: as large as their fields can hold, or said again where they name a thing."""

from __future__ import annotations

import struct

import pytest

from wsreplay.generation import Options
from wsreplay.generation.binary import Frames
from wsreplay.generation.checksums import checksum
from wsreplay.generation.dice import Dice
from wsreplay.generation.drafting import Draft, Talk
from wsreplay.generation.knowledge import Knowledge, Layout, Shape
from wsreplay.generation.records import Record
from wsreplay.model import Client, Connect, Scenario, Send

KINDS = Shape(constants=(1, 2))
HEAD = Layout("!BH", (KINDS, Shape(measures=True)))
STOP = Layout("B", (Shape(constants=(0, 1)),), under=((0, 9),))
SET = Layout("!Bh", (Shape(numbers=(8,)), Shape()), under=((0, 2),))
KNOWN = Knowledge(kinds=("bytes",), layouts=(HEAD, Layout("!I", under=((0, 1),)), SET))
FRAME = struct.pack("!BHBh", 2, 3, 5, 7)
TALK = Talk(lambda client: ("bytes", b""), lambda data: None, lambda path: None, lambda: None)


def dices(count: int) -> list[Dice]:
    return [Dice.thrown(3, number) for number in range(count)]


@pytest.mark.parametrize(
    ("layout", "edges"),
    [("!h", {32767, -32768}), ("<I", {0xFFFFFFFF, 0x80000000}), ("b", {127, -128, -1}), ("!Q", {(1 << 64) - 1, 0})],
)
def test_a_field_is_as_small_or_large_as_it_can_be(layout: str, edges: set[int]) -> None:
    record = Record(Layout(layout))
    found = {record.sharpened(bytes(record.size), dice) for dice in dices(60)}
    assert edges <= {struct.unpack(layout, one or b"")[0] for one in found}
    written = {struct.unpack(layout, record.written(dice, 1))[0] for dice in dices(300)}
    assert written & edges


def test_what_holds_no_free_integer_is_left_as_it_is() -> None:
    assert Record(Layout("!2sf")).sharpened(bytes(6), Dice.thrown(1, 1)) is None
    assert Record(Layout("B", (KINDS,))).sharpened(b"\x01", Dice.thrown(1, 1)) is None
    assert Frames(Knowledge(kinds=("bytes",))).sharpened(b"abc", Dice.thrown(1, 1)) is None


def test_in_a_frame_it_is_a_field_of_what_follows_the_header() -> None:
    frames = Frames(KNOWN)
    found = {frames.sharpened(FRAME, dice) or b"" for dice in dices(60)}
    assert {one[:3] for one in found} == {FRAME[:3]}
    assert 32767 in {struct.unpack("!Bh", one[3:])[1] for one in found}


def test_where_what_follows_has_no_free_field_it_is_one_of_the_header() -> None:
    head = Layout("!BH", (Shape(constants=(9,)), Shape()))
    found = {
        Frames(Knowledge(kinds=("bytes",), layouts=(head, STOP))).sharpened(b"\x09\0\0\1", one) for one in dices(30)
    }
    assert b"\x09\xff\xff\1" in found
    assert {(one or b"")[-1:] for one in found} == {b"\1"}


def test_a_checksum_at_the_end_is_of_the_frame_as_it_is_then() -> None:
    sealed = Frames(
        Knowledge(kinds=("bytes",), layouts=(Layout("!H"),), trailer=Layout("B", (Shape(digests=("sum",)),)))
    )
    for dice in dices(30):
        frame = sealed.sharpened(b"\x00\x01\x01", dice) or b""
        assert frame[2] == checksum("sum", frame[:2], 1)


def test_a_number_below_a_limit_is_said_again() -> None:
    def named(*heard: bytes) -> int:
        """How often a frame names what the one that was heard does."""
        found = 0
        for dice in dices(600):
            frames = Frames(KNOWN, True)
            for one in heard:
                frames.hear(one)
            frame = frames.frame(dice)
            found += len(frame) == 6 and frame[:4] == FRAME[:4]
        return found

    assert named(FRAME) > 3 * named()
    alone = Record(SET)
    assert 100 not in {alone.written(dice, 0, [100])[0] for dice in dices(80)}


def draft(*frames: bytes, known: Knowledge = KNOWN) -> Draft:
    steps = (Connect(0), *(Send(0, "bytes", frame) for frame in frames))
    return Draft(Scenario("/ws", (Client("/ws"),), steps), (), Options(), Dice.thrown(5, 1), TALK, Frames(known))


def test_samples_of_frames_are_sharpened_and_heaped() -> None:
    sharp = draft(FRAME)
    sharp.sharpen()
    (one,) = [step.data for step in sharp.steps if isinstance(step, Send)]
    assert one != FRAME
    assert one[:3] == FRAME[:3]
    heap = draft(FRAME)
    heap.heap()
    several = [step.data for step in heap.steps if isinstance(step, Send)]
    assert len(several) in (2, 3)
    assert set(several) != {FRAME}
    drummed = draft(b"?", known=Knowledge(kinds=("bytes",)))
    drummed.heap()
    assert {step.data for step in drummed.steps if isinstance(step, Send)} == {b"?"}
