"""Our own corpus, of the bundled demo app, replayed as its users replay theirs.

Where a change of wsreplay or of the demo makes it stale, look at each difference, then make it anew in an empty
directory with `wsreplay fuzz wsreplay.demo:app --seed 1`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wsreplay import demo
from wsreplay.comparing import difference
from wsreplay.config import Settings
from wsreplay.corpus import Store
from wsreplay.events import EntryReplayed
from wsreplay.replaying import replay

CORPUS = Path(__file__).parent.parent / "corpus"
PATHS = Store(CORPUS).paths()


@pytest.fixture(scope="module")
def replayed() -> dict[str, EntryReplayed]:
    settings = Settings(target="wsreplay.demo:app", app_dir=Path(demo.__file__).parent.parent, corpus=CORPUS)
    return {event.path: event for event in replay(settings) if isinstance(event, EntryReplayed)}


def test_there_are_bugs_and_normal_conversations_on_every_route() -> None:
    entries = [Store(CORPUS).load(path) for path in PATHS]
    every = {"/chat/{room}", "/shop/orders", "/shop/ticker", "/upload"}
    assert {entry.scenario.route for entry in entries if entry.verdict == "fail"} == every
    assert {entry.scenario.route for entry in entries if entry.verdict == "pass"} == every


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_demo_does_what_is_on_record(path: Path, replayed: dict[str, EntryReplayed]) -> None:
    seen = next(event for name, event in replayed.items() if Path(name).name == path.name)
    recorded = Store(CORPUS).load(path)
    assert seen.verdict == recorded.verdict, seen.difference
    if seen.transcript is not None:
        assert difference(recorded.transcript, seen.transcript, "close") == ""


def test_every_entry_is_whole() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wsreplay", "corpus", "check", "--corpus", str(CORPUS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
