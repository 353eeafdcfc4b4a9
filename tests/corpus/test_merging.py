from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from wsreplay.corpus.merging import merge
from wsreplay.model import Entry, State

Make = Callable[..., Entry]

ACCEPTED = State("accepted", "known", None)
FIXED = State("fixed")


def test_an_entry_merged_with_itself_is_itself(entry: Make) -> None:
    one = entry(bugs=("KeyError",))
    assert merge(one, one) == one


def test_a_second_run_of_the_same_scenario_changes_nothing(entry: Make) -> None:
    old = entry(bugs=("KeyError",), seed=1)
    assert merge(old, entry(bugs=("KeyError",), seed=2)) == old


def test_findings_are_united_by_fingerprint(entry: Make) -> None:
    merged = merge(entry(bugs=("KeyError",)), entry(bugs=("ValueError", "KeyError")))
    assert [finding.exception for finding in merged.findings] == ["KeyError", "ValueError"]


def test_a_failure_takes_the_place_of_the_warning_of_the_same_fingerprint(entry: Make) -> None:
    warning, failure = entry(bugs=("KeyError",), severity="warning"), entry(bugs=("KeyError",), seed=2)
    for merged in (merge(warning, failure), merge(failure, warning)):
        assert merged.verdict == "fail"
        assert len(merged.findings) == 1
        assert merged.provenance.seed == 2


def test_a_warning_of_a_failing_record_becomes_a_failure_too(entry: Make) -> None:
    both = entry(bugs=("KeyError", "ValueError"))
    first, second = both.findings
    old = replace(both, findings=(first, replace(second, severity="warning")))
    assert merge(old, entry(bugs=("ValueError",))).findings == both.findings


def test_features_are_united_and_sorted(entry: Make) -> None:
    merged = merge(entry(features=("b", "d")), entry(features=("a", "b", "c")))
    assert merged.transcript.features == ("a", "b", "c", "d")


def test_a_failing_record_is_kept_whichever_comes_first(entry: Make) -> None:
    passing, failing = entry(seed=1), entry(bugs=("KeyError",), seed=2)
    assert merge(passing, failing) == merge(failing, passing) == failing


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        (State(), State(), State()),
        (State(), ACCEPTED, ACCEPTED),
        (State("open", "look again in May"), ACCEPTED, State("open", "look again in May")),
        (ACCEPTED, State(), ACCEPTED),
        (ACCEPTED, FIXED, ACCEPTED),
    ],
)
def test_a_state_that_people_have_set_survives(entry: Make, old: State, new: State, kept: State) -> None:
    for bugs in ((), ("KeyError",)):
        assert merge(replace(entry(), state=old), replace(entry(bugs=bugs), state=new)).state == kept


def test_which_of_two_that_one_run_has_found_is_saved_first_makes_no_difference(entry: Make) -> None:
    one, other = (
        replace(made, provenance=replace(made.provenance, sequences=sequences))
        for made, sequences in ((entry(bugs=("KeyError",)), 9), (entry(bugs=("ValueError", "KeyError")), 4))
    )
    merged = merge(one, other)
    assert merge(other, one) == merged
    assert merged.provenance.sequences == 4
    recorded = replace(other, provenance=replace(other.provenance, source="record"))
    assert merge(one, recorded).provenance == one.provenance
    unknown = replace(one, provenance=replace(one.provenance, seed=None))
    assert merge(unknown, replace(other, provenance=replace(other.provenance, seed=None))).provenance.sequences == 9
