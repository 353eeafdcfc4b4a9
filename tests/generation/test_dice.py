"""Decisions stay in their range, use all of it, and are the simplest for a block of zeros."""

from __future__ import annotations

import random

import pytest

from wsreplay.generation.dice import BLOCK_SIZE, Dice


@pytest.mark.parametrize("limit", [1, 2, 3, 32, 33, 300, 4096, 4097, 65536, 2**24])
def test_numbers_are_below_their_limit_and_reach_both_ends(limit: int) -> None:
    dice = Dice(random.Random(1).randbytes(BLOCK_SIZE))
    found = [dice.below(limit) for _ in range(3000)]
    assert 0 <= min(found) <= limit // 100
    assert limit - 1 - limit // 100 <= max(found) < limit


def test_a_block_of_zeros_decides_the_simplest_for_ever() -> None:
    dice = Dice(bytes(BLOCK_SIZE))
    assert [dice.below(1000) for _ in range(2000)] == [0] * 2000
    assert not dice.one_in(2)
    assert not dice.odds(255)
    assert dice.pick("abc") == "a"
    assert dice.bytes(3) == bytes(3)


def test_chances_are_about_what_they_say() -> None:
    dice = Dice(random.Random(1).randbytes(BLOCK_SIZE))
    assert 800 < sum(dice.one_in(4) for _ in range(4000)) < 1200
    assert 1300 < sum(dice.odds(96) for _ in range(4000)) < 1700


def test_the_same_block_decides_the_same() -> None:
    block = random.Random(1).randbytes(BLOCK_SIZE)
    one, two = Dice(block), Dice(block)
    assert one.bytes(5000) == two.bytes(5000)
