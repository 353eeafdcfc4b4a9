"""Whatever stands in a file, reading it gives an entry or an EntryError, soon and in little memory."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgpack
import pytest

from wsreplay.corpus.codec import VERSION, decode_entry, encode_entry
from wsreplay.corpus.faults import DamagedError, LimitError, NewerFormatError
from wsreplay.corpus.limits import (
    MAX_CLIENTS,
    MAX_ELEMENTS,
    MAX_FILE,
    MAX_FINDINGS,
    MAX_HANDSHAKE,
    MAX_LIST,
    MAX_MESSAGE,
    MAX_STEPS,
    MAX_WAIT,
)
from wsreplay.errors import EntryError
from wsreplay.model import Client, Connect, Entry, Scenario, Send, Wait

Make = Callable[..., Entry]


def file_of(scenario: bytes, record: bytes, *more: object) -> bytes:
    """A file with a right checksum around any content."""
    checksum = zlib.crc32(scenario + record)
    return msgpack.packb(["wsreplay", VERSION, checksum, scenario, record, *more])


def parts_of(entry: Entry) -> tuple[list[Any], list[Any]]:
    _, _, _, scenario, record = msgpack.unpackb(encode_entry(entry))
    return msgpack.unpackb(scenario), msgpack.unpackb(record)


def packed(value: object) -> bytes:
    return msgpack.packb(value)


GOOD_SCENARIO = packed(["/", [["/"]], [["connect", 0]]])
GOOD_RECORD = packed([[[]]])


def test_the_smallest_file_is_an_entry() -> None:
    entry = decode_entry(file_of(GOOD_SCENARIO, GOOD_RECORD))
    assert entry.scenario == Scenario("/", (Client("/"),), (Connect(0),))


def test_every_truncation_is_an_entry_error(entry: Make) -> None:
    data = encode_entry(entry(bugs=("KeyError",)))
    for length in range(len(data)):
        with pytest.raises(EntryError):
            decode_entry(data[:length])


def test_no_altered_byte_goes_unnoticed(entry: Make) -> None:
    data = encode_entry(entry(bugs=("KeyError",)))
    for place in range(len(data)):
        for change in (0x01, 0x20, 0x80, 0xFF):
            altered = bytearray(data)
            altered[place] ^= change
            with pytest.raises(EntryError):
                decode_entry(bytes(altered))


def test_bytes_after_the_end_are_an_entry_error(entry: Make) -> None:
    with pytest.raises(DamagedError, match="extra data"):
        decode_entry(encode_entry(entry()) + b"\x00")


# --- sizes -----------------------------------------------------------------------------------------------------------

CAP = 96 * 2**20
"""Bytes that a decoding may take beside eight times the size of the file."""

GIGABYTES = struct.pack(">I", 2**31 - 1)


@pytest.mark.parametrize(
    "claim",
    [b"\xc6", b"\xdb", b"\xdd", b"\xdf", b"\xc9"],
    ids=["bytes", "text", "array", "map", "extension"],
)
@pytest.mark.parametrize("where", ["file", "scenario", "record"])
def test_a_declared_length_of_gigabytes_takes_no_memory(claim: bytes, where: str) -> None:
    claimed = claim + GIGABYTES
    data = {
        "file": encode_head() + claimed,
        "scenario": file_of(claimed, GOOD_RECORD),
        "record": file_of(GOOD_SCENARIO, claimed),
    }[where]
    tracemalloc.start()
    try:
        with pytest.raises(DamagedError, match="cannot be unpacked"):
            decode_entry(data)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def peak(data: bytes) -> int:
    """Bytes that the decoding of `data`, which is no entry, takes at the most."""
    tracemalloc.start()
    try:
        with pytest.raises(EntryError):
            decode_entry(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def array(parts: int) -> bytes:
    return b"\xdd" + struct.pack(">I", parts)


SMALL = {
    "lists": b"\x90",
    "nested": b"\x91\x91\x90",
    "texts": b"\xa2ab",
    "bytes": b"\xc4\x02ab",
    "floats": b"\xcb\x40\x00\x01\x02\x03\x04\x05\x06",
    "integers": b"\xce\x12\x34\x56\x78",
}


def wide(filling: bytes, size: int) -> bytes:
    """About so many bytes of arrays of small things in an array."""
    part = array(MAX_LIST // 4) + filling * (MAX_LIST // 4)
    parts = max(1, size // len(part))
    return array(parts) + part * parts


@pytest.mark.parametrize("size", [900_000, 1_100_000])
@pytest.mark.parametrize("filling", ["lists", "texts"])
def test_what_is_unpacked_takes_little_more_than_it_is_long(filling: str, size: int) -> None:
    content = wide(SMALL[filling], size)
    assert peak(file_of(GOOD_SCENARIO, content)) < CAP + 8 * len(content)


@pytest.mark.slow
@pytest.mark.parametrize("size", [900_000, 10_000_000, 60_000_000])
@pytest.mark.parametrize("filling", SMALL)
def test_not_even_the_largest_file_takes_much_memory(filling: str, size: int) -> None:
    content = wide(SMALL[filling], size)
    assert peak(file_of(GOOD_SCENARIO, content)) < CAP + 8 * len(content)
    assert peak(file_of(content, GOOD_RECORD)) < CAP + 8 * len(content)


def test_arrays_that_declare_more_than_there_is_take_no_room_for_it() -> None:
    content = array(MAX_LIST) * 900 + bytes(MAX_LIST)
    assert peak(file_of(GOOD_SCENARIO, content)) < 8 * len(content)
    assert peak(file_of(content, GOOD_RECORD)) < 8 * len(content)


def test_so_many_elements_are_allowed_and_not_one_more() -> None:
    lists = 27
    each, rest = divmod(MAX_ELEMENTS - 1, lists)
    assert rest == 0
    # An array counts one itself, and one as an element of the outer.
    inner = array(each - 2) + packed("x" * 10) * (each - 2)
    fits = array(lists) + inner * lists
    for content, complaint in ((fits, "fields, found"), (_longer(fits), "elements")):
        with pytest.raises(EntryError, match=complaint):
            decode_entry(file_of(GOOD_SCENARIO, content))


def _longer(arrays: bytes) -> bytes:
    """The same with one array more, which is empty."""
    count = struct.unpack(">I", arrays[1:5])[0]
    return array(count + 1) + arrays[5:] + b"\x90"


def test_more_findings_than_a_scenario_can_have_are_refused() -> None:
    finding = ["hang", "failure", "/", "raised", "it hangs"]
    record = packed([[[]], [finding] * (MAX_FINDINGS + 1)])
    with pytest.raises(LimitError, match="1001 findings, at most 1000 are read"):
        decode_entry(file_of(GOOD_SCENARIO, record))


def encode_head() -> bytes:
    return file_of(b"", b"")[:11]


@pytest.mark.parametrize("depth", [10, 500, 1_000, 10_000, 1_000_000])
def test_any_depth_of_nesting_is_an_entry_error(depth: int) -> None:
    deep = b"\x91" * depth + b"\xc0"
    for data in (file_of(deep, GOOD_RECORD), file_of(GOOD_SCENARIO, deep), encode_head() + deep):
        with pytest.raises(DamagedError):
            decode_entry(data)


def test_a_file_beyond_the_cap_is_not_unpacked() -> None:
    with pytest.raises(LimitError, match=f"at most {MAX_FILE} are read"):
        decode_entry(encode_head() + bytes(MAX_FILE))


def client_of(steps: tuple[Any, ...], clients: int = 1) -> Scenario:
    return Scenario("/", (Client("/"),) * clients, steps)


@pytest.mark.parametrize(
    ("scenario", "complaint"),
    [
        (client_of((), MAX_CLIENTS + 1), "it has 1001 clients, at most 1000 are allowed"),
        (client_of((Connect(0),) * (MAX_STEPS + 1)), "it has 10001 steps, at most 10000 are allowed"),
        (client_of((Wait(MAX_WAIT), Wait(1.0))), "its waits add up to 86401 seconds, at most 86400"),
        (Scenario("/" + "r" * MAX_HANDSHAKE, (), ()), "its route has 1048577 characters, at most 1048576 are allowed"),
        (
            Scenario("/", (Client("/"), Client("/", "q" * MAX_HANDSHAKE, (("a", "b"),), ("c",))), ()),
            "the handshake of client 1 has 1048580 characters, at most 1048576 are allowed",
        ),
        (client_of((Wait(-1.0),)), "step 0 waits -1.0 seconds"),
        (client_of((Wait(float("inf")),)), "step 0 waits inf seconds"),
        (client_of((Connect(1),)), "step 0 is about client 1, but there are 1"),
        (client_of((Connect(-1),)), "step 0 is about client -1"),
        (client_of((Connect(0),), 0), "step 0 is about client 0, but there are 0"),
        (client_of((Send(0, "bytes", bytes(MAX_MESSAGE + 1)),)), "the message of step 0 has 16777217 bytes"),
        (client_of((Send(0, "text", "\u20ac" * (MAX_MESSAGE // 3 + 1)),)), "the message of step 0 has 16777218 bytes"),
    ],
)
def test_a_scenario_beyond_the_limits_is_refused_with_a_reason(scenario: Scenario, complaint: str, entry: Make) -> None:
    with pytest.raises(LimitError, match=complaint):
        encode_entry(replace(entry(), scenario=scenario))


def test_a_list_that_is_too_long_is_refused_before_it_is_read() -> None:
    too_many = packed([[[["slow", 0.0, 0, 0, 1.0]] * (MAX_LIST + 1)]])
    with pytest.raises(DamagedError, match=f"{MAX_LIST + 1} exceeds max_array_len"):
        decode_entry(file_of(GOOD_SCENARIO, too_many))


def test_as_much_as_the_limits_allow_is_an_entry(entry: Make) -> None:
    steps = (Wait(MAX_WAIT), Send(0, "text", "x" * MAX_MESSAGE), *[Connect(0)] * (MAX_STEPS - 2))
    largest = replace(entry(), scenario=client_of(steps, MAX_CLIENTS))
    assert decode_entry(encode_entry(largest)) == largest


# --- versions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [2, 127, 128, 255, 256, 65_536, 2**32, 2**63])
@pytest.mark.parametrize("parts", [0, 3, 13])
def test_a_newer_version_is_told_so_whatever_follows(version: int, parts: int) -> None:
    data = packed(["wsreplay", version, *[{1: msgpack.ExtType(5, b"x")}] * parts])
    with pytest.raises(NewerFormatError, match=f"format version {version}, this wsreplay reads up to 1") as caught:
        decode_entry(data)
    assert caught.value.hint == "Upgrade wsreplay to read it."


@pytest.mark.parametrize("version", [0, -1, -200, True, 2.0, None, "2", [2]])
def test_what_was_never_a_version_is_damage(version: object) -> None:
    with pytest.raises(DamagedError, match="no format version that there has been"):
        decode_entry(packed(["wsreplay", version, 0, b"", b""]))


@pytest.mark.parametrize("after", [b"", b"\xcc", b"\xcf\x00", b"\xcc\x01", b"\xcd\x00\x00"])
def test_a_version_cut_short_or_too_small_is_damage(after: bytes) -> None:
    with pytest.raises(DamagedError, match="no format version"):
        decode_entry(b"\x95\xa8wsreplay" + after)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "the file is empty"),
        (b"version https://git-lfs.github.com/spec/v1\n", "no wsreplay entry: it begins with b'version ht'"),
        (b"<<<<<<< ours\n", "no wsreplay entry"),
        (packed(["replay", 1]), "no wsreplay entry"),
        (packed({"wsreplay": 1}), "no wsreplay entry"),
        (b"\xa8wsreplay\x01", "no wsreplay entry"),
    ],
)
def test_another_kind_of_file_is_told_so(data: bytes, complaint: str) -> None:
    with pytest.raises(DamagedError, match=complaint):
        decode_entry(data)


# --- structure -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (encode_head() + packed(0) * 2, "the file cannot be unpacked"),
        (encode_head() + packed(0) * 3, "no byte strings"),
        (encode_head() + packed(1) + packed(b"") * 2, "the checksum does not fit"),
        (encode_head() + packed("0") + packed(b"") * 2, "the checksum does not fit"),
        (file_of(b"", GOOD_RECORD), "the scenario cannot be unpacked"),
        (file_of(packed("x"), GOOD_RECORD), "the scenario is no array"),
        (file_of(b"\x80", GOOD_RECORD), "the scenario is no array"),
        (file_of(b"\xc1", GOOD_RECORD), "the scenario cannot be unpacked: FormatError"),
        (file_of(GOOD_SCENARIO, GOOD_RECORD + b"\x00"), "the record cannot be unpacked: .*extra data"),
        (file_of(GOOD_SCENARIO, packed([])), "record: _Record has 1 to 4 fields, found 0"),
        (file_of(GOOD_SCENARIO, packed([[[]], [], [], [], 1])), "record: _Record has 1 to 4 fields, found 5"),
        (file_of(GOOD_SCENARIO, packed([[[], ["a", 1]]])), r"record.transcript.features\[1\]: expected text, found an"),
        (file_of(GOOD_SCENARIO, packed([[[]], [None]])), r"record.findings\[0\]: expected a list, found nothing"),
    ],
)
def test_a_wrong_frame_is_damage(data: bytes, complaint: str) -> None:
    with pytest.raises(DamagedError, match=complaint):
        decode_entry(data)


@pytest.mark.parametrize(
    ("scenario", "complaint"),
    [
        (["/", [["/"]]], "scenario: Scenario has 3 to 4 fields, found 2"),
        ([b"/", [["/"]], []], "scenario.route: expected text, found bytes"),
        (["/", {}, []], "scenario.clients: expected a list, found a map"),
        (["/", [["/"]], [["connect", 0.0]]], r"scenario.steps\[0\].client: expected an integer or text, found a float"),
        (["/", [["/"]], [["connect", True]]], r"scenario.steps\[0\].client: expected .*, found a boolean \(True\)"),
        (["/", [["/"]], [["connect", "0"]]], r"steps\[0\].client: expected an integer, found text \('0'\)"),
        (["/", [["/"]], [["connect", "7"]]], r"steps\[0\].client: expected an integer, found text \('7'\)"),
        (["/", [["/"]], [["connect", "9" * 2000]]], r"steps\[0\].client: expected an integer, found text"),
        (["/", [["/"]], [["connect", 0, 0]]], r"steps\[0\]: Connect has 1 to 1 fields, found 2"),
        (["/", [["/"]], [["connect", 0], ["explode", 0]]], r"steps\[1\]: expected one of connect, .*'explode'"),
        (["/", [["/"]], [["opened", 0.0, 0, 0]]], r"steps\[0\]: expected one of connect"),
        (["/", [["/"]], [[]]], r"steps\[0\]: expected one of connect, .*, found an empty list"),
        (["/", [["/"]], [[["connect"], 0]]], r"steps\[0\]: expected one of connect, .*, found a list"),
        (["/", [["/"]], [["wait", 1]]], r"steps\[0\].seconds: expected a float, found an integer \(1\)"),
        (["/", [["/"]], [["send", 0, "text", b"x"]]], r"steps\[0\]: kind 'text' with bytes as data"),
        (["/", [["/"]], [["send", 0, "bytes", "x"]]], r"steps\[0\]: kind 'bytes' with text as data"),
        (["/", [["/"]], [["send", 0, "xml", "x"]]], r"steps\[0\].kind: expected one of text, json, bytes, found text"),
        (["/", [["/", "", [["a"]]]], []], r"clients\[0\].headers\[0\]: expected a list of 2, found one of 1"),
        (["/", [["/", "", [["a", 1]]]], []], r"clients\[0\].headers\[0\]: expected text, found an integer"),
        (["/", [["/"]], [], ["later"]], "scenario.profile.sends: expected one of immediate, suspend"),
        (["/", [["/"]], [["close", 0, 1000]]], r"steps\[0\].code: a default that should have been left out"),
        (["/", [["/"]], [], []], "scenario.profile: a default that should have been left out"),
    ],
)
def test_what_the_scenario_should_not_hold_is_named(scenario: object, complaint: str) -> None:
    with pytest.raises(DamagedError, match=complaint):
        decode_entry(file_of(packed(scenario), GOOD_RECORD))


@pytest.mark.parametrize(
    "value",
    [{"a": 1}, {1: 2}, msgpack.ExtType(5, b"x"), msgpack.Timestamp(1)],
    ids=["map", "integer key", "extension", "timestamp"],
)
def test_maps_and_extension_types_are_refused_wherever_they_stand(value: object) -> None:
    for data in (
        file_of(packed(["/", [["/"]], [], value]), GOOD_RECORD),
        file_of(GOOD_SCENARIO, packed([[[]], value])),
        encode_head() + packed(0) + packed(b"") + packed(value),
    ):
        with pytest.raises(DamagedError):
            decode_entry(data)


def test_duplicate_keys_are_refused() -> None:
    with pytest.raises(DamagedError):
        decode_entry(file_of(b"\x82\xa1a\x01\xa1a\x02", GOOD_RECORD))


@pytest.mark.parametrize(
    "scenario",
    [
        b"\x93\xa1/\x91\x91\xa1/\x91\x92\xa7connect\xcc\x00",
        b"\x93\xd9\x01/\x91\x91\xa1/\x91\x92\xa7connect\x00",
        b"\x93\xa1/\x91\x91\xa1/\x91\x92\xa4wait\xca\x3f\x80\x00\x00",
    ],
    ids=["wide integer", "long text header", "short float"],
)
def test_a_second_encoding_of_a_scenario_is_refused(scenario: bytes) -> None:
    with pytest.raises(DamagedError, match="not in its canonical encoding"):
        decode_entry(file_of(scenario, GOOD_RECORD))


def test_minus_zero_seconds_are_refused() -> None:
    scenario = b"\x93\xa1/\x91\x91\xa1/\x91\x92\xa4wait\xcb\x80\x00\x00\x00\x00\x00\x00\x00"
    with pytest.raises(LimitError, match=r"step 0 waits -0\.0 seconds"):
        decode_entry(file_of(scenario, GOOD_RECORD))


def test_text_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(DamagedError, match="cannot be unpacked: 'utf-8' codec"):
        decode_entry(file_of(b"\x93\xa1\xff\x90\x90", GOOD_RECORD))


def test_an_error_names_the_way_to_the_field(entry: Make) -> None:
    scenario, record = parts_of(entry(bugs=("KeyError",)))
    record[0][0][-1][-1][3][0][1] = "twelve"
    with pytest.raises(DamagedError, match=r"record.transcript.events\[7\].raised.frames\[0\].line: expected"):
        decode_entry(file_of(packed(scenario), packed(record)))
