"""Damage of every kind gives the same entry or one clear error, in little memory and time."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from wsreplay.corpus.codec import decode_entry
from wsreplay.errors import EntryError

HERE = Path(__file__).parent
FUZZING = HERE / "fuzzing.py"
INPUTS = sorted((HERE / "inputs").iterdir())
ENTRIES = sorted((HERE.parents[1] / "corpus").rglob("*.msgpack"))


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzzing_the_decoder", FUZZING)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fuzzing = loaded()


def fuzzed(*arguments: str) -> str:
    """Run the fuzzing of the decoder, in a process with little memory."""
    command = [sys.executable, str(FUZZING), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def answered(data: bytes, was: bytes) -> None:
    """What was damaged is the entry that it was, or an error."""
    kind, _ = fuzzing.answer(data)
    assert kind != "Entry" or decode_entry(data) == decode_entry(was)


@pytest.mark.parametrize("path", INPUTS, ids=[path.stem for path in INPUTS])
def test_what_was_interesting_once_is_answered_as_it_was(path: Path) -> None:
    assert fuzzing.answer(path.read_bytes())[0] == path.name.partition("-")[0]


@pytest.mark.parametrize("path", [ENTRIES[0], max(ENTRIES, key=lambda path: path.stat().st_size)], ids=["one", "gold"])
def test_no_flipped_bit_and_no_truncation_goes_unnoticed(path: Path) -> None:
    data = path.read_bytes()
    for place in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            answered(bytes(flipped), data)
        with pytest.raises(EntryError):
            decode_entry(data[:place])


@pytest.mark.slow
@pytest.mark.parametrize("path", ENTRIES, ids=[path.stem for path in ENTRIES])
def test_no_byte_of_any_entry_can_be_another(path: Path) -> None:
    data = path.read_bytes()
    for place in range(len(data)):
        for change in range(1, 256):
            altered = bytearray(data)
            altered[place] ^= change
            answered(bytes(altered), data)
        with pytest.raises(EntryError):
            decode_entry(data[:place])


def test_thousands_of_damaged_inputs_give_entries_and_errors_of_every_kind() -> None:
    told = fuzzed("--count", "8000", "--seed", "5")
    assert told.startswith("8000 inputs of seed 5, ")
    for kind in ("Entry", "DamagedError", "LimitError", "NewerFormatError"):
        assert f" {kind}" in told


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_hundred_thousand_damaged_inputs_give_entries_and_errors(seed: int) -> None:
    assert fuzzed("--count", "100000", "--seed", str(seed)).startswith("100000 inputs")


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (KeyError("x"), "KeyError"),
        (RecursionError(), "RecursionError"),
        (MemoryError(), "MemoryError"),
        (EntryError(""), "no clear message"),
        (EntryError("two\nlines"), "no clear message"),
    ],
)
def test_a_decoder_that_breaks_would_be_noticed(
    wrong: Exception, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(data: bytes) -> None:
        raise wrong

    monkeypatch.setattr(fuzzing, "decode_entry", decode)
    with pytest.raises(fuzzing.BrokenError, match=complaint):
        fuzzing.answer(b"")
