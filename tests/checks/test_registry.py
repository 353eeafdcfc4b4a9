"""Which checks run, and the users' own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from wsreplay import checks
from wsreplay.checks import Options, judge
from wsreplay.errors import ConfigError
from wsreplay.model import (
    Accepted,
    Client,
    Connect,
    Ended,
    Finding,
    Frame,
    Leaked,
    Message,
    Opened,
    Raised,
    Scenario,
    Send,
    Slow,
    Transcript,
)

SCENARIO = Scenario("/desk", (Client("/desk"),), (Connect(0), Send(0, "text", "x")))
CRASH = Raised("KeyError", "'x'", frames=(Frame("app.py", 3, "desk"),))
CRASHED = Transcript(
    (
        Opened(0, 0, 0),
        Accepted(0, 0, 0),
        Message(0, 1, 0, "client", "text", "x"),
        Leaked(0, 0, 0, ("beat",)),
        Slow(0, 0, 0, 0.5),
        Ended(0, 1, 0, "raised", None, CRASH),
    )
)


@pytest.fixture
def register() -> Iterator[Callable[..., None]]:
    names: list[str] = []

    def add(name: str, function: Any, *rest: Any) -> None:
        checks.register(name, function, *rest)
        names.append(name)

    yield add
    for name in set(names):
        checks.unregister(name)


def found(options: Options = Options(), transcript: Transcript = CRASHED) -> list[str]:  # noqa: B008
    return [finding.check for finding in judge(SCENARIO, transcript, options)]


def test_failures_come_first_and_warnings_after_them() -> None:
    assert found() == ["handler_crash", "leaked_task", "slow_reply"]


def test_a_warning_can_be_dropped() -> None:
    assert found(Options(warnings=False)) == ["handler_crash"]


def test_checks_are_chosen_by_name_and_glob() -> None:
    assert found(Options(enabled=("leaked_*",))) == ["leaked_task"]
    assert found(Options(disabled=("*_crash",))) == ["leaked_task", "slow_reply"]
    assert found(Options(enabled=("*",), disabled=("slow_reply", "leaked_task"))) == ["handler_crash"]


def test_default_among_the_names_adds_to_what_runs_anyway() -> None:
    chosen = [check.name for check in checks.select(Options(enabled=("default", "ignored_auth")))]
    assert "handler_crash" in chosen
    assert "ignored_auth" in chosen
    assert "missing_origin_check" not in chosen


@pytest.mark.parametrize("options", [Options(enabled=("handler_crush",)), Options(disabled=("handler_crush",))])
def test_an_unknown_name_is_an_error_that_says_what_was_meant(options: Options) -> None:
    with pytest.raises(ConfigError, match="'handler_crush'") as caught:
        judge(SCENARIO, CRASHED, options)
    assert "Did you mean 'handler_crash'?" in caught.value.hint


def test_a_name_that_resembles_nothing_is_an_error_that_lists_the_names() -> None:
    with pytest.raises(ConfigError) as caught:
        checks.select(Options(enabled=("zzz*",)))
    assert caught.value.hint.startswith("There are: handler_crash, ")


def test_the_close_code_follows_from_the_server_profile() -> None:
    (finding,) = judge(SCENARIO, CRASHED, Options(enabled=("handler_crash",), crash_code=1006))
    assert finding.close_code == 1006


def test_one_bug_is_reported_once_even_if_seen_twice() -> None:
    twice = Transcript((*CRASHED.events, Ended(0, 1, 1, "raised", None, CRASH)))
    assert found(transcript=twice).count("handler_crash") == 1


# --- the users' own --------------------------------------------------------------------------------------------------


def test_a_users_check_may_return_text_findings_or_nothing(register: Any) -> None:
    def several(scenario: Scenario, transcript: Transcript) -> Any:
        yield "no price in the reply"
        yield None
        yield Finding("whatever", "warning", "", "too long", "the reply is too long", step=1)

    register("reply_shape", several)
    register("quiet", lambda scenario, transcript: None)
    register("one_word", lambda scenario, transcript: "a sentence", "warning")
    by_check = {
        (one.check, one.severity): (one.route, one.cause, one.detail)
        for one in judge(SCENARIO, Transcript(()), Options())
    }
    assert by_check == {
        ("reply_shape", "failure"): ("/desk", "reported", "no price in the reply"),
        ("reply_shape", "warning"): ("/desk", "too long", "the reply is too long"),
        ("one_word", "warning"): ("/desk", "reported", "a sentence"),
    }


def test_a_users_check_may_assert(register: Any) -> None:
    def says_why(scenario: Scenario, transcript: Transcript) -> None:
        raise AssertionError("three replies at most")

    def silent(scenario: Scenario, transcript: Transcript) -> None:
        raise AssertionError

    register("says_why", says_why)
    register("silent", silent)
    one, two = judge(SCENARIO, Transcript(()), Options(enabled=("says_why", "silent")))
    assert (one.cause, one.exception, one.detail) == ("asserted", "AssertionError", "three replies at most")
    assert one.location is not None
    assert (one.location.file, one.location.function) == ("test_registry.py", "says_why")
    assert two.detail == "The check's assertion failed: raise AssertionError"


def test_a_users_check_that_holds_finds_nothing(register: Any) -> None:
    register("holds", lambda scenario, transcript: [])
    assert "holds" not in found()
    assert "holds" in [check.name for check in checks.available()]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda scenario, transcript: [5], "gave a int"),
        (lambda scenario, transcript: 5, "raised TypeError"),
        (lambda scenario, transcript: {}["x"], "raised KeyError"),
    ],
)
def test_a_users_check_that_misbehaves_is_an_error_of_its_own(register: Any, function: Any, said: str) -> None:
    register("broken", function)
    with pytest.raises(ConfigError, match="the check 'broken'") as caught:
        found()
    assert said in caught.value.message


@pytest.mark.parametrize("name", ["handler_crash", "two words", "default", ""])
def test_a_name_that_cannot_be_used_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="name"):
        checks.register(name, lambda scenario, transcript: None)


def test_an_unknown_severity_is_refused() -> None:
    with pytest.raises(ConfigError, match="'failure' or 'warning'"):
        checks.register("mine", lambda scenario, transcript: None, "fatal")  # type: ignore[arg-type]


def test_a_module_that_is_imported_again_replaces_its_checks_but_nobody_elses(register: Any) -> None:
    def make(answer: str) -> Any:
        def mine(scenario: Scenario, transcript: Transcript) -> str:
            return answer

        return mine

    register("mine", make("old"))
    register("mine", make("new"))
    assert [one.detail for one in judge(SCENARIO, Transcript(()), Options(enabled=("mine",)))] == ["new"]
    with pytest.raises(ConfigError, match="already"):
        checks.register("mine", print)  # type: ignore[arg-type]


def test_taking_out_a_check_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ConfigError, match="'nobody'"):
        checks.unregister("nobody")
