"""Output that cannot be written."""

from __future__ import annotations

import io
import sys

import pytest

from wsreplay.cli.output import give_up


class Full(io.StringIO):
    """A stream whose device is full."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def flush(self) -> None:
        raise OSError(28, "No space left on device")

    def fileno(self) -> int:
        return self.number


def test_what_is_still_in_a_buffer_goes_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    with (tmp_path / "out").open("w+") as device:
        monkeypatch.setattr(sys, "stdout", Full(device.fileno()))
        told = io.StringIO()
        monkeypatch.setattr(sys, "stderr", told)
        give_up(OSError(28, "No space left on device"))
        # From now on whatever is written there is written nowhere.
        device.write("late")
        device.flush()
    assert (tmp_path / "out").read_text() == ""
    assert "No space left on device" in told.getvalue()


def test_a_reader_that_has_gone_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    give_up(BrokenPipeError(32, "Broken pipe"))
    assert told.getvalue() == ""
