"""Whatever is changed in a record, it is refused, or it means just what stands there."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
from hypothesis import given, settings
from hypothesis import strategies as st

from wsreplay.corpus.codec import VERSION, decode_entry, encode_entry
from wsreplay.errors import EntryError

GOLD = next((Path(__file__).parents[2] / "corpus" / "gold" / f"v{VERSION}").glob("*.msgpack")).read_bytes()

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.integers(-2, 2),
    st.floats(allow_nan=False).filter(lambda number: str(number) != "-0.0"),
    st.text(max_size=3),
    st.sampled_from(["text", "json", "bytes", "client", "app", "raised", "open", "failure", "send", "ended", "error"]),
    st.integers(2**64, 2**70).map(str),
    st.binary(max_size=3),
    st.just([]),
    st.lists(st.text(max_size=2), max_size=3),
)


def unpacked(data: bytes) -> list[Any]:
    return msgpack.unpackb(data, unicode_errors="surrogatepass")


def packed(value: object) -> bytes:
    return msgpack.packb(value, unicode_errors="surrogatepass")


def lists_in(value: object) -> list[list[Any]]:
    return [value, *[inner for one in value for inner in lists_in(one)]] if isinstance(value, list) else []


def exchange(parts: list[Any], place: int, leaf: Any) -> None:
    parts[place % len(parts)] = leaf


def insert(parts: list[Any], place: int, leaf: Any) -> None:
    parts.insert(place % (len(parts) + 1), leaf)


def remove(parts: list[Any], place: int, leaf: Any) -> None:
    del parts[place % len(parts)]


@given(
    st.integers(3, 4),
    st.integers(0, 10_000),
    st.integers(0, 100),
    LEAVES,
    st.sampled_from([exchange, insert, remove]),
)
@settings(max_examples=500, deadline=None, database=None)
def test_an_altered_record_is_refused_or_means_what_it_says(
    which: int, where: int, place: int, leaf: Any, alter: Callable[[list[Any], int, Any], None]
) -> None:
    file = unpacked(GOLD)
    content = unpacked(file[which])
    lists = [one for one in lists_in(content) if one or alter is insert]
    alter(lists[where % len(lists)], place, leaf)
    file[which] = packed(content)
    file[2] = zlib.crc32(file[3] + file[4])
    data = packed(file)
    try:
        entry = decode_entry(data)
    except EntryError:
        return
    assert encode_entry(entry) == data
