"""A value at the edge of what it can be, in what got far as it was."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest

from tests.generation.test_mutation import talk
from wsreplay.generation import Options
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.drafting import Draft
from wsreplay.generation.sharpening import NUMBERS, OTHERS, TEXTS, Sharp, sharpened
from wsreplay.model import Client, Connect, Scenario, Send

ORDER = '{"do": "order", "item": {"count": 2, "gift": true}, "ids": [7, 8], "note": null}'


def dice(number: int) -> Dice:
    return Dice(random.Random(number).randbytes(BLOCK_SIZE))


def tries(text: str, count: int = 400) -> Iterator[Sharp]:
    for number in range(count):
        sharp = sharpened(text, dice(number))
        assert sharp is not None
        yield sharp


def changes(value: object, count: int = 400) -> set[str]:
    """As JSON text what a value becomes."""
    return {one.new for one in tries(json.dumps({"a": value}), count)}


def test_just_one_value_changes() -> None:
    before = json.loads(ORDER)
    for one in tries(ORDER):
        after = json.loads(one.text)
        assert after.keys() == before.keys()
        assert sum(after[key] != before[key] for key in before) <= 1
    assert {one.old for one in tries(ORDER)} >= {'"order"', "2", "true", "null", "[7, 8]", "7"}


def test_each_type_has_edges_of_its_own() -> None:
    assert changes("x") == {*(json.dumps(one) for one in TEXTS), *OTHERS}
    assert changes(3) == {*NUMBERS, *OTHERS}
    assert changes(False) == {"false", "true", "null", "1", *OTHERS}
    assert changes([1, 2]) > {"[1]", "[1, 2, 1]", "[]"}


def test_a_word_of_a_text_is_mostly_an_argument() -> None:
    firsts = sum(not one.text.startswith("MOVE") for one in tries("MOVE rook 4"))
    assert 0 < firsts < 60
    assert {one.new for one in tries("MOVE 4")} > set(NUMBERS)
    # A lone surrogate cannot be sent in a text.
    assert "\ud800" not in {one.new for one in tries("MOVE rook 4")}
    assert [one.old for one in tries("MOVE", 3)] == ["MOVE"] * 3


@pytest.mark.parametrize("text", ["{}", "[]", "", " ", "3", '"a"', "a" * 5000])
def test_where_nothing_is_to_change_nothing_does(text: str) -> None:
    sharp = sharpened(text, dice(1))
    assert sharp is None or sharp.old == text.strip('"')


def test_of_many_values_the_first_are_looked_at() -> None:
    many = json.dumps([[number] * 2 for number in range(300)])
    assert len(many) < 4096
    assert {one.old for one in tries(many)} <= {f"[{number}, {number}]" for number in range(300)}


def test_what_was_said_twice_is_changed_twice_now_and_then() -> None:
    steps = (
        Connect(0),
        Send(0, "json", '{"join": "hall"}'),
        Send(0, "bytes", b"hall"),
        Send(0, "json", '{"leave": "hall"}'),
    )
    sample = Scenario("/ws", (Client("/ws"),), steps)
    together = alone = 0
    for number in range(400):
        draft = Draft(sample, (sample,), Options(), dice(number), talk(lambda _: ("text", "x")))
        draft.sharpen()
        said = [json.loads(one.data) for one in draft.steps if isinstance(one, Send) and one.kind == "json"]
        if len(said) == 2 and said[0].get("join", "hall") != "hall":
            together += said[0]["join"] == said[1].get("leave")
            alone += said[1].get("leave") == "hall"
    assert together > 40
    assert alone > 40
