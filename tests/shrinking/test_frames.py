"""Binary messages: what a size measures goes with it, and what two messages share is simplified in both."""

from __future__ import annotations

import struct

import pytest

from wsreplay.model import Send


def frames(talk, *data):
    return talk(*(Send(0, "bytes", one) for one in data))


@pytest.mark.parametrize("data", [b"\x07\x03abc", b"\x07\x05abcde"])
def test_what_a_byte_measures_goes_with_it(shrinking, talk, said, data):
    def holds(one):
        found = said(one)
        return len(found) == 1 and found[0][:1] == b"\x07" and len(found[0]) > 1 and found[0][1] == len(found[0]) - 2

    assert said(shrinking(frames(talk, data), holds)) == [b"\x07\x00"]


def test_no_more_of_it_than_can_be_spared(shrinking, talk, said):
    def holds(one):
        found = said(one)
        return len(found) == 1 and len(found[0]) >= 4 and found[0][0] == len(found[0]) - 1

    assert said(shrinking(frames(talk, b"\x09abcdefghi"), holds)) == [b"\x03\x00\x00\x00"]


def test_other_fields_may_be_between_a_size_and_what_it_measures(shrinking, talk, said):
    head = struct.Struct("<HI")

    def holds(one):
        data = said(one)[0] if said(one) else b""
        if not isinstance(data, bytes) or len(data) < head.size:
            return False
        size, number = head.unpack_from(data)
        return size == len(data) - head.size and number == 0x01020304

    small = shrinking(frames(talk, head.pack(4, 0x01020304) + b"four"), holds)
    assert said(small) == [head.pack(0, 0x01020304)]


@pytest.mark.parametrize(("least", "simple"), [(0, b"\x00\x00\x00\x00"), (1, b"\x00\x00\x00\x01")])
def test_an_identifier_that_two_frames_give_is_simplified_in_both(shrinking, talk, said, least, simple):
    def holds(one):
        found = said(one)
        if [data[:1] for data in found] != [b"\x01", b"\x02"] or {len(data) for data in found} != {5}:
            return False
        return found[0][1:] == found[1][1:] and int.from_bytes(found[0][1:], "big") >= least

    scenario = frames(talk, b"\x01\xde\xad\xbe\xef", b"\x02\xde\xad\xbe\xef")
    assert said(shrinking(scenario, holds)) == [b"\x01" + simple, b"\x02" + simple]


def test_long_frames_and_documents_are_left_to_others(shrinking, talk, said):
    long = bytes(range(1, 101))

    def holds(one):
        return [len(data) for data in said(one)] == [100, 100]

    small = shrinking(frames(talk, long, long), holds)
    assert said(small) == [bytes(100), bytes(100)]


def test_a_symbol_is_left_whole_and_what_is_beside_it_simplified(shrinking, talk, said):
    symbol = b"{{bytes:2:6:10}}"

    head = b"\x11" + symbol

    def holds(one):
        return any(data[: len(head)] == head and data[len(head) :] >= b"\x03" for data in said(one))

    assert said(shrinking(frames(talk, b"\x11" + symbol + b"\xff"), holds)) == [b"\x11" + symbol + b"\x03"]
