"""Words that a user has written down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wsreplay.errors import ConfigError
from wsreplay.generation import Author, Dice, Knowledge, Options, Well, knowledge
from wsreplay.generation.dictionary import MOST_BYTES, Word, read_dictionary, taught, with_words
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Heard, Shape
from wsreplay.model import Endpoint, Route, Scenario, Send


@pytest.fixture
def file(tmp_path: Path):
    def write(content: str | bytes) -> Path:
        path = tmp_path / "words.dict"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


LINES = r"""
# what the devices say
"PING"
op="login"
op@2 = "logout"
  magic = "\x89PNG\\\""
price="12"
"日本"
raw="\xff\xfe"
"""


def test_a_line_is_a_word_with_or_without_a_name(file) -> None:
    assert read_dictionary(file(LINES)) == (
        Word("", b"PING"),
        Word("op", b"login"),
        Word("op", b"logout"),
        Word("magic", b'\x89PNG\\"'),
        Word("price", b"12"),
        Word("", "日本".encode()),
        Word("raw", b"\xff\xfe"),
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('"a"\nPING\n', ":2 is no word: PING"),
        ('"a', ":1 is no word"),
        ('""', ":1 is no word"),
        (r'"\q"', ":1 is no word"),
        (r'"\x9"', ":1 is no word"),
        (b"\xff\xff", ":1 is no word"),
        ("# nothing\n\n", "holds no word"),
        (b" " * (MOST_BYTES + 1), "is larger than"),
    ],
)
def test_what_is_no_dictionary_is_refused_by_name_and_line(file, content, told) -> None:
    with pytest.raises(ConfigError, match="dictionary: ") as caught:
        read_dictionary(file(content))
    assert told in str(caught.value)


def test_a_file_that_is_not_there_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        with_words(Knowledge(), tmp_path / "nowhere.dict")


@pytest.mark.parametrize(
    ("data", "value"),
    [(b"12", 12), (b"true", True), (b"null", None), (b"[1]", "[1]"), (b'"a"', '"a"'), (b"a b", "a b")],
)
def test_a_named_word_that_reads_like_a_number_is_one(data, value) -> None:
    assert Word("a", data).value == value


def test_what_was_not_asked_for_changes_nothing() -> None:
    assert with_words(Knowledge(kinds=("json",)), None) == Knowledge(kinds=("json",))


def test_named_words_are_values_of_known_keys_wherever_they_are() -> None:
    inner = Shape(keys=(("op", Shape(("join",))), ("n", Shape(uses=("int",)))))
    known = Knowledge(
        kinds=("json",),
        json=Shape(keys=(("op", Shape()), ("all", Shape(item=inner)), ("pair", Shape(places=(inner,))))),
        events=(Heard("/", "say", (inner,)),),
    )
    learned = taught(known, (Word("op", b"leave"), Word("op", b"join"), Word("n", b"7"), Word("else", b"x")))
    better = Shape(keys=(("op", Shape(("join", "leave"))), ("n", Shape((7,), uses=("int",)))))
    assert learned.json.keys == (
        ("op", Shape(("leave", "join"))),
        ("all", Shape(item=better)),
        ("pair", Shape(places=(better,))),
    )
    assert learned.events == (Heard("/", "say", (better,)),)
    assert (learned.kinds, learned.words, learned.chunks) == (("json",), ("x",), (b"x",))


def test_where_nothing_is_known_the_names_make_a_document() -> None:
    learned = taught(Knowledge(), (Word("op", b"leave"), Word("n", b"7")))
    assert learned == Knowledge(kinds=("json",), json=Shape(keys=(("op", Shape(("leave",))), ("n", Shape((7,))))))
    assert taught(Knowledge(), (Word("", b"PING"),)).kinds == ("text",)
    assert taught(Knowledge(), (Word("raw", b"\xff"),)) == Knowledge(kinds=("bytes",), chunks=(b"\xff",))
    assert taught(Knowledge(), (Word("op", b"a"), Word("", b"PING"))).kinds == ("json", "text")
    assert taught(Knowledge(), (Word("op", b"a"), Word("", b"\xff"))).kinds == ("json", "bytes")


def test_the_words_are_told_among_what_is_known() -> None:
    assert "words of the dictionary: 'PING'" in taught(Knowledge(), (Word("", b"PING"),)).describe()


def said(known: Knowledge, number: int = 400) -> list[str | bytes]:
    return [Speaker(known, Dice.thrown(3, turn)).message()[1] for turn in range(number)]


def test_words_are_said_as_texts_in_texts_and_in_bytes() -> None:
    messages = said(taught(Knowledge(kinds=("text", "bytes")), (Word("", b"XYZZY"),)))
    assert "XYZZY" in messages
    assert any(isinstance(one, str) and one.startswith("XYZZY ") for one in messages)
    assert any(isinstance(one, str) and one.endswith(" XYZZY") for one in messages)
    assert any(isinstance(one, bytes) and one.startswith(b"XYZZY") for one in messages)


def test_words_are_said_as_values_and_keys_of_json() -> None:
    messages = said(taught(Knowledge(kinds=("json",)), (Word("", b"XYZZY"),)))
    documents = [json.loads(one) for one in messages if isinstance(one, str) and "XYZZY" in one]
    assert "XYZZY" in documents
    assert ["XYZZY"] in documents
    assert any(isinstance(one, dict) and "XYZZY" in one for one in documents)
    known = Knowledge(kinds=("json",), json=Shape(keys=(("op", Shape()), ("who", Shape()))))
    documents = [
        json.loads(one) for one in said(taught(known, (Word("", b"XYZZY"),))) if isinstance(one, str) and "XYZZY" in one
    ]
    assert any(one.get("op") == "XYZZY" for one in documents)
    assert any(one.get("who") == "XYZZY" for one in documents)


async def opaque(scope, receive, send) -> None:
    raise NotImplementedError


def test_an_author_speaks_the_words_of_the_file(file) -> None:
    endpoint = Endpoint(Route("/ws"), opaque)
    assert not knowledge(endpoint).words
    author = Author(endpoint, Options(dictionary=file('"XYZZY"\n')))
    well = Well(1)
    scenarios: list[Scenario] = [author.scenario(Dice.thrown(1, number), well.draw) for number in range(40)]
    said = [step.data for scenario in scenarios for step in scenario.steps if isinstance(step, Send)]
    assert "XYZZY" in said
