"""Credentials are found in whatever an app makes of them, and nothing else is touched."""

from __future__ import annotations

import base64
import html
import json
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsreplay.redaction import Redactor, hidden, redactor

NAME = "{{A}}"
SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=20)
WRITERS = [
    str,
    json.dumps,
    lambda text: json.dumps(text, ensure_ascii=False),
    repr,
    ascii,
    lambda text: repr(text.encode()),
    lambda text: quote(text, safe=""),
    quote,
    quote_plus,
    lambda text: urlencode({"a": text}),
    html.escape,
    lambda text: text.encode().decode("latin-1"),
]


@given(st.sampled_from(["key-", "token", "abcdefg"]), SECRETS, st.sampled_from(WRITERS), st.sampled_from(WRITERS))
def test_a_credential_is_found_however_it_is_written(core, rest, write, again):
    secret = f"{core}\x00{rest}".replace("\x00", "é\"'\\ ")
    text = f"<{again(f'before {write(secret)} after')}>"
    found = Redactor([(NAME, secret)]).text(text)
    assert core not in found.replace("before", "")
    assert NAME in found
    assert "before" in found
    assert "after" in found


@given(SECRETS, st.text(max_size=10))
def test_bytes_are_searched_too_and_others_stay_as_they_are(secret, around):
    # What stands around must not make a secret of its own.
    secret, around = f"key{secret}", around.replace("k", "").encode("utf-8", "surrogatepass")
    search = Redactor([(NAME, secret)])
    assert search.bytes(around + secret.encode() + b"\xff") == around + b"{{A}}\xff"
    assert search.bytes(around + b"\xff\x00") == around + b"\xff\x00"


def test_a_placeholder_is_not_searched_again():
    assert Redactor([("{{header:a}}", "secret-one"), ("{{b}}", "header")]).text("secret-one header") == (
        "{{header:a}} {{b}}"
    )


def test_two_credentials_of_one_value_are_told_as_the_first():
    assert Redactor([("{{a}}", "secret"), ("{{b}}", "secret")]).text("secret") == "{{a}}"


def test_a_value_that_was_made_fit_for_a_query_or_for_json_is_found_as_it_was():
    assert Redactor([(NAME, quote('a "b"&c', safe=""))]).text('a "b"&c') == NAME
    assert Redactor([(NAME, json.dumps('a "b"\n')[1:-1])]).text('a "b"\n') == NAME
    assert Redactor([(NAME, "no \\ json")]).text("no \\ json") == NAME


@pytest.mark.parametrize("end", ["...", "…", "." * 200])
def test_the_beginning_of_a_credential_in_which_a_text_breaks_off_is_hidden(end):
    search = Redactor([(NAME, "Bearer abcdefghijklmnop"), ("{{B}}", "short")])
    assert search.text(f"who is abcdefghij{end}") == f"who is {NAME}{end}"
    assert search.text(f"who is abcdefg{end}") == f"who is abcdefg{end}"
    assert search.text(f"who is Bearer{end}") == f"who is Bearer{end}"
    assert search.text(f"who is shor{end}") == f"who is shor{end}"
    assert search.text(f"who is abcdefghijx{end}") == f"who is abcdefghijx{end}"


def test_a_long_text_may_have_been_cut_by_the_app_itself():
    search = Redactor([(NAME, "abcdefghijklmnop")])
    assert search.text("x" * 100 + " abcdefghij") == "x" * 100 + " {{A}}"
    assert search.text("abcdefghij") == "abcdefghij"


def test_basic_credentials_are_found_decoded():
    pair = base64.b64encode(b"ann:hunter22").decode()
    assert redactor(((NAME, f"Basic {pair}"),)).text(f"ann:hunter22 hunter22 {pair}") == "{{A}} {{A}} {{A}}"


@dataclass(frozen=True)
class Said:
    text: str
    kind: Literal["abcd", "efgh"]
    data: bytes = b""
    more: tuple[object, ...] = ()


def test_values_are_searched_to_the_bottom_but_for_words_of_our_own():
    said = Said("abcd", "abcd", b"abcd", (Said("abcd", "efgh"), "abcd", 3, Said))
    assert Redactor([(NAME, "abcd")]).value(said) == (
        Said(NAME, "abcd", NAME.encode(), (Said(NAME, "efgh"), NAME, 3, Said))
    )


def test_without_credentials_nothing_is_searched():
    assert hidden("abc", ()) == "abc"
    assert hidden("abc", ((NAME, "b"), ("{{E}}", ""))) == "a{{A}}c"
    assert hidden("\ud800 abc", ((NAME, "\udcff\ud800x"),)) == "\ud800 abc"


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase, str.title])
def test_a_credential_in_other_letters_is_found_unless_it_is_short(change):
    assert Redactor([(NAME, "tOken-Abcdef")]).text(f"<{change('tOken-Abcdef')}>") == "<{{A}}>"
    assert Redactor([(NAME, "abc")]).text("ABC abc") == "ABC {{A}}"


@pytest.mark.parametrize("before", ["", "x", "xx", "who: é "])
@pytest.mark.parametrize(
    "encode", [base64.b64encode, base64.urlsafe_b64encode, lambda data: data.hex().upper().encode()]
)
def test_nothing_of_a_credential_is_left_where_what_holds_it_was_encoded(before, encode):
    secret = "key?>-\x7f12345678~~"
    encoded = encode(f"{before}{secret} and more".encode()).decode()
    head, found, tail = Redactor([(NAME, secret)]).text(encoded).partition(NAME)
    assert found
    assert encoded.startswith(head)
    assert encoded.endswith(tail)
    # Two characters at either end say something of what stands around, too.
    assert len(encoded) - len(head) - len(tail) > len(secret) * 4 / 3 - 4
    assert Redactor([(NAME, "short")]).text(base64.b64encode(b"short").decode()) == "c2hvcnQ="


@pytest.mark.parametrize(
    "form", ["\\u{:04x}", "\\\\u{:04X}", "\\x{:02x}", "%{:02X}", "%25{:02x}", "&#{};", "&#x{:x};", "&#0{};"]
)
def test_a_credential_of_which_every_character_is_escaped_is_found(form):
    written = "".join(form.format(ord(character)) for character in "key-Abc1")
    assert Redactor([(NAME, "key-Abc1"), ("{{B}}", "k-y")]).text(f"a {written} b") == "a {{A}} b"
    assert Redactor([(NAME, "key-Abc1")]).text(f"{written} key-Abc1 100% \\n") == "{{A}} {{A}} 100% \\n"
    assert Redactor([("{{key-Abc1}}", "key-Abc1"), ("{{B}}", "key-Abc12")]).text(f"{written}2 key-Abc1 \\") == (
        "{{B}} {{key-Abc1}} \\"
    )
