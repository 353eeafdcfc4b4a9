"""Texts that regular expressions match, and long ones that they nearly match."""

from __future__ import annotations

import random
import re

import pytest

from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.patterns import Pattern


def texts(source: str, count: int = 200) -> list[str]:
    numbers = random.Random(5)
    return [Pattern(source).text(Dice(numbers.randbytes(BLOCK_SIZE))) for _ in range(count)]


@pytest.mark.parametrize(
    "source",
    [
        r"BOOK (\d{4})-(\d{2})-(\d{2})",
        r"^[a-z]+@[a-z0-9.]+$",
        r"[^a-y]",
        r"(?:join|leave):\w+\s*",
        r"(?P<tag>[ab]).?(?P=tag)",
        r"a*?b",
        r"(?>x+)y++",
        r"[^a][^b]\D\S\W",
        r"[\d_]x[^a-z0-9_ Z.é-]",
    ],
)
def test_most_texts_match(source) -> None:
    found = texts(source)
    assert sum(re.fullmatch(source, text) is not None for text in found) > len(found) * 0.7
    assert len(set(found)) > 1


def test_some_texts_are_long_and_match_up_to_the_last_character() -> None:
    found = [text for text in texts(r"(a+)+b") if len(text) > 20]
    assert any(re.fullmatch(r"a+b", text[:-1]) for text in found)


@pytest.mark.parametrize(
    ("source", "run"),
    [
        (r"^(?:[a-z0-9]+[, ]?)*$", "a" * 28),
        (r"^x-([a-z]+[.-]?)+\.io$", "x-" + "a" * 28),
        (r"^(?:(?:\d-)*?,?)+?$", "0-" * 28),
        (r"^(\w|\d\d)+$", "00" * 28),
        (r"^((?:a+b){20})+$", "a" * 28),
        (r"^[a-z](([-.]|_+)?([a-z0-9]+))*@", "a" * 29),
    ],
)
def test_some_are_a_run_of_what_can_be_read_in_many_ways_and_then_of_what_cannot(source, run) -> None:
    found = texts(source, 400)
    assert any(text.startswith(run) and text.endswith(("!", "\x00")) for text in found)


@pytest.mark.parametrize("source", [r"(?>(?:a+)+)b", r"^[\w.]+@[\w.]+$", r"^(?:a+){1,3}$", r"^(?:a?b)*$"])
def test_what_can_be_read_in_one_way_only_has_no_run(source) -> None:
    assert not any(text.endswith(("  !", ",,!", "\x00")) for text in texts(source))


def test_a_text_has_an_end() -> None:
    assert max(map(len, texts(r"((((a{50}){50}){50}){50})", 3))) <= 401


@pytest.mark.parametrize(
    "source", ["[a-z]+", r"\w+@\w+\.com", "[a-z]{1,20}(-[a-z]{2}){0,20}-?", "[a-z][a-z0-9_]{2,39}", "(?:x?)*"]
)
def test_a_text_is_as_long_as_wanted_where_the_pattern_allows_it(source) -> None:
    for number in range(20):
        text = Pattern(source).long(Dice.thrown(2, number), 40)
        assert re.fullmatch(source, text)
        assert 40 <= len(text) <= 42


def test_a_text_is_no_longer_than_its_pattern_allows() -> None:
    assert len(Pattern("[a-z]{2,8}").long(Dice.thrown(2, 1), 40)) == 8
    assert len(Pattern("[a-z]{5,}").long(Dice.thrown(2, 1), 3)) == 5


@pytest.mark.parametrize("source", ["(", "", "*"])
def test_what_is_no_pattern_is_false(source) -> None:
    assert not Pattern(source)
    assert texts(source, 3)[0] == ""
