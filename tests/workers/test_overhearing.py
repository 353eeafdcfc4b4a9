"""What a target prints goes through here when credentials may be in it."""

from __future__ import annotations

import os

import pytest

from wsreplay.workers.overhearing import LONGEST, Overhearing


@pytest.fixture
def told(tmp_path):
    """What comes out when these pieces are said."""

    def tell(*pieces: bytes) -> bytes:
        with (tmp_path / "heard").open("wb") as out:
            overhearing = Overhearing((("{{A}}", "sesame"),), out.fileno())
            for piece in pieces:
                os.write(overhearing.fd, piece)
            overhearing.let_go()
            overhearing.thread.join()
        return (tmp_path / "heard").read_bytes()

    return tell


def test_lines_come_through_without_credentials_however_they_were_written(told):
    assert told(b"open ses", b"ame\nand\xff ", b"close sesame") == b"open {{A}}\nand\xff close {{A}}"


def test_what_has_no_line_break_is_not_held_back_for_ever(told):
    assert told(b"x" * LONGEST, b"\n") == b"x" * LONGEST + b"\n"


def test_a_listener_that_has_gone_does_not_stop_the_one_who_speaks():
    read, write = os.pipe()
    overhearing = Overhearing((("{{A}}", "sesame"),), write)
    os.close(read)
    for _ in range(3):
        os.write(overhearing.fd, b"open sesame\n" * 1000)
    overhearing.let_go()
    overhearing.thread.join()
    assert not overhearing.thread.is_alive()
    os.close(write)
