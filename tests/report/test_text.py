"""Foreign text is made fit to be shown."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest

from wsreplay.model import Frame
from wsreplay.report.text import (
    counted,
    duration,
    elapsed,
    number,
    path_text,
    payload,
    place,
    quoted_text,
    reply,
    sentence,
    shell,
    shown_path,
    type_name,
    visible,
)

HOSTILE = "\x1b[31mred\x07\r\n\t\x00\x9b\u200b\u202e\u2028\ud800\U000e0001"


def test_what_a_terminal_would_obey_is_escaped():
    assert visible(HOSTILE) == r"\x1b[31mred\x07\r\n\t\x00\x9b\u200b\u202e\u2028\ud800\U000e0001"
    assert visible("tea é 茶 🍵") == "tea é 茶 🍵"


@pytest.mark.parametrize("show", [visible, sentence, quoted_text, path_text, lambda text: type_name(text, "m\x1b")])
def test_nothing_that_is_shown_holds_a_character_to_obey(show):
    assert show(HOSTILE).isprintable()


@pytest.mark.parametrize("kind", ["text", "json"])
def test_no_message_holds_a_character_to_obey(kind):
    assert payload(kind, HOSTILE * 100).isprintable()
    assert payload(kind, HOSTILE * 100, None).isprintable()
    assert reply(HOSTILE).isprintable()
    assert place(Frame(HOSTILE, 1, HOSTILE)).isprintable()


def test_a_long_message_loses_its_middle_and_tells_its_length():
    assert payload("text", "a" * 9 + "b" * 900 + "c" * 9, 12) == '"aaaaaaaaa" ... "ccc" (918 characters)'
    assert payload("bytes", b"a" * 2000, 4) == "b'aaa' ... b'a' (2,000 bytes)"
    assert payload("json", '{"k": "' + "v" * 400 + '"}', 16) == '{"k":"vvvvvv ... vv"} (409 characters)'
    assert sentence("x" * 501).endswith("x (501 characters)")
    assert len(sentence("x" * 100_000)) < 600
    assert payload("text", "a" * 301, None) == '"' + "a" * 301 + '"'


def test_a_json_message_that_fits_when_its_white_space_is_gone_is_whole():
    assert payload("json", '{ "a b" :\n [1, 2] }', 14) == '{"a b":[1,2]}'
    assert payload("json", "") == '""'
    assert payload("json", " " * 1_000_001, 4) == "    ... "[:3] + " ...   (1,000,001 characters)"


def test_a_reply_is_shown_as_json_only_if_it_is():
    assert reply('{"a": 1}') == '{"a":1}'
    assert reply("{a}") == '"{a}"'
    assert reply("[" * 100_000, 8) == '"[[[[[[" ... "[[" (100,000 characters)'
    assert reply(b"\x00") == r"b'\x00'"


def test_an_exception_whose_name_says_nothing_is_named_with_its_module():
    assert type_name("error", "struct") == "struct.error"
    assert type_name("Error", "binascii") == "binascii.Error"
    assert type_name("KeyError", "builtins") == "KeyError"
    assert type_name("error", "") == type_name("error", "builtins") == "error"
    assert type_name("OutOfTea", "shop") == "OutOfTea"


@pytest.mark.parametrize(
    ("seconds", "told", "took"),
    [
        (0.25, "0.25 s", "0.2 s"),
        (7.0, "7 s", "7.0 s"),
        (12.34, "12.3 s", "12.3 s"),
        (120, "2 min", "2 min"),
        (200.4, "3 min 20 s", "3 min 20 s"),
    ],
)
def test_times_have_the_unit_that_suits_them(seconds, told, took):
    assert duration(seconds) == told
    assert elapsed(seconds) == took


def test_counts_agree_with_their_nouns():
    assert [counted(1, "message"), counted(1247, "message")] == ["1 message", "1,247 messages"]
    assert counted(2, "entry", "entries") == "2 entries"
    assert number(1_000_000) == "1,000,000"


def test_paths_are_shown_as_one_would_type_them(tmp_path, monkeypatch):
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    assert shown_path(inner / "a.msgpack") == "a.msgpack"
    assert shown_path(tmp_path / "a.msgpack") == str(tmp_path / "a.msgpack")
    assert shown_path("corpus/a.msgpack") == "corpus/a.msgpack"


@pytest.mark.parametrize(
    "word",
    [
        "plain",
        "two words",
        "it's",
        "a;b",
        "/ws?x=1&y=2",
        "*",
        "",
        "caf\u00e9",
        "line\nbreak",
        "\x1b[31m",
        "\u202e",
        "a\\b'c\n",
        "$5",
        "\udcff",
        "$A$(echo run)",
        "${A:-$(echo run)}",
        "$A`echo run`",
        "\u3164",
    ],
)
def test_a_shell_reads_a_word_back_as_it_was(word):
    said = shell(["printf", "%s", word])
    assert said.isprintable()
    out = subprocess.run(["bash", "-c", said], capture_output=True, check=True).stdout
    assert out == os.fsencode(word)


def test_a_word_that_no_file_can_be_called_is_escaped_all_the_same():
    assert shell(["\ud800"]) == r"$'\xed\xa0\x80'"


def test_a_variable_stays_one_of_the_shells():
    said = shell(["printf", "%s", "X-Key:$SHOP_KEY"])
    environ = {**os.environ, "SHOP_KEY": "a b"}
    assert subprocess.run(["bash", "-c", said], capture_output=True, check=True, env=environ).stdout == b"X-Key:a b"
    assert shlex.split(shell(["$HOME`id`"])) == ["$HOME`id`"]
    assert shell(["$HOME`id`"]) == "'$HOME`id`'"


def test_a_strangers_numbers_of_seconds_are_told_too():
    assert [duration(seconds) for seconds in (float("inf"), float("nan"), float("-inf"), 1e300)] == [
        "inf s",
        "nan s",
        "-inf s",
        "1e+300 s",
    ]


def test_a_string_without_an_end_is_shown_like_any_other():
    text = '{ "a" : "' + '\\"' * 400_000
    assert payload("json", text).startswith('{"a":"\\"')
    assert payload("json", '{ "a\\') == '{"a\\'


def test_a_name_of_any_length_is_shown_in_part():
    assert len(type_name("N" * 100_000, "m")) < 1_000
    assert len(place(Frame("f" * 100_000, 1, "g" * 100_000))) < 2_000
