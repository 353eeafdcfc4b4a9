"""Values of the shapes that a reading knows: letters, items, lengths, numbers between two others, records."""

from __future__ import annotations

import json
import random
import struct

from wsreplay.generation import Knowledge
from wsreplay.generation.binary import Frames, Record
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Layout, Shape


def dices(count: int) -> list[Dice]:
    numbers = random.Random(11)
    return [Dice(numbers.randbytes(BLOCK_SIZE)) for _ in range(count)]


def values(shape: Shape, count: int = 800) -> list[object]:
    """What is said of a shape in messages that are well formed."""
    knowledge = Knowledge(kinds=("json",), json=Shape(keys=(("v", Shape(required=True, **_fields(shape))),)))
    found = []
    for dice in dices(count):
        kind, data = Speaker(knowledge, dice).message()
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            continue
        if kind == "json" and isinstance(document, dict) and "v" in document:
            found.append(document["v"])
    return found


def _fields(shape: Shape) -> dict[str, object]:
    return {name: getattr(shape, name) for name in Shape.__slots__ if name != "required"}


def test_letters_make_texts_of_a_known_length() -> None:
    of_any = values(Shape(item=Shape(constants=("A", "B")), lengths=(3,)))
    assert sum(isinstance(one, str) and len(one) == 3 and set(one) <= {"A", "B"} for one in of_any) > 300
    by_place = values(Shape(places=(Shape(constants=("A", "B")), Shape()), uses=("str",)))
    assert any(isinstance(one, str) and one[:1] in ("A", "B") and one[1:].isdigit() for one in by_place)


def test_arrays_have_their_items_at_their_places() -> None:
    shape = Shape(places=(Shape(constants=("move",)), Shape(numbers=(10,))), lengths=(2, 4), item=Shape())
    found = [one for one in values(shape) if isinstance(one, list)]
    assert sum(one[:1] == ["move"] for one in found) > 300
    assert {len(one) for one in found} >= {1, 2, 3, 4}


def test_objects_come_in_arrays_where_a_handler_takes_both() -> None:
    shape = Shape(keys=(("id", Shape(required=True)),), item=Shape(keys=(("n", Shape(required=True)),)), uses=("list",))
    found = values(shape)
    assert any(isinstance(one, dict) and "id" in one for one in found)
    assert any(isinstance(one, list) and one and isinstance(one[0], dict) and "n" in one[0] for one in found)
    bare = values(Shape(keys=(("id", Shape(required=True)),), item=Shape(), uses=("list",)))
    assert any(isinstance(one, list) and one and isinstance(one[0], dict) and "id" in one[0] for one in bare)


def test_numbers_lie_at_beside_and_between_those_that_are_compared_with() -> None:
    found = {one for one in values(Shape(numbers=(1000, 1010))) if isinstance(one, int)}
    assert {999, 1000, 1001, 1009, 1010, 1011} <= found
    assert found & set(range(1002, 1009))
    assert set(range(8)) <= found


def test_texts_have_known_lengths_also_in_letters_of_several_bytes() -> None:
    found = [one for one in values(Shape(lengths=(20,), uses=("str",))) if isinstance(one, str)]
    assert {len(one) for one in found} >= {19, 20, 21}
    assert any(len(one) == 20 and len(one.encode()) > 20 for one in found)


def test_texts_of_a_pattern_and_arrays_have_known_lengths() -> None:
    matched = values(Shape(patterns=("[a-z]+",), lengths=(20,), uses=("str",)))
    assert {19, 20, 21} <= {len(one) for one in matched if isinstance(one, str) and one.isalpha()}
    plain = [one for one in values(Shape(lengths=(20,), uses=("list",))) if isinstance(one, list)]
    assert {19, 20, 21} <= {len(one) for one in plain}
    assert {1, 20} <= {len(set(map(str, one))) for one in plain if len(one) == 20}
    known = Shape(item=Shape(uses=("int",)), lengths=(10,), uses=("list",))
    assert {9, 10, 11} <= {len(one) for one in values(known) if isinstance(one, list)}


