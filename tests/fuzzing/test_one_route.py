"""One route searched by itself: it gives what it gives in a run of all, and writes only where it is asked to."""

from __future__ import annotations

import pytest

from wsreplay.corpus import Store
from wsreplay.errors import RouteError
from wsreplay.events import FindingFound, RouteFinished, SequenceTried
from wsreplay.fuzzing import Search, fuzz_route
from wsreplay.fuzzing.confirming import Confirmation
from wsreplay.workers import Launcher, WorkerLost

TWO = """
    async def orders(websocket: WebSocket):
        await websocket.accept()
        async for text in websocket.iter_text():
            if text.startswith("1"):
                raise KeyError("price")

    async def ticker(websocket: WebSocket):
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text("tick")

    app = Starlette(routes=[WebSocketRoute("/orders", orders), WebSocketRoute("/ticker", ticker)])
"""


def search(project, path="/orders", **how):
    settings = project.settings()
    with Launcher(settings) as launcher:
        return list(fuzz_route(settings, launcher, Store(settings.corpus), path, Search(**how)))


def test_it_finds_and_keeps_what_a_run_of_all_routes_does(project, found):
    project.write(TWO)
    alone = found(search(project))
    whole = found(project.fuzz(corpus=project.directory / "whole"))
    assert alone
    assert {event.entry.scenario for event in alone} == {e.entry.scenario for e in whole if e.route == "/orders"}
    files = [path.name for path in (project.directory / "whole" / "orders").iterdir() if path.suffix == ".msgpack"]
    assert sorted(name.rpartition("/")[2] for name in project.bytes() if name.endswith(".msgpack")) == sorted(files)


def test_it_writes_nothing_unless_asked_and_tells_every_sequence_if_asked(project, found):
    project.write(TWO)
    events = search(project, save=False, every=True)
    assert project.bytes() == {}
    assert {(event.path, event.unsaved) for event in found(events)} == {(None, "")}
    (finished,) = [event for event in events if isinstance(event, RouteFinished)]
    numbers = [event.number for event in events if isinstance(event, SequenceTried)]
    assert numbers == list(range(1, finished.sequences + 1))


def test_a_finding_whose_campaign_ends_while_it_is_confirmed_is_kept_as_seen_once(project, found, monkeypatch):
    def lost(self, seen, history):
        raise WorkerLost("was ended", seen.scenario, (), (9, 9, 9), late=True)

    project.write(TWO)
    monkeypatch.setattr(Confirmation, "of", lost)
    (one,) = [event for event in search(project) if isinstance(event, FindingFound)]
    assert (one.confirmed, one.finding.exception) == (False, "KeyError")
    assert "seen once" in one.finding.detail
    assert one.path is not None


def test_what_the_corpus_shows_already_is_not_told_again(project):
    project.write(TWO)
    search(project)
    assert not [event for event in search(project) if isinstance(event, FindingFound)]


def test_a_route_that_is_gone_is_an_error(project):
    project.write(TWO)
    with pytest.raises(RouteError, match="the target has no route '/gone' any more"):
        search(project, "/gone")
