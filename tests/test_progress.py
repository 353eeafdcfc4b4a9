"""How far an app says that things have got, step by step."""

from __future__ import annotations

import json

import pytest

from wsreplay.documents import MAX_ECHO
from wsreplay.progress import steps


def taken(reply, said=""):
    return sorted(one.removeprefix("step:") for one in steps(reply, said))


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ('{"position": 3}', [".position:3"]),
        ('{"position": 5}', [".position:4"]),
        ('{"position": 0}', [".position:0"]),
        ('{"position": 63}', [".position:32"]),
        ('{"position": 64}', []),
        ('{"position": -1}', []),
        ('{"position": true, "rate": 2.5, "name": "7"}', []),
        ('{"missing": []}', [".missing#:0"]),
        ('{"missing": ["a", "b", "c"]}', [".missing#:3"]),
        ('[{"n": 1}, {"n": 2}]', ["#:2", "[].n:1", "[].n:2"]),
        ('{"a": {"b": 4}}', [".a.b:4"]),
        ('{"a":{"b":{"c":{"d":{"e":1}}}}}', []),
        ("OK 3 of 12", ["0:3", "1:12"]),
        ("OK 0", ["0:0"]),
        ("v2 3rd 007 1.5 -4 100", []),
        ("1 2 3 4 5 6", ["0:1", "1:2", "2:3", "3:4"]),
        ("no", []),
        (b"1", []),
        ("[1", []),
        ("[" * 100_000, []),
        ("[" * 2_000 + "]" * 2_000, []),
        ("7 " * MAX_ECHO, []),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_reply_tells_how_far_it_has_got(reply, shown):
    assert taken(reply) == shown


def test_what_clients_have_said_tells_nothing():
    assert taken('{"seat": 12, "left": 3}', '{"seat": 12}\n') == [".left:3"]
    assert taken('{"seat": 12}', "112") == [".seat:12"]
    assert taken("1 0", "10 1 0") == ["0:1", "1:0"], "whether there is one is worth knowing"


def test_a_name_that_a_client_has_given_is_no_key_of_the_app_s():
    reply = '{"scores": {"ann": 3, "bob": 0}}'
    assert sorted(steps(reply, "ann", {"ann"})) == ["step:.scores.*:3", "step:.scores.bob:0"]


def test_tables_of_data_and_long_names_tell_nothing():
    assert taken(json.dumps({f"k{number}": 1 for number in range(30)})) == []
    assert taken(json.dumps({"k" * 200: {"n": 1}})) == []
    assert len(taken(json.dumps([{f"k{number}": number for number in range(20)}]))) == 16
