from __future__ import annotations

import pytest
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from wsreplay.generation.well import BUCKET, Well


def test_one_seed_gives_the_same_values_every_time() -> None:
    def drawn(number: int) -> list[int]:
        well = Well(number)
        return [well.draw(values) for _ in range(3 * BUCKET)]

    values = st.integers()
    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)


def test_bucket_after_bucket_holds_new_values() -> None:
    well, values = Well(1), st.binary(min_size=16, max_size=16)
    assert len({well.draw(values) for _ in range(4 * BUCKET)}) > 3 * BUCKET


def test_strategies_do_not_share_their_values() -> None:
    well, one, other = Well(1), st.integers(), st.integers()
    assert [well.draw(one) for _ in range(20)] != [well.draw(other) for _ in range(20)]


def test_a_strategy_of_few_values_gives_them_over_and_over() -> None:
    well, values = Well(1), st.sampled_from(["a", "b", "c"])
    drawn = [well.draw(values) for _ in range(300)]
    assert set(drawn) == {"a", "b", "c"}
    assert drawn.count("a") == 100


def test_values_that_a_strategy_rejects_are_not_given() -> None:
    def third(value: int) -> int:
        assume(value % 3 == 0)
        return value

    well, values = Well(1), st.integers(0, 1000).map(third)
    assert all(well.draw(values) % 3 == 0 for _ in range(2 * BUCKET))


def test_what_a_strategy_raises_is_raised() -> None:
    with pytest.raises(Unsatisfiable):
        Well(1).draw(st.integers().filter(lambda value: False))
    with pytest.raises(ZeroDivisionError):
        Well(1).draw(st.integers().map(lambda value: value / 0))


def test_a_strategy_that_never_gives_anything_is_tried_once() -> None:
    tries = 0

    def fail(_: int) -> None:
        nonlocal tries
        tries += 1
        raise ZeroDivisionError

    well, values = Well(1), st.integers().map(fail)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            well.draw(values)
    assert tries <= 3


def test_what_came_before_an_error_is_given_all_the_same() -> None:
    def check(value: int) -> int:
        if value > 900:
            raise ZeroDivisionError
        return value

    well, values, errors, given = Well(1), st.integers(0, 1000).map(check), 0, []
    for _ in range(200):
        try:
            given.append(well.draw(values))
        except ZeroDivisionError:
            errors += 1
    assert errors
    assert len(given) > 100
    assert max(given) <= 900
