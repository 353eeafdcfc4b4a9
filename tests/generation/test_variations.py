"""What is made of a sample has its form."""

from __future__ import annotations

import pytest

from wsreplay.generation import Knowledge
from wsreplay.generation.dice import Dice
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Shape
from wsreplay.generation.variations import formed, varied


def variations(sample: str, number: int = 3000) -> set[str]:
    return {varied(Dice.thrown(1, turn), sample) for turn in range(number)}


def test_numbers_change_become_equal_change_places_are_left_out_and_doubled() -> None:
    made = variations("-180,-85,180,85")
    assert {"-180,-85,180,85", "-180,-85,-180,85", "180,-85,180,85", "-85,-85,-85,-85", "180,-85,-180,85"} <= made
    assert {"-85,180,85", "-180,-85,180", "-180,-180,-85,180,85", "-180,-85,180,85,85"} <= made
    assert {"0,-85,180,85", "-180,85,180,85", "-180,-85,180,nan", "-180,-85,1800,85", "-180,-85,180.5,85"} <= made


def test_separators_and_units_stay() -> None:
    made = variations("10.5s..2m")
    assert {"2s..2m", "11.5s..2m", "9.5s..2m", "-10.5s..2m", "2s..10.5m", "0s..2m"} <= made
    assert {"id,id", "name,id", "name", "id,name,name"} <= variations("id,name")


def test_a_sample_without_pieces_stays_as_it_is() -> None:
    assert variations("*", 100) == {"*"}


@pytest.mark.parametrize(
    ("sample", "has"), [("en", False), ("*", False), ("5", True), ("-1.5", True), ("a;b", True), ("v2", False)]
)
def test_a_form_is_more_than_one_piece_or_a_number(sample: str, has: bool) -> None:
    assert formed(sample) is has


def answers(shape: Shape) -> list[str]:
    return [Speaker(Knowledge(), Dice.thrown(2, turn)).answer("x", shape) for turn in range(400)]


def test_a_value_is_often_like_its_sample() -> None:
    said = answers(Shape(samples=("1-5",)))
    assert said.count("1-1") + said.count("5-5") > 5
    assert said.count("1-5") > 5
    assert 10 < answers(Shape(samples=("anon",))).count("anon") < 150


def test_what_a_value_is_compared_with_comes_before_a_sample_without_form() -> None:
    assert "anon" not in answers(Shape(samples=("anon",), constants=("root", "guest")))