def test_texts_hold_what_they_are_searched_for() -> None:
    assert sum("@" in one[1:-1] for one in values(Shape(infixes=("@",))) if isinstance(one, str)) > 100


def test_what_only_tells_whether_there_is_a_value_is_not_said_most() -> None:
    def share(*constants: object) -> float:
        found = values(Shape(constants=constants))
        return sum(one in constants for one in found) / len(found)

    assert share("") < share(True, False) < 0.6 < share("a", "b", "c", "d", "e")


def test_wrong_values_are_long_deep_or_odd_too() -> None:
    found = values(Shape(item=Shape(), uses=("list",)), 3000)
    deep = [one for one in found if isinstance(one, list) and one and isinstance(one[0], list)]
    assert deep
    assert any(isinstance(one, str) and len(one) >= 130 for one in found)


HEADER = Layout(
    ">2sB?fhI",
    (Shape(chunks=(b"VT",)), Shape(constants=(1, 2)), Shape(), Shape(), Shape(numbers=(7,)), Shape(measures=True)),
)


def test_records_are_written_field_by_field() -> None:
    record, right = Record(HEADER), 0
    for dice in dices(400):
        magic, kind, _, _, number, length = struct.unpack(">2sB?fhI", record.written(dice, 5))
        right += (magic, length) == (b"VT", 5) and kind in (1, 2) and 6 <= number <= 8
    assert right > 80


def test_numbers_that_fit_no_field_are_left_out() -> None:
    tight = Record(Layout("bc", (Shape(numbers=(200,)), Shape(chunks=(b"long",)))))
    assert all(len(tight.written(dice, 300)) == 2 for dice in dices(50))
    assert all(len(Record(Layout("B", (Shape(measures=True),))).written(dice, 1 << 40)) == 1 for dice in dices(50))


def test_frames_are_a_record_and_what_belongs_to_it() -> None:
    knowledge = Knowledge(layouts=(HEADER, Layout(">H")), codes=(3,))
    frames = [Frames(knowledge).frame(dice) for dice in dices(600)]
    assert any(frame.startswith(b"VT") and len(frame) > 14 for frame in frames)
    assert any(frame[:1] == b"\x03" for frame in frames)


def test_another_value_is_found_for_a_place_in_a_document() -> None:
    user = Shape(keys=(("age", Shape(numbers=(18,))),))
    known = Knowledge(
        ("json",), Shape(keys=(("user", user), ("pair", Shape(places=(Shape(constants=("a",)),), item=user))))
    )

    def found(*path: str | int) -> set[str | None]:
        return {Speaker(known, dice).again(path) for dice in dices(100)}

    assert {"17", "18", "19"} <= found("user", "age")
    assert {"17", "18", "19"} <= found("pair", 1, "age")
    assert '"a"' in found("pair", 0)
    assert found("user", "name") == found("user", "age", 0) == {None}


def test_days_are_of_years_that_are_compared_with_or_of_unusual_ones() -> None:
    days = values(Shape(uses=("date",), numbers=(5, 1900), patterns=("[0-9]{4}",)))
    years = {one[:4] for one in days if isinstance(one, str) and len(one) == 10}
    assert {"1899", "1900", "1901", "9999", "2024"} <= years
    assert sum(isinstance(one, str) and "-" in one for one in days) > len(days) / 2
    assert any("T" in str(one) for one in values(Shape(uses=("datetime",))))


def test_a_mark_that_stands_for_any_number_leaves_room_for_numbers() -> None:
    told = values(Shape(uses=("int",), constants=("*",), numbers=(0, 59)))
    assert 0.1 < told.count("*") / len(told) < 0.5
    assert sum(isinstance(one, int) for one in told) > len(told) / 5
