"""A run as it is told on a terminal, and without one."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from wsreplay.events import (
    EntryReplayed,
    EntrySaved,
    Notice,
    Progress,
    ReplayFinished,
    RouteFinished,
    RouteStarted,
    RunFinished,
    RunStarted,
    SequenceTried,
)  # fmt: skip
from wsreplay.model import Client, Connect, Route, Scenario, Send
from wsreplay.report import console, plain, tracking
from wsreplay.report.annotations import Annotations
from wsreplay.report.console import Terminal, for_streams, paint
from wsreplay.report.plain import Plain
from wsreplay.report.text import Line

ROUTE = Route("/ws", "starlette")
START = RunStarted("fuzz", "shop:app", 7, (ROUTE,), "corpus", entries=1)


def progress(doing="fuzzing", elapsed=2.0):
    return Progress("/ws", 100, 412, 100, 31, 4, 1, 0, elapsed, doing)


class Tty(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def tell(crashing):
    def run(*events, tty=False, environ=None, clock=None, **changes):
        out, err = (Tty(), Tty()) if tty else (io.StringIO(), io.StringIO())
        settings = crashing.settings(**changes)
        reporter = Plain(settings, out, err, clock) if clock else for_streams(settings, out, err, environ or {})
        for event in events:
            reporter.handle(event)
        reporter.close()
        return out.getvalue(), err.getvalue()

    return run


def test_without_a_terminal_lines_are_plain_and_the_summary_ends_the_run(crashing, tell):
    found = crashing.found(Send(0, "json", "{}"))
    warning = replace(found.finding, severity="warning", check="slow_reply")
    out, err = tell(
        START, RouteStarted(ROUTE), found, found, replace(found, finding=warning),
        EntrySaved("/ws", "corpus/1.msgpack"), EntrySaved("/ws", None, "disk full"),
        Notice("odd", "look"), RouteFinished(ROUTE, 1000, 6212, 1000, 3, 7.0, reached=1, branches=1),
        RunFinished(7.0, 1, problems=("a worker died",)),
    )  # fmt: skip
    assert "\x1b" not in out + err
    assert out.count("FAILURE handler_crash") == 1
    assert out.endswith(
        "warning slow_reply\n"
        "  /ws: KeyError: 'item'  at shop.py:10 in orders  corpus/ws/0123.msgpack\n\n"
        "wsreplay: WebSocket Test Summary\n"
        "=====================================\n"
        "Route: /ws\n"
        "  Sequences tested: 1,000\n"
        "  Messages sent: 6,212\n"
        "  Connections established: 1,000\n"
        "  Failures: 1\n"
        "  Warnings: 1\n"
        "  Reached: 1 of 1 branch\n"
        "=====================================\n"
        "1 failure, 1 warning; 1,000 sequences; seed 7; 7.0 s; corpus corpus (2 entries saved)\n"
    )
    assert err.splitlines() == [
        "wsreplay fuzz shop:app: 1 route, 1 entry to replay, seed 7",
        "not saved: disk full",
        "note: odd. look",
        "/ws: done: 1,000 sequences, 6,212 messages, 143/s, 1 of 1 branch, 3 new, 1 failure, 7.0 s",
        "error: a worker died",
    ]


def test_progress_is_told_now_and_then(tell):
    times = iter((0.0, 1.0, 6.0, 7.0))
    _, err = tell(progress(), progress("shrinking\x1b", 0.0), progress(), clock=lambda: next(times))
    assert err == ("/ws: 100 sequences, 412 messages, 0/s, 31 features, 4 new, 1 failure, 0.0 s (shrinking\\x1b)\n")
    times = iter((0.0, 9.0))
    _, err = tell(replace(progress(), reached=3, branches=4), clock=lambda: next(times))
    assert "50/s, 3 of 4 branches, 4 new" in err


def test_a_quiet_run_is_a_line_a_finding_and_the_last(crashing, tell):
    found = crashing.found(Send(0, "json", "{}"))
    still = crashing.replayed("fail", Send(0, "json", "{}"))
    found = replace(found, finding=replace(found.finding, check="hang"))
    end = (ReplayFinished({"fail": 1}), RunFinished(7.0, 130, interrupted=True))
    out, err = tell(START, progress(), still, found, *end, quiet=True)
    assert [line.split("  ")[0] for line in out.splitlines()][1:] == [
        "failure: hang on /ws: KeyError: 'item' at shop.py:10 in orders",
        "interrupted; 2 failures; in the replay 1 fail; 100 sequences; seed 7; 7.0 s; corpus corpus (1 entry saved)",
    ]
    assert err == ""


def test_a_verbose_run_tells_warnings_passes_and_what_is_kept(crashing, tell):
    found = crashing.found(Send(0, "json", "{}"))
    warning = replace(found, finding=replace(found.finding, severity="warning"))
    passed = EntryReplayed("corpus/9.msgpack", "pass")
    end = (ReplayFinished({"pass": 1}), RunFinished(1.0, 0, timed_out=True))
    out, err = tell(START, passed, warning, EntrySaved("/ws", "corpus/\x1b.msgpack"), *end, verbose=1)
    assert out.startswith("pass    corpus/9.msgpack\n")
    assert "\nReplayed 1 entry: 1 pass.\n" in out
    assert "WARNING handler_crash" in out
    assert "kept corpus/\\x1b.msgpack" in err
    assert "\nthe time was up; 0 failures, 1 warning;" in out
    assert "pass" not in tell(START, passed)[0]


def test_each_sequence_is_told_where_that_was_asked_for_twice(tell):
    tried = SequenceTried("/ws", 12, Scenario("/ws", (Client("/ws"),), (Connect(0), Send(0, "text", "\x1bhello"))))
    assert tell(START, tried, verbose=1)[1].count("hello") == 0
    out, err = tell(START, tried, verbose=2)
    assert '/ws 12. A connects to /ws; A -> app  "\\x1bhello"' in err
    assert "hello" not in out
    assert "hello" not in tell(START, tried, verbose=2, quiet=True)[1]


def test_a_replay_ends_with_its_counts(tell):
    start = replace(START, command="replay", seed=None)
    out, _ = tell(start, ReplayFinished({"pass": 2}), RunFinished(1.0, 0))
    assert out == "Replayed 2 entries: 2 pass.\n\n2 entries replayed: 2 pass; 1.0 s; corpus corpus\n"


def test_a_run_that_was_interrupted_before_it_began_says_so(tell):
    out, _ = tell(RunFinished(1.0, 130, interrupted=True))
    assert out == "interrupted while the target was being loaded; nothing was tested\n"


TERM = {"TERM": "xterm-256color"}


def test_a_terminal_has_colours_living_lines_and_unbroken_commands(crashing, tell):
    found = crashing.found(Send(0, "json", "{}"), path="corpus/" + "long/" * 30 + "1.msgpack")
    stop = RouteFinished(ROUTE, 100, 412, 100, 4, 2.0, "time")
    out, err = tell(START, progress(), progress("shrinking"), found, progress(elapsed=0), stop, RunFinished(2.0, 1),
                    tty=True, environ={**TERM, "COLUMNS": "200"})  # fmt: skip
    assert "\x1b[" in out
    assert "100 sequences" in err
    assert "(the time was up)" in err
    _, err = tell(START, progress(), replace(progress(), reached=3, branches=4), tty=True, environ=TERM)
    assert "100 seq" in err
    assert "412 msg" in err
    assert "31 ft, 4 new" in err
    assert "3/4 br, 4 new" in err
    narrow, _ = tell(START, found, tty=True, environ={**TERM, "COLUMNS": "40"})
    assert f"wsreplay replay {found.path} --target shop:app" in narrow


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"TERM": "dumb", "CI": "true"}])
def test_a_dumb_terminal_gets_plain_lines(tell, environ):
    out, err = tell(START, progress(), RunFinished(1.0, 0), tty=True, environ=environ)
    assert "\x1b" not in out + err


def test_ci_and_quiet_have_no_living_lines_and_no_color_no_colour(tell):
    _, err = tell(START, progress(), tty=True, environ={**TERM, "CI": "true"})
    assert "\x1b[1A" not in err
    assert "100 sequences" not in tell(progress(), tty=True, environ=TERM, quiet=True)[1]
    out, _ = tell(START, RunFinished(1.0, 1), tty=True, environ={**TERM, "NO_COLOR": "1"})
    assert "\x1b[31m" not in out
    assert "\x1b[1;31m" not in out


def test_a_pipe_has_colours_when_they_are_forced(crashing):
    reporter = for_streams(crashing.settings(), io.StringIO(), io.StringIO(), {**TERM, "FORCE_COLOR": "1"})
    assert isinstance(reporter, Terminal)
    out = io.StringIO()
    paint([Line("one", "failure"), Line("two")], out, {**TERM, "FORCE_COLOR": "1"})
    assert out.getvalue() == "\x1b[1;31mone\x1b[0m\ntwo\n"


def test_annotations_name_file_and_line_and_escape_what_would_be_a_command(crashing):
    found = crashing.found(Send(0, "json", "{}"))
    finding = replace(found.finding, message="50%\r\n::add-mask::x", check="a:b,c", location=None)
    out = io.StringIO()
    reporter = Annotations(crashing.directory, out)
    for event in (START, found, replace(found, finding=finding, path=None), RunFinished(1.0, 1)):
        reporter.handle(event)
    reporter.close()
    where = "title=wsreplay%3A handler_crash,file=shop.py,line=10"
    assert out.getvalue().splitlines() == [
        f"::error {where}::handler_crash on /ws: KeyError: 'item' (corpus/ws/0123.msgpack)",
        "::error title=wsreplay%3A a%3Ab%2Cc::a:b,c on /ws: KeyError: 50%25\\r\\n::add-mask::x",
    ]


REPLAY = (RunStarted("replay", "shop:app", None, (ROUTE,), "corpus", entries=3),)
PASSED, FAILED = EntryReplayed("corpus/1.msgpack", "pass"), EntryReplayed("corpus/2.msgpack", "stale")


def test_a_long_replay_tells_how_far_it_is(tell, monkeypatch):
    times = iter((0.0, 1.0, 6.0))
    _, err = tell(*REPLAY, PASSED, FAILED, clock=lambda: next(times))
    assert err.splitlines()[1:] == ["replaying: 2 of 3 entries, 1 not as recorded"]
    monkeypatch.setattr(console, "BETWEEN", 0.0)
    _, err = tell(*REPLAY, PASSED, tty=True, environ=TERM)
    assert "replaying: 1 of 3 entries, 0 not as recorded" in err
    monkeypatch.setattr(console, "BETWEEN", 1000.0)
    assert "replaying" not in tell(*REPLAY, PASSED, tty=True, environ=TERM)[1]
    # Colours for what is read later, without living lines.
    monkeypatch.setattr(plain, "PAUSE", 0.0)
    assert "replaying: 1 of 3" in tell(*REPLAY, PASSED, environ={"FORCE_COLOR": "1"})[1]
    assert "replaying" not in tell(*REPLAY, PASSED, quiet=True)[1]


def test_without_a_word_of_what_there_is_a_count_is_told_alone(tell, monkeypatch):
    monkeypatch.setattr(plain, "PAUSE", 0.0)
    assert "replaying: 1 of 0 entries" in tell(PASSED)[1]


def test_many_things_have_a_bar_on_a_terminal_and_are_all_given(monkeypatch):
    monkeypatch.setattr(tracking, "MANY", 3)
    err = Tty()
    assert list(tracking.tracked([1, 2, 3], "reading", err, TERM)) == [1, 2, 3]
    assert "reading" in err.getvalue()
    for few, environ, stream in (
        ([1, 2], TERM, Tty()),
        ([1, 2, 3], {"TERM": "dumb"}, Tty()),
        ([1, 2, 3], TERM, io.StringIO()),
    ):
        assert list(tracking.tracked(few, "reading", stream, environ)) == few
        assert stream.getvalue() == ""
