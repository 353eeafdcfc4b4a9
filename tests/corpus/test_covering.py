from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from wsreplay.corpus import Sketch, cover, keep
from wsreplay.model import Entry, State

Make = Callable[..., Entry]

FEATURES = st.frozensets(st.sampled_from("abcdefgh"), max_size=5)
quickly = settings(max_examples=200, deadline=None, database=None)


@given(st.lists(FEATURES, max_size=8), FEATURES)
@quickly
def test_every_feature_that_is_new_is_shown_by_the_chosen(
    candidates: list[frozenset[str]], on_record: set[str]
) -> None:
    chosen = cover(candidates, on_record)
    shown = set().union(*(candidates[number] for number in chosen))
    assert shown | on_record == set().union(*candidates) | on_record


@given(st.lists(FEATURES, max_size=8), FEATURES)
@quickly
def test_none_of_the_chosen_is_superfluous(candidates: list[frozenset[str]], on_record: set[str]) -> None:
    chosen = cover(candidates, on_record)
    assert chosen == sorted(set(chosen))
    for left_out in chosen:
        others = set().union(*(candidates[number] for number in chosen if number != left_out))
        assert candidates[left_out] - others - on_record


@given(st.lists(FEATURES, max_size=8), FEATURES)
@quickly
def test_what_has_been_chosen_needs_nothing_more(candidates: list[frozenset[str]], on_record: set[str]) -> None:
    shown = set().union(*(candidates[number] for number in cover(candidates, on_record)))
    assert cover(candidates, shown | on_record) == []


def test_the_one_with_most_new_features_comes_first() -> None:
    assert cover([{"a"}, {"a", "b", "c"}, {"c", "d"}, {"b"}]) == [1, 2]


def test_among_equals_the_earlier_one_is_chosen() -> None:
    assert cover([{"b", "a"}, {"a", "b"}, {"c"}]) == [0, 2]


def test_one_that_later_choices_make_superfluous_is_dropped() -> None:
    # The greedy choice begins with the largest, which the two that complete it then cover.
    assert cover([set("abcd"), set("abx"), set("cdy")]) == [1, 2]


def sketched(entries: list[Entry]) -> list[Sketch]:
    return [Sketch.of(Path(str(number)), entry) for number, entry in enumerate(entries)]


def test_every_entry_with_a_finding_or_a_decision_is_kept(entry: Make) -> None:
    entries = [
        entry("one", bugs=("KeyError",), features=("a",)),
        replace(entry("two", features=("a",)), state=State("accepted", "so be it")),
        entry("three", features=("a",)),
    ]
    assert keep(sketched(entries)) == [0, 1]


def test_each_route_is_covered_by_its_own_entries(entry: Make) -> None:
    entries = [
        entry("one", "/a", features=("a", "b")),
        entry("two", "/a", features=("a",)),
        entry("three", "/b", features=("a",)),
        entry("four", "/b", features=("b",), bugs=("KeyError",)),
    ]
    assert keep(sketched(entries)) == [0, 2, 3]


def test_what_is_kept_of_nothing_is_nothing() -> None:
    assert cover([]) == keep([]) == []
