"""`@check` makes a function of the transcript one of the checks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wsreplay.checks import Options, available, check, judge, unregister
from wsreplay.errors import ConfigError
from wsreplay.model import Client, Connect, Finding, Scenario, Transcript

SCENARIO = Scenario("/ws", (Client("/ws"),), (Connect(0),))
NOTHING = Transcript(())


@pytest.fixture(autouse=True)
def registry_left_as_it_was() -> Iterator[None]:
    before = {one.name for one in available()}
    yield
    for one in available():
        if one.name not in before:
            unregister(one.name)


def found(name: str) -> tuple[Finding, ...]:
    return judge(SCENARIO, NOTHING, Options(enabled=(name,)))


def test_a_function_of_the_transcript_is_a_check_by_its_name_and_stays_a_function():
    @check
    def too_quiet(transcript: Transcript) -> str | None:
        return None if transcript.events else "Nothing happened."

    (finding,) = found("too_quiet")
    assert (finding.severity, finding.detail, finding.route) == ("failure", "Nothing happened.", "/ws")
    assert too_quiet(NOTHING) == "Nothing happened."


def test_a_function_of_scenario_and_transcript_is_one_too():
    @check(name="lonely", severity="warning")
    def with_options(scenario: Scenario, transcript: Transcript) -> Iterator[str]:
        yield f"{len(scenario.clients)} client, {len(transcript.events)} events."

    (finding,) = found("lonely")
    assert (finding.severity, finding.detail) == ("warning", "1 client, 0 events.")


def test_an_assertion_tells_its_place():
    @check
    def asserting(transcript: Transcript) -> None:
        assert transcript.events, "nothing at all"

    (finding,) = found("asserting")
    assert finding.cause == "asserted"
    assert finding.detail.startswith("nothing at all")
    assert finding.location.function == "asserting"


def test_a_module_that_is_imported_again_replaces_its_checks():
    for text in ("first", "second"):

        @check
        def again(transcript: Transcript, text: str = text) -> str:
            return text

    assert [finding.detail for finding in found("again")] == ["second"]


@pytest.mark.parametrize("arguments", ["", "a, b, c", "*, transcript"])
def test_a_function_that_takes_something_else_is_refused(arguments):
    space: dict[str, object] = {}
    exec(f"def odd({arguments}): ...", space)
    with pytest.raises(ConfigError, match="'odd' is to be a plain function of the transcript"):
        check(space["odd"])


def test_a_coroutine_function_is_refused():
    with pytest.raises(ConfigError, match="plain function"):

        @check
        async def later(transcript: Transcript) -> None: ...


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(ConfigError, match="a check named 'hang' already"):

        @check(name="hang")
        def mine(transcript: Transcript) -> None: ...
