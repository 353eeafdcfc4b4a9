"""Judgements on transcripts written by hand: what is hard to bring about with a real app, and easy to get wrong."""

from __future__ import annotations

from typing import Any

from wsreplay.checks import Options, judge
from wsreplay.model import (
    NOBODY,
    Accepted,
    Blocked,
    Client,
    Close,
    Closed,
    Connect,
    Crashed,
    Dropped,
    Ended,
    Event,
    Finding,
    Frame,
    Hung,
    Message,
    Opened,
    Raised,
    Scenario,
    Send,
    Slow,
    Transcript,
    Violation,
)

SCENARIO = Scenario("/desk", (Client("/desk"),), (Connect(0), Send(0, "text", "x"), Close(0)))
APP = Frame("app.py", 3, "desk", "x = 1")
LIBRARY = Frame("framework/app.py", 9, "App.receive", "", False)
OPEN: tuple[Event, ...] = (Opened(0, 0, 0), Accepted(0, 0, 0))


def found(*events: Event, options: Options = Options()) -> tuple[Finding, ...]:  # noqa: B008
    return judge(SCENARIO, Transcript((*OPEN, *events)), options)


def crashed(source: Any, raised: Raised, name: str = "", step: int = 1, client: int = 0) -> Crashed:
    return Crashed(0, step, client, source, raised, name)


def test_an_empty_transcript_has_no_findings() -> None:
    assert judge(SCENARIO, Transcript(())) == ()


def test_an_exception_that_only_a_log_shows_is_found() -> None:
    (finding,) = found(crashed("log", Raised("KeyError", "'x'", frames=(APP,)), "engineio"))
    assert (finding.check, finding.severity, finding.close_code) == ("server_error_close", "failure", None)
    assert "engineio" in finding.detail


def test_a_framework_that_names_no_name_is_called_the_framework() -> None:
    (finding,) = found(crashed("framework", Raised("KeyError", "'x'", frames=(APP,))))
    assert "the framework hid it" in finding.detail


def test_falcons_log_line_and_its_close_are_one_finding() -> None:
    failure = Raised("KeyError", "'x'", frames=(APP,))
    (finding,) = found(crashed("log", failure, "falcon"), Closed(0, 1, 0, "app", 1011), Ended(0, 1, 0, "closed", 1011))
    assert (finding.exception, finding.close_code) == ("KeyError", 1011)


def test_input_that_a_framework_refuses_before_accept_is_normal() -> None:
    refused = Raised("ValidationException", "room", nature="unsupported", frames=(LIBRARY,))
    events = (Opened(0, 0, 0), crashed("framework", refused, "litestar"), Closed(0, 0, 0, "app", 4500))
    assert judge(SCENARIO, Transcript((*events, Ended(0, 0, 0, "rejected")))) == ()


def test_a_close_with_1011_over_what_the_framework_could_not_decode_is_a_warning() -> None:
    behind = Raised("JSONDecodeError", "line 1", nature="unsupported", frames=(LIBRARY,))
    (finding,) = found(Closed(0, 1, 0, "app", 1011, "", behind), Ended(0, 1, 0, "closed", 1011))
    assert (finding.check, finding.severity, finding.cause) == ("server_error_close", "warning", "closed")


def test_the_unretrieved_exception_of_an_interrupted_or_cancelled_task_is_normal() -> None:
    for nature in ("interrupted", "cancelled"):
        assert found(crashed("task", Raised("E", "", nature=nature))) == ()  # type: ignore[arg-type]


def test_bytes_can_always_be_sent_so_what_follows_them_counts() -> None:
    breach = Violation(0, 1, 0, "payload-encoding", "text cannot be encoded", (APP,))
    assert [one.check for one in found(Message(0, 1, 0, "client", "bytes", b"\xed\xa0\x80"), breach)] == [
        "invalid_payload"
    ]


