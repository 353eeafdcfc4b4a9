"""Documents in text and in bytes."""

from __future__ import annotations

import json

import msgpack
import pytest

from wsreplay.documents import MAX_ECHO, parsed, readable, written

DOCUMENT = {"op": "bid", "lot": "a7", "amounts": [1, 2.5, None, True]}


@pytest.mark.parametrize(
    "data", [json.dumps(DOCUMENT), json.dumps(DOCUMENT).encode(), msgpack.packb(DOCUMENT)], ids=["text", "json", "pack"]
)
def test_a_document_is_read_whatever_it_is_written_in(data: str | bytes) -> None:
    assert parsed(data) == DOCUMENT
    assert json.loads(readable(data) or "") == DOCUMENT


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x07",
        b"{broken",
        b'{"\xff": 1}',
        msgpack.packb(DOCUMENT)[:-1],
        msgpack.packb(DOCUMENT) + b"\x00",
        msgpack.packb({"a": b"bytes"}),
        msgpack.packb({"a": msgpack.Timestamp(7)}),
        msgpack.packb({1: 2}),
        b"\x91" * 3000 + b"\x01",
        msgpack.packb(["a" * MAX_ECHO]),
    ],
)
def test_bytes_that_hold_none_say_nothing(data: bytes) -> None:
    assert parsed(data) is None


def test_a_text_is_written_in_the_form_of_others() -> None:
    text = json.dumps(DOCUMENT)
    assert written(text, b'{"a": 1}') == text.encode()
    assert msgpack.unpackb(written(text, b"\x80") or b"") == DOCUMENT


@pytest.mark.parametrize("text", ["{broken", str([2**64]), '["\\ud800"]', "[" * 100_000])
def test_what_messagepack_cannot_say_is_not_written(text: str) -> None:
    assert written(text, b"\x80") is None
    assert written("\ud800", b"[") is None
