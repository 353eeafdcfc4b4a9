"""What is hidden before replies are compared, and what is suggested to be."""

from __future__ import annotations

import json

import pytest

from wsreplay.masks import MASKED, Masks, suggested

REPLY = '{"id": 7, "user": {"id": "a", "name": "ann"}, "items": [{"id": 1, "at": 2}, 3]}'


@pytest.mark.parametrize(
    ("mask", "hidden"),
    [
        ("id", {"id": MASKED, "user": {"id": MASKED, "name": "ann"}, "items": [{"id": MASKED, "at": 2}, 3]}),
        ("user.id", {"id": 7, "user": {"id": MASKED, "name": "ann"}, "items": [{"id": 1, "at": 2}, 3]}),
        ("items.*.id", {"id": 7, "user": {"id": "a", "name": "ann"}, "items": [{"id": MASKED, "at": 2}, 3]}),
        ("items.1", {"id": 7, "user": {"id": "a", "name": "ann"}, "items": [{"id": 1, "at": 2}, MASKED]}),
        ("us*", {"id": 7, "user": MASKED, "items": [{"id": 1, "at": 2}, 3]}),
        ("name, at", {"id": 7, "user": {"id": "a", "name": MASKED}, "items": [{"id": 1, "at": MASKED}, 3]}),
    ],
)
def test_a_mask_is_the_end_of_a_path_into_json(mask, hidden):
    assert json.loads(Masks.parse([mask]).hide(REPLY)) == hidden


@pytest.mark.parametrize("data", ["hello", "7", "[1, 2", REPLY.replace("id", "no"), "[" * 5000])
def test_what_has_no_such_place_stays_as_it_is(data):
    assert Masks.parse(["id"]).hide(data) == data


def test_a_regular_expression_hides_parts_of_texts_of_json_and_of_bytes():
    masks = Masks.parse([r"/\d+/"])
    assert masks.hide("order 12 of 40") == f"order {MASKED} of {MASKED}"
    assert masks.hide('{"id": 7}') == f'{{"id": {MASKED}}}'
    assert masks.hide(b"\xff12\x00") == b"\xff<masked>\x00"


def test_what_is_no_regular_expression_is_refused_and_says_why():
    with pytest.raises(ValueError, match="unterminated"):
        Masks.parse(["/(/"])


def test_no_masks_are_false():
    assert not Masks.parse([" , "])
    assert Masks.parse(["id"])
    assert Masks.parse(["/a/"])


@pytest.mark.parametrize(
    ("runs", "masks"),
    [
        ((['{"id": 1, "n": 2}'], ['{"id": 5, "n": 2}']), ("id",)),
        ((['{"id": 1, "at": 2}'], ['{"id": 5, "at": 2}'], ['{"id": 5, "at": 9}']), ("id", "at")),
        ((['{"ids": [1, 2]}'], ['{"ids": [1, 3]}']), ("ids.*",)),
        ((['[{"a": 1}]'], ['[{"a": 2}]']), ("a",)),
        ((["[1]"], ["[2]"]), ("*",)),
        ((["you are 4e4b63c5-95a1-4ebb-8f5a-0b0a8e6b3d0c"], ["you are 00000000-95a1-4ebb-8f5a-0b0a8e6b3d0c"]), (0,)),
        ((["it is 2026-01-02T03:04:05.678+00:00"], ["it is 2027-01-02T03:04:05Z"]), (1,)),
        ((["number 4"], ["number 15.5"]), (2,)),
        ((["ticket a1b2c3d4e5"], ["ticket ffffffffff"]), (3,)),
        ((["ticket Zk-8sj3kLs93kd_03kd"], ["ticket wwwwwwwwww-wwwwwwwwww"]), (4,)),
        ((["hello"], ["bye"]), ()),
        ((["same", b"\x01"], ["same", b"\x02"]), ()),
    ],
)
def test_what_differs_between_runs_is_suggested(runs, masks):
    found = suggested(runs)
    if masks and isinstance(masks[0], int):
        (only,) = found
        hidden = {Masks.parse(found).hide(run[0]) for run in runs}
        assert len(hidden) == 1
        assert only.startswith("/")
    else:
        assert found == masks