def test_a_breach_that_kills_a_task_is_one_finding() -> None:
    breach = Violation(0, 1, 0, "after-close", "the app sent too late", (APP,))
    follows = Raised("RuntimeError", "Unexpected ASGI message: the app sent too late.", frames=(APP,))
    assert [one.check for one in found(breach, crashed("task", follows, "push"))] == ["protocol_violation"]
    assert [one.check for one in found(breach, crashed("log", follows, "falcon"))] == ["protocol_violation"]


def test_a_task_that_sends_once_more_to_a_client_that_left_is_a_warning() -> None:
    late = Raised("WebSocketDisconnected", 'Cannot call "send" once a close message has been sent.', frames=(APP,))
    left = Dropped(0, 2, 0)
    assert [one.severity for one in found(left, crashed("task", late, "push", step=2))] == ["warning"]
    assert [one.severity for one in found(left, crashed("task", late, "push", step=1))] == ["failure"]


def test_a_library_that_fails_without_taking_input_apart_may_be_the_apps_fault() -> None:
    wrong_call = Raised("TypeError", "handler() takes 0 arguments", frames=(LIBRARY,))
    nothing_known = Raised("TypeError", "?")
    for raised in (wrong_call, nothing_known):
        (finding,) = found(Ended(0, 1, 0, "raised", None, raised))
        assert (finding.check, finding.severity, finding.location) == ("handler_crash", "failure", None)


def test_only_channels_may_say_that_there_is_no_route() -> None:
    channels = Frame("channels/routing.py", 134, "URLRouter.__call__", "", False)
    no_route = Raised("ValueError", "No route found for path 'x'.", frames=(channels,))
    assert found(Ended(0, 0, 0, "raised", None, no_route)) == ()
    own = Raised("ValueError", "No route found for path 'x'.", frames=(APP,))
    assert len(found(Ended(0, 0, 0, "raised", None, own))) == 1


def test_a_recursion_in_which_no_function_is_seen_twice_is_where_it_ended() -> None:
    deep = Raised("RecursionError", "maximum", frames=(Frame("a.py", 1, "one"), LIBRARY, Frame("a.py", 2, "two")))
    (finding,) = found(Ended(0, 1, 0, "raised", None, deep))
    assert finding.location == Frame("a.py", 2, "two")


def test_a_silence_of_another_client_is_not_ones_own() -> None:
    other = Hung(10, 1, 1, "message", False, (APP,))
    assert found(other, Hung(40, 3, 0, "disconnect", False, (APP,))) == ()


def test_a_silence_that_lasted_is_told_where_it_began() -> None:
    (finding,) = found(
        Hung(10, 1, 0, "message", False, (APP,)),
        Closed(10, 2, 0, "client", 1000),
        Hung(40, 3, 0, "disconnect", False, (LIBRARY,)),
        Hung(40, 3, 1, "message", False, (LIBRARY,)),
        Ended(40, 3, 0, "unfinished"),
    )
    assert (finding.check, finding.step, finding.location) == ("hang", 1, APP)


def test_a_block_in_nobodys_session_is_found() -> None:
    (finding,) = found(Blocked(0, 1, NOBODY, 0.5, (APP,)))
    assert (finding.check, finding.client, finding.location) == ("blocked_loop", NOBODY, APP)


def test_a_slow_message_is_a_warning() -> None:
    (finding,) = found(Slow(0, 1, 0, 2.0))
    assert (finding.check, finding.severity) == ("slow_reply", "warning")
    assert "2 s" in finding.detail


def test_bytes_that_are_no_text_are_searched_for_a_traceback_all_the_same() -> None:
    told = b'\xff Traceback (most recent call last):\n  File "x.py", line 1'
    assert [one.check for one in found(Message(0, 1, 0, "app", "bytes", told))] == ["traceback_leak"]
    assert found(Message(0, 1, 0, "app", "bytes", b"\xff")) == ()
