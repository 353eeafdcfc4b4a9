"""The figures of a run, whatever order its events come in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wsreplay.config import Settings
from wsreplay.events import EntryReplayed, EntrySaved, FindingFound, Notice, Progress, RouteFinished, RunStarted
from wsreplay.model import Route, Send
from wsreplay.report.junit_report import JunitReport
from wsreplay.report.ledger import Ledger
from wsreplay.report.narration import Narrator

ROUTE = Route("/ws", "starlette")


@pytest.fixture
def found(crashing) -> FindingFound:
    return crashing.found(Send(0, "json", "{}"))


def ledger(*events) -> Ledger:
    kept = Ledger()
    for event in events:
        kept.handle(event)
    return kept


def progress(sequences):
    return Progress("/ws", sequences, 5, 2, 9, 1, 0, 0, 1.0)


def test_what_is_told_on_the_way_is_replaced_by_the_totals_and_those_of_more_workers_are_added():
    first = RouteFinished(ROUTE, 100, 50, 20, 3, 1.0)
    kept = ledger(progress(40), first, progress(60), first)
    assert (kept.routes["/ws"].sequences, kept.routes["/ws"].messages) == (200, 100)


def test_a_bug_that_the_search_finds_again_keeps_where_it_was_first_found(found):
    again = replace(found, found_after=found.found_after + 100, path="corpus/elsewhere.msgpack")
    kept = ledger(found, again)
    (only,) = kept.routes["/ws"].found.values()
    assert only.after == found.found_after
    assert kept.saved == {found.path, "corpus/elsewhere.msgpack"}


def test_a_bug_of_the_replay_is_the_search_s_once_it_is_found_there(found):
    replayed = EntryReplayed("corpus/old.msgpack", "fail", found.entry, (found.finding,), found.entry.transcript)
    (only,) = ledger(replayed, found).routes["/ws"].found.values()
    assert only.after == found.found_after


def test_what_could_not_be_saved_is_not_counted_as_saved(found):
    kept = ledger(EntrySaved("/ws", None, "the disk is full"), replace(found, path=None, unsaved="the disk is full"))
    assert kept.saved == set()


def test_notices_are_kept_and_unknown_events_left_alone():
    kept = ledger(Notice("look"), object())
    assert [notice.text for notice in kept.notices] == ["look"]


def test_a_run_without_a_seed_and_without_entries_says_what_there_is():
    (told,) = Narrator(Settings()).tell(RunStarted("replay", "shop:app", None, (ROUTE,), "corpus"))
    assert [line.text for line in told.lines] == ["wsreplay replay shop:app: 1 route"]


def test_a_bug_that_the_replay_shows_without_a_transcript_is_told_by_its_finding_alone(found, tmp_path):
    path = tmp_path / "junit.xml"
    report = JunitReport(path)
    report.handle(RunStarted("fuzz", "shop:app", 7, (ROUTE,), "corpus"))
    report.handle(EntryReplayed("corpus/old.msgpack", "fail", found.entry, (found.finding,), None))
    report.handle(RouteFinished(ROUTE, 100, 50, 20, 3, 1.0))
    report.close()
    assert "KeyError" in path.read_text()
