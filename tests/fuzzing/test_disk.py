"""A corpus that is in the way, out of reach, or removed while a run writes it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.full_disk import small_disk
from tests.fuzzing.conftest import Project, finished
from wsreplay.corpus import Store
from wsreplay.errors import CorpusError
from wsreplay.events import EngineEvent, EntrySaved, FindingFound, Notice, RouteFinished
from wsreplay.fuzzing import fuzz

BUGGY = """
async def orders(websocket: WebSocket):
    await websocket.accept()
    while (event := await websocket.receive())["type"] != "websocket.disconnect":
        if (event.get("text") or "").startswith("{"):
            raise KeyError("price")
        if event.get("bytes") == b"":
            raise ValueError("empty")
        await websocket.send_text("ok")

app = Starlette(routes=[WebSocketRoute("/orders", orders)])
"""


def found(events: list[EngineEvent]) -> list[FindingFound]:
    return [event for event in events if isinstance(event, FindingFound)]


def run(project: Project, when: type, act) -> list[EngineEvent]:
    """Fuzz, and do something to the corpus after the last event of a kind so far."""
    events = []
    for event in fuzz(project.settings(max_examples=40)):
        events.append(event)
        if isinstance(event, when):
            act()
    return events


def test_a_corpus_that_is_removed_after_every_finding_has_them_all_in_the_end(project: Project) -> None:
    project.write(BUGGY)
    events = run(project, FindingFound, lambda: shutil.rmtree(project.corpus))
    assert len(found(events)) == 2
    known = Store(project.corpus).known()
    assert {event.finding.fingerprint for event in found(events)} <= set(known)
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert notice.text == "2 entries were removed from the corpus during the run"
    assert finished(events).exit_code == 1


def test_one_of_two_that_was_removed_is_saved_again(project: Project) -> None:
    project.write(BUGGY)
    events = run(project, RouteFinished, lambda: min(Store(project.corpus).known().values()).unlink())
    assert {event.finding.fingerprint for event in found(events)} <= set(Store(project.corpus).known())
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert notice.text.startswith("1 entry was")


def test_a_bug_that_another_entry_shows_is_not_saved_again(project: Project) -> None:
    project.write(BUGGY)

    def exchange() -> None:
        store = Store(project.corpus)
        for path in store.known().values():
            entry = store.load(path)
            path.unlink()
            store.save(replace(entry, scenario=replace(entry.scenario, steps=entry.scenario.steps[:1])))

    events = run(project, RouteFinished, exchange)
    assert not [event for event in events if isinstance(event, Notice)]
    for event in found(events):
        assert event.path is not None
        assert not Path(event.path).exists()


def test_a_corpus_with_a_file_in_its_place_loses_nothing(project: Project) -> None:
    project.write(BUGGY)

    def block() -> None:
        if project.corpus.is_dir():
            shutil.rmtree(project.corpus)
        project.corpus.write_text("in the way")

    events = run(project, FindingFound, block)
    first, second = found(events)
    unsaved = {event.entry for event in events if isinstance(event, EntrySaved) and event.unsaved}
    assert second.unsaved
    assert first.entry in unsaved
    end = finished(events)
    assert end.exit_code == 2
    assert "A file stands where a directory should be" in end.problems[0]


@pytest.mark.parametrize("name", ["file", "loop", "long"])
def test_a_corpus_that_cannot_be_one_is_an_error_before_anything_runs(project: Project, name: str) -> None:
    project.write(BUGGY)
    (project.directory / "file").write_text("notes")
    (project.directory / "loop").symlink_to("pool")
    (project.directory / "pool").symlink_to("loop")
    corpus = project.directory / {"long": "x" * 300}.get(name, name)
    with pytest.raises(CorpusError) as told:
        next(fuzz(project.settings(corpus=corpus)))
    assert "--corpus" in told.value.hint


def test_a_file_system_that_is_read_only_loses_nothing(project: Project) -> None:
    project.write(BUGGY)
    with small_disk(project.corpus, "1m,ro") as mounted:
        if not mounted:
            pytest.skip("no file system may be mounted here")
        events = project.fuzz(max_examples=40)
    assert all("Read-only file system" in event.unsaved for event in found(events))
    assert len(found(events)) == 2
    assert finished(events).exit_code == 2
