"""How a worker and its parent talk, whatever happens to one of them."""

from __future__ import annotations

import os
import socket

import pytest

from wsreplay.workers.channel import NOTE, Channel, Flight


@pytest.fixture
def channels():
    left, right = socket.socketpair()
    pair = Channel(left), Channel(right)
    yield pair
    for channel in pair:
        channel.close()


def test_values_arrive_whole_and_in_order(channels):
    left, right = channels
    left.send({"a": (1, 2)})
    left.send("second")
    assert right.receive() == {"a": (1, 2)}
    assert right.receive(timeout=1.0) == "second"


def test_a_value_that_is_larger_than_one_read_arrives_whole(channels):
    left, right = channels
    import threading

    value = os.urandom(5_000_000)
    thread = threading.Thread(target=left.send, args=(value,))
    thread.start()
    assert right.receive() == value
    thread.join()


def test_silence_is_told_from_the_end(channels):
    left, right = channels
    with pytest.raises(TimeoutError):
        right.receive(timeout=0.01)
    left.close()
    with pytest.raises(EOFError):
        right.receive()


def test_a_reset_connection_is_an_end(channels):
    left, right = channels
    right.sock.close()
    with pytest.raises(OSError, match=r".*"):
        left.send("anything")
    with pytest.raises((EOFError, OSError)):
        left.receive()


def test_the_record_in_flight_is_readable_from_another_mapping():
    mine = Flight()
    theirs = Flight(os.dup(mine.fd))
    assert mine.recorded == b""
    theirs.record(b"scenario")
    theirs.note(b"stuck here")
    assert mine.recorded == b"scenario"
    assert mine.noted == b"stuck here"
    theirs.clear()
    assert mine.recorded == b""
    mine.close()
    theirs.close()


def test_the_record_is_in_a_file_where_there_is_none_in_memory(monkeypatch):
    monkeypatch.delattr(os, "memfd_create")
    mine = Flight()
    theirs = Flight(os.dup(mine.fd))
    theirs.record(b"scenario")
    assert mine.recorded == b"scenario"
    mine.close()
    theirs.close()


def test_a_record_that_is_too_large_is_not_kept():
    flight = Flight()
    flight.record(b"x" * NOTE)
    assert flight.recorded == b""
    flight.close()


def test_a_beat_and_a_new_record_both_change_the_pulse():
    flight = Flight()
    before = flight.pulse
    flight.beat()
    beaten = flight.pulse
    assert beaten != before
    flight.record(b"next")
    assert flight.pulse != beaten
    flight.close()


def test_what_was_in_flight_before_is_remembered_in_order():
    mine = Flight()
    theirs = Flight(mine.fd)
    assert theirs.past == []
    for record in (b"one", b"two", b"three"):
        mine.record(record)
    assert theirs.recorded == b"three"
    assert theirs.past == [b"one", b"two"]


def test_where_there_is_no_room_the_memory_begins_anew():
    flight = Flight()
    huge = bytes(3 << 20)
    for record in (b"one", huge, huge, b"two", huge, b"three"):
        flight.record(record)
    assert flight.past == [huge]
    flight.record(bytes(9 << 20))
    assert flight.past == [huge]
