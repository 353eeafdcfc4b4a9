"""An entry that could not be saved, as a command that saves it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from wsreplay.corpus import Store, encode_entry
from wsreplay.model import Client, Connect, Entry, Scenario, Send, Transcript, Wait
from wsreplay.report.rescue import rescue, unsaved


def entry(*steps: Connect | Send | Wait) -> Entry:
    return Entry(Scenario("/ws", (Client("/ws"),), (Connect(0), *steps)), Transcript(()))


def test_the_command_makes_the_same_file_wherever_it_is(tmp_path: Path) -> None:
    corpus = tmp_path / "a corpus; with 'quotes'"
    kept = entry(Send(0, "text", "'END'\nEND\n$(exit)"), Send(0, "bytes", bytes(range(256)) * 20))
    why, about, *command = (line.text for line in unsaved("the disk is full\x1b[2J", kept, corpus))
    assert (why, about) == (
        "  Not saved: the disk is full\\x1b[2J",
        "  When that is mended, save it with this command:",
    )
    assert max(len(line) for line in command[1:]) == 76
    subprocess.run(["bash", "-e"], input="\n".join(command), text=True, check=True)
    path = Store(corpus).path_of(kept.scenario)
    assert path.read_bytes() == encode_entry(kept)
    assert Store(corpus).paths() == [path]


def test_what_no_file_can_hold_has_no_command(tmp_path: Path) -> None:
    assert list(rescue(entry(Wait(1e9)), tmp_path)) == []
