"""Messages that a user has written down."""

from __future__ import annotations

import pytest

from wsreplay.errors import ConfigError
from wsreplay.generation import Author, Dice, Options
from wsreplay.generation.samples import MOST_BYTES, Sampler, read_samples
from wsreplay.model import Endpoint, Route, Send

LINES = """
{"op": "login",   "token": "\\u00e9"}

"JOIN tea"
{"$bytes": "00ff"}
17
"""


@pytest.fixture
def file(tmp_path):
    def write(text: str | bytes):
        path = tmp_path / "chat.jsonl"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def test_a_line_is_a_message_as_it_stands(file):
    assert read_samples(file(LINES)) == (
        ("json", '{"op": "login",   "token": "\\u00e9"}'),
        ("text", "JOIN tea"),
        ("bytes", b"\x00\xff"),
        ("json", "17"),
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("1\n{", r"chat\.jsonl:2 is no message"),
        (b"\xff\n", r"chat\.jsonl:1 is no message"),
        ('"\\ud800"', r"chat\.jsonl:1 is no message"),
        ('{"$bytes": "0"}', r"chat\.jsonl:1 is no message"),
        ("[" * 100_000, r"chat\.jsonl:1 is no message"),
        ("\n \n", "holds no message"),
        (b" " * (MOST_BYTES + 1), "is larger than"),
    ],
)
def test_what_is_no_file_of_messages_is_an_error_that_names_the_line(file, content, what):
    with pytest.raises(ConfigError, match=what):
        read_samples(file(content))


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_samples(tmp_path / "nowhere.jsonl")


def test_samples_are_said_in_their_order_more_often_than_not(file):
    samples = read_samples(file("1\n2\n3\n"))
    told = []
    for number in range(300):
        sampler = Sampler(samples, Dice.thrown(7, number))
        told.append(tuple(sampler.message(lambda: ("text", "another"), lambda path: None)[1] for _ in range(3)))
    assert told.count(("1", "2", "3")) > 30
    assert any("another" in one for one in told)


def test_a_search_says_them_and_what_follows_on_them(file):
    options = Options(samples=file('"open sesame"\n'), max_message_size=6)
    author = Author(Endpoint(Route("/vault"), None), options)
    scenarios = [author.scenario(Dice.thrown(1, number), lambda strategy: None) for number in range(100)]
    said = [step.data for scenario in scenarios for step in scenario.steps if isinstance(step, Send)]
    assert said.count("open s") > 50
    assert len(set(said)) > 30
