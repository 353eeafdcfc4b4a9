"""A second client does what the first one did, under another name."""

from __future__ import annotations

import json
import random

from tests.generation.test_mutation import talk
from wsreplay.generation import Options
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.doubling import doubled
from wsreplay.generation.drafting import Draft
from wsreplay.model import Client, Close, Connect, Scenario, Send

JOINS = (
    Send(0, "json", '{"do": "nick", "who": {"name": "ann"}, "age": 3}'),
    Send(0, "json", '{"do": "join", "room": "hall"}'),
    Send(0, "bytes", b"ann"),
    Send(0, "json", '{"do": "tell", "of": "ann"}'),
)


def dice(number: int) -> Dice:
    return Dice(random.Random(number).randbytes(BLOCK_SIZE))


def unknown(_: tuple[str | int, ...]) -> str | None:
    """Know nothing of any place in a document."""
    return None


def names(sends: list[Send]) -> tuple[str, str]:
    said = [json.loads(one.data) for one in sends if isinstance(one.data, str)]
    return said[0]["who"]["name"], said[1]["room"]


def test_one_name_is_anothers_wherever_it_is_said() -> None:
    results = [doubled(JOINS, 1, dice(number), unknown) for number in range(300)]
    assert all(one.client == 1 for sends in results for one in sends)
    assert all(sends[2].data == b"ann" for sends in results)
    shown = [names(sends) for sends in results]
    assert {("annb", "hall"), ("ann", "hallb"), ("ann", "hall")} <= set(shown)
    assert all(('"annb"' in str(sends[3].data)) == (names(sends)[0] == "annb") for sends in results)


def test_in_plain_text_a_name_is_no_command() -> None:
    lines = [doubled([Send(0, "text", "NICK ann")], 1, dice(number), unknown)[0].data for number in range(60)]
    assert set(lines) == {"NICK ann", "NICK annb"}


def test_where_nobody_has_a_name_the_same_is_said() -> None:
    for text in ("PING", "", '{"n": 1}', "[]", "3", "a" * 5000 + " b"):
        assert doubled([Send(0, "text", text)], 1, dice(3), unknown) == [Send(1, "text", text)]


def test_a_new_client_comes_while_there_is_room() -> None:
    sample = Scenario("/ws", (Client("/ws"),), (Connect(0), *JOINS[:2], Close(0)))
    after = before = 0
    for number in range(200):
        draft = Draft(sample, (sample,), Options(), dice(number), talk(lambda _: ("text", "x")))
        draft.double()
        assert len(draft.clients) == 2
        own = [step.client for step in draft.steps if isinstance(step, Send) and step.data != "x"]
        assert own in ([0, 0, 1, 1], [0, 0, 1], [0, 1, 0])
        after += own == [0, 0, 1, 1]
        before += own == [0, 1, 0]
    assert after > 20
    assert before > 5
    alone = Draft(sample, (sample,), Options(max_clients=1), dice(1), talk(lambda _: ("text", "x")))
    alone.double()
    assert len(alone.clients) == 1


def test_what_is_known_of_a_place_is_said_there() -> None:
    def other(path: tuple[str | int, ...]) -> str | None:
        return '"seller"' if path == ("room",) else None

    results = [doubled(JOINS, 1, dice(number), other) for number in range(300)]
    assert {"seller", "hallb", "hall"} == {names(sends)[1] for sends in results}
