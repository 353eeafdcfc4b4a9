"""What is told of a replayed entry, verdict by verdict."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import pytest

from wsreplay.events import EntryReplayed
from wsreplay.model import Entry, Frame, Send, State, Transcript
from wsreplay.report.replayed import chief, counts_text, described, now_passes, one_line


def golden(expected: str) -> str:
    return textwrap.dedent(expected).strip("\n")


def test_an_entry_that_still_fails_is_told_with_its_exchange(crashing, text):
    event = crashing.replayed("fail", Send(0, "json", "{}"))
    assert text(described(event, crashing.settings())).rstrip() == golden("""
        fail    corpus/ws/0123.msgpack  handler_crash on /ws: KeyError: 'item'
          KeyError left the handler of client A, and the server ends the connection.

            A connects to /ws, accepted
            A -> app  {}
            !! A's handler raises KeyError: 'item'

          shop.py:10 in orders
                9   async for order in websocket.iter_json():
               10 >     price = {"tea": 3}[order["item"]]

          Replay:  wsreplay replay corpus/ws/0123.msgpack --target shop:app
    """)


def test_a_flaky_entry_tells_where_two_runs_part(crashing, text):
    event = crashing.replayed("flaky", Send(0, "json", "{}"), difference='run 1: "a"; run 2: "b"')
    assert text(described(event, crashing.settings())).rstrip() == golden("""
        flaky   corpus/ws/0123.msgpack  run 1: "a"; run 2: "b"

            A connects to /ws, accepted
            A -> app  {}
            !! A's handler raises KeyError: 'item'

          shop.py:10 in orders
                9   async for order in websocket.iter_json():
               10 >     price = {"tea": 3}[order["item"]]

          The app does not do the same twice: give it a fresh state (--factory), or fix what it draws at random.
    """)


def test_a_changed_entry_tells_how_to_record_it_anew(crashing, text):
    event = crashing.replayed("changed", Send(0, "json", "{}"), difference="recorded: no finding; now: handler_crash")
    assert text(described(event, crashing.settings())).rstrip() == golden("""
        changed corpus/ws/0123.msgpack  recorded: no finding; now: handler_crash
          KeyError: 'item'
          KeyError left the handler of client A, and the server ends the connection.

            A connects to /ws, accepted
            A -> app  {}
            !! A's handler raises KeyError: 'item'

          shop.py:10 in orders
                9   async for order in websocket.iter_json():
               10 >     price = {"tea": 3}[order["item"]]

          If the change is meant, record it anew:  wsreplay replay corpus/ws/0123.msgpack --target shop:app --update
    """)


def test_a_stale_entry_tells_what_to_do(crashing, text):
    entry = crashing.entry(Send(0, "json", '{"item": "tea"}'))
    event = EntryReplayed("corpus/ws/0123.msgpack", "stale", entry, difference="the app has no route /ws")
    assert text(described(event, crashing.settings())).rstrip() == golden("""
        stale   corpus/ws/0123.msgpack  the app has no route /ws
          If the route is gone for good: wsreplay corpus prune.
    """)


def test_an_unreadable_entry_tells_what_is_wrong_with_it(shop, text):
    event = EntryReplayed("corpus/ws/\x1b]0;x\x07.msgpack", "error", difference="cut short:\nno byte\u202e")
    assert text(described(event, shop.settings())).rstrip() == golden(r"""
        error   corpus/ws/\x1b]0;x\x07.msgpack  cut short: no byte\u202e
          Restore the file from version control, or remove it; wsreplay corpus check looks at all of them.
    """)


def test_a_failure_that_is_gone_guards(crashing, text):
    event = crashing.replayed("pass", Send(0, "json", "{}"))
    assert now_passes(event)
    assert text(described(event, crashing.settings())).rstrip() == golden("""
        pass    corpus/ws/0123.msgpack  now passes: guards as a regression test
    """)


def test_an_entry_that_passes_as_before_is_one_line_and_says_when_it_was_recorded_anew(crashing):
    entry = crashing.entry(Send(0, "json", '{"item": "tea"}'))
    event = EntryReplayed("corpus/ws/0123.msgpack", "pass", entry)
    assert one_line(event).text == "pass    corpus/ws/0123.msgpack"
    assert one_line(replace(event, updated=True)).text == "pass    corpus/ws/0123.msgpack  (recorded anew)"
    assert not now_passes(replace(event, entry=None))


def test_what_is_recorded_anew_needs_no_advice(crashing, text):
    event = replace(crashing.replayed("changed", Send(0, "json", "{}"), difference="other"), updated=True)
    assert "--update" not in text(described(event, crashing.settings()))


@pytest.mark.parametrize(
    ("until", "told"), [(None, "Accepted: known"), ("2027-01-01", "Accepted until 2027-01-01: known")]
)
def test_an_accepted_entry_says_why_and_until_when(crashing, text, until, told):
    event = crashing.replayed("fail", Send(0, "json", "{}"))
    assert event.entry is not None
    accepted = replace(event, entry=replace(event.entry, state=State("accepted", "known", until)))
    assert told in text(described(accepted, crashing.settings()))


def test_the_recorded_finding_is_shown_though_another_comes_before_it(crashing):
    event = crashing.replayed("fail", Send(0, "json", "{}"))
    (recorded,) = event.findings
    warning = replace(recorded, severity="warning", check="slow_reply")
    other = replace(recorded, check="hang")
    assert chief(replace(event, findings=(warning, other, recorded))) is recorded
    assert chief(replace(event, findings=(warning, other), entry=None)) is other
    assert chief(replace(event, findings=())) is None


def test_a_violation_in_a_replay_is_told_by_its_sentence(crashing, text):
    event = crashing.replayed("changed", Send(0, "json", "{}"))
    finding = replace(event.findings[0], exception=None, detail="It hit client 0.", location=Frame("gone.py", 3, "f"))
    told = text(described(replace(event, findings=(finding,)), crashing.settings()))
    assert "\n  It hit client A.\n\n" in told
    assert "  gone.py:3 in f\n" in told


def test_a_replay_without_events_has_no_exchange(crashing, text):
    entry = Entry(crashing.entry().scenario, Transcript(()))
    event = EntryReplayed("corpus/ws/0123.msgpack", "changed", entry, (), Transcript(()), "nothing happened")
    assert "connects" not in text(described(event, crashing.settings()))
    without = replace(crashing.replayed("changed"), findings=())
    assert "shop.py" not in text(described(without, crashing.settings()))


def test_counts_name_what_there_is():
    assert counts_text({"pass": 2, "fail": 1, "changed": 0}) == "2 pass, 1 fail"
    assert counts_text({}) == "no entry"
