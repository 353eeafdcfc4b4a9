"""Messages shrink to what a person would have sent, within few tries."""

from __future__ import annotations

import json
import re

import pytest

from wsreplay.model import Send
from wsreplay.shrinking.payloads import written


def values(scenario, said):
    """The JSON values sent; None for what is no JSON."""
    found = []
    for data in said(scenario):
        try:
            found.append(json.loads(data))
        except (ValueError, UnicodeDecodeError):
            found.append(None)
    return found


def any_value(said, holds):
    return lambda scenario: any(holds(value) for value in values(scenario, said))


def any_text(said, holds):
    return lambda scenario: any(isinstance(data, str) and holds(data) for data in said(scenario))


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_a_missing_key_is_found_missing_from_the_smallest_object(shrinking, talk, say, said):
    order = json.dumps({"action": "place", "item": {"name": "tea", "tags": ["hot", "green"]}, "quantity": 17})
    holds = any_value(said, lambda value: isinstance(value, dict) and "price" not in value)
    small = shrinking(talk(*say("hello", order, "bye", kind="json")), holds)
    assert said(small) == ["{}"]
    assert shrinking.calls < 30


def test_only_the_keys_that_are_needed_stay_and_their_values_are_simple(shrinking, talk, say, said):
    order = json.dumps({"id": 991, "action": "place", "item": "tea", "note": {"a": [1, 2]}, "gift": True, "price": 3.5})

    def holds(value):
        return isinstance(value, dict) and value.get("action") == "place" and {"item", "gift"} <= value.keys()

    small = shrinking(talk(*say(order, kind="json")), any_value(said, holds))
    assert said(small) == ['{"action":"place","item":null,"gift":null}']
    assert shrinking.calls < 110


@pytest.mark.parametrize(
    ("sent", "needed", "simplest"),
    [
        ("tea", lambda value: isinstance(value, str), '{"k":""}'),
        ("tea", lambda value: isinstance(value, str) and value, '{"k":"a"}'),
        ("Güter", lambda value: isinstance(value, str) and not value.isascii(), '{"k":"ü"}'),
        ("\ud800x", lambda value: isinstance(value, str) and "\ud800" in value, '{"k":"\\ud800"}'),
        ("x\udfff", lambda value: isinstance(value, str) and re.search("[\ud800-\udfff]", value), '{"k":"\\ud800"}'),
        ("\udfffx", lambda value: isinstance(value, str) and "\udfff" in value, '{"k":"\\udfff"}'),
        (1234, lambda value: type(value) is int, '{"k":0}'),
        (-1234, lambda value: type(value) is int and value < 0, '{"k":-1}'),
        (1234, lambda value: type(value) is int and value > 99, '{"k":100}'),
        (-1234, lambda value: type(value) is int and value < -99, '{"k":-100}'),
        (-1234, lambda value: type(value) is int and abs(value) > 99, '{"k":100}'),
        (10**30, lambda value: type(value) is int and value >= 2**63, '{"k":9223372036854775808}'),
        (10**30, lambda value: type(value) is int and value > 2**70, '{"k":10000000000000000000000}'),
        (5_123_456_789, lambda value: type(value) is int and value > 3_000_000_000, '{"k":5000000000}'),
        (5_123_456_789, lambda value: value == 5_123_456_789, '{"k":5123456789}'),
        (3.7519, lambda value: isinstance(value, float), '{"k":3.8}'),
        (3.7519, lambda value: isinstance(value, float) and value < 3.76, '{"k":3.75}'),
        (3.7519, lambda value: value == 3.7519, '{"k":3.7519}'),
        (-3.7519, lambda value: isinstance(value, float | int) and value, '{"k":1}'),
        (-3.75, lambda value: value == -3.75, '{"k":-3.75}'),
        (float("nan"), lambda value: value != value, '{"k":NaN}'),
        (float("-inf"), lambda value: isinstance(value, float) and value - value != 0, '{"k":Infinity}'),
        (1.7e308, lambda value: isinstance(value, float) and value * 100 == float("inf"), '{"k":1e308}'),
        (1.7e308, lambda value: isinstance(value, float) and value > 1e15, '{"k":1e16}'),
        (1.7e308, lambda value: isinstance(value, float) and value > 3e27, '{"k":1e28}'),
        (-1.7e99, lambda value: isinstance(value, float) and value < -3e27, '{"k":-1e28}'),
        (1e28, lambda value: isinstance(value, float) and value > 3e27, '{"k":1e28}'),
        (1.7e200, lambda value: isinstance(value, float) and 1e200 < value < 1e300, '{"k":1.7e200}'),
        (-1.7e308, lambda value: value == -1.7e308, '{"k":-1.7e308}'),
        (True, lambda value: isinstance(value, bool), '{"k":false}'),
        (True, lambda value: value is True, '{"k":true}'),
        (False, lambda value: value is False, '{"k":false}'),
        (["x", "y"], lambda value: isinstance(value, list), '{"k":[]}'),
        (["x", "y", "z"], lambda value: isinstance(value, list) and "y" in value, '{"k":["y"]}'),
        ({"x": {"y": 1}}, lambda value: isinstance(value, dict | list), '{"k":[]}'),
        ({"x": {"y": 1}}, lambda value: isinstance(value, dict), '{"k":{}}'),
        ({"long": {"name": 1}}, lambda value: isinstance(value, dict) and value, '{"k":{"a":null}}'),
        ([[[1] * 30], 2], lambda value: len(str(value)) >= 40, '{"k":"' + "a" * 40 + '"}'),
        ("", lambda value: value == "", '{"k":""}'),
        (0.5, lambda value: value == 0.5, '{"k":0.5}'),
    ],
)
def test_a_value_becomes_the_simplest_of_the_simplest_type(shrinking, talk, say, said, sent, needed, simplest):
    holds = any_value(said, lambda value: isinstance(value, dict) and "k" in value and needed(value["k"]))
    small = shrinking(talk(*say(json.dumps({"other": [1], "k": sent}), kind="json")), holds)
    assert said(small) == [simplest]
    assert shrinking.calls < 80


def test_deep_nesting_becomes_exactly_as_deep_as_is_needed(shrinking, talk, say, said):
    def depth(value):
        levels = 0
        while isinstance(value, list | dict) and value:
            inner = list(value.values()) if isinstance(value, dict) else value
            value = next((one for one in inner if isinstance(one, list | dict)), None)
            levels += 1
        return levels

    deep = '[{"data":[0,' + "[" * 300 + '{"x":1}' + "]" * 300 + "]}]"
    small = shrinking(talk(*say(deep, kind="json")), any_value(said, lambda value: depth(value) >= 50))
    assert said(small) == ['[{"a":' + "[" * 48 + "null" + "]" * 48 + "}]"]
    assert shrinking.calls < 250


def test_nesting_that_cannot_be_parsed_shrinks_as_a_text(shrinking, talk, say, said):
    small = shrinking(talk(*say("[" * 5000)), any_text(said, lambda text: text.count("[") >= 900))
    assert said(small) == ["[" * 900]
    assert shrinking.calls < 60


def test_a_large_table_costs_no_more_than_a_few_halvings(shrinking, talk, say, said):
    rows = [{"id": number, "name": f"n{number}", "tags": ["a", "b"]} for number in range(500)]
    holds = any_value(
        said, lambda value: isinstance(value, list) and {"id": 377, "name": "n377"}.items() <= _row(value)
    )
    small = shrinking(talk(*say(json.dumps(rows), kind="json")), holds)
    assert said(small) == ['[{"id":377,"name":"n377"}]']
    assert shrinking.calls < 120


def _row(rows):
    return next((row.items() for row in rows if isinstance(row, dict) and row.get("id") == 377), {}.items())


def test_a_list_that_must_be_long_is_just_long_enough(shrinking, talk, say, said):
    holds = any_value(said, lambda value: isinstance(value, list) and len(value) > 100)
    small = shrinking(talk(*say(json.dumps(list(range(2000))), kind="json")), holds)
    assert said(small) == ["[" + ",".join(["null"] * 101) + "]"]
    assert shrinking.calls < 250


def test_json_whose_value_is_not_what_matters_is_shrunk_as_the_text_it_is(shrinking, talk, say, said):
    twice = '{"a": 1, "other": [1, 2], "a": 2}'
    small = shrinking(talk(*say(twice, kind="json")), any_text(said, lambda text: text.count('"a"') == 2))
    assert said(small) == ['"a""a"']


def test_json_cut_short_is_enough_where_it_need_not_be_json(shrinking, talk, say, said):
    small = shrinking(talk(*say('{"price": 3}')), any_text(said, lambda text: text.startswith("{")))
    assert said(small) == ["{"]


def test_a_scalar_is_a_value_too(shrinking, talk, say, said):
    small = shrinking(talk(*say('"some text"', kind="json")), any_value(said, lambda value: isinstance(value, str)))
    assert said(small) == ['""']


def test_json_that_is_sent_where_any_text_would_do_becomes_a_text(shrinking, talk, say):
    small = shrinking(talk(*say('{"a": 1}', kind="json")), lambda scenario: scenario.messages > 0)
    assert small.steps[1] == Send(0, "text", "")


# --- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "needed", "simplest"),
    [
        ("héllo wörld", lambda text: True, ""),
        ("héllo wörld", len, "a"),
        ("ab ab ab " * 30, lambda text: len(text) > 123, "a" * 124),
        ("é" * 100, lambda text: len(text.encode()) > 123, "a" * 124),
        ("é" * 100, lambda text: len(text) > 90, "a" * 91),
        ("x" * 65536, lambda text: len(text) >= 4097, "a" * 4097),
        ("9" + "7" * 39, lambda text: re.fullmatch(r"\d+(e\d+)?", text) and float(text) >= 1e28, "1e28"),
        ("1e308", lambda text: re.fullmatch(r"\d+(e\d+)?", text) and float(text) >= 1e28, "1e28"),
        ("9" * 6000, lambda text: text.isdigit() and len(text) > 4300, "0" * 4301),
        ("/nick " + "xyz " * 80, lambda text: text.startswith("/nick ") and len(text) > 140, "/nick " + "a" * 135),
        ("say hello world, 42 times", lambda text: "world" in text, "world"),
        ("x" * 300 + "!" + "y" * 300, lambda text: "!" in text, "!"),
        ("a 2024-05-06 b", lambda text: any(map(str.isdigit, text)), "0"),
        ("v12.57", lambda text: text[:1] == "v" and text[1:].replace(".", "", 1).isdigit(), "v0"),
        ("k17", lambda text: text.startswith("k1"), "k1"),
        ("k0", lambda text: text == "k0", "k0"),
        ("k57", lambda text: text[:1] == "k" and text[1:2].isdigit() and text.endswith("7"), "k7"),
    ],
)
def test_a_text_becomes_short_then_plain(shrinking, talk, say, said, sent, needed, simplest):
    small = shrinking(talk(*say(sent)), any_text(said, needed))
    assert said(small) == [simplest]
    assert shrinking.calls < 100


def test_what_a_symbol_stands_for_is_made_up_where_it_may_be_anything(shrinking, talk, say, said):
    small = shrinking(talk(*say("hello", "{{word:0}},")), any_text(said, lambda text: re.search(r"[0-9].*,$", text)))
    assert said(small) == ["0,"]
    kept = shrinking(talk(*say("id 7", "{{word:1}};")), any_text(said, lambda text: "{{word:1}}" in text))
    assert said(kept) == ["{{word:1}}"]
    latest = shrinking(
        talk(*say('{"id": 7}', "{{reply:id~2}};")), any_text(said, lambda text: re.search("{{reply:id.*}}", text))
    )
    assert said(latest) == ["{{reply:id}}"]
    older = shrinking(talk(*say('{"id": 7}', "{{reply:id~2}};")), any_text(said, lambda text: "{{reply:id~2}}" in text))
    assert said(older) == ["{{reply:id~2}}"]


@pytest.mark.parametrize(
    ("sent", "needed", "simplest"),
    [
        (b"\x89PNG\r\n", lambda data: True, b""),
        (b"\x89PNG\r\n", len, b"\x00"),
        (b"\x89PNG\r\n" * 9, lambda data: len(data) > 16, bytes(17)),
        (b"\x07\x10payload", lambda data: data[:1] == b"\x07", b"\x07"),
        (b"\x01\xffpayload", lambda data: len(data) > 3 and data[1] > 100, b"\x00\x65\x00\x00"),
        (b"\x81\xff\xfe\xfd\xfc", lambda data: len(data) == 5 and min(data) > 128, b"\x81\xff\xfe\xfd\xfc"),
        (b"", lambda data: True, b""),
        (b"\x00", len, b"\x00"),
        (bytes(9), lambda data: len(data) > 3, bytes(4)),
    ],
)
def test_bytes_become_few_then_zero(shrinking, talk, said, sent, needed, simplest):
    def fails(scenario):
        return any(isinstance(data, bytes) and needed(data) for data in said(scenario))

    assert said(shrinking(talk(Send(0, "bytes", sent)), fails)) == [simplest]
    assert shrinking.calls < 60


# --- what occurs more than once --------------------------------------------------------------------------------------


def test_a_name_that_two_clients_share_is_simplified_in_both(shrinking, talk, said):
    def fails(scenario):
        names = [value.get("name") for value in values(scenario, said) if isinstance(value, dict)]
        return any(name and isinstance(name, str) and names.count(name) > 1 for name in names)

    first = Send(0, "json", '{"type": "join", "name": "Grüße, Bob"}')
    second = Send(1, "json", '{"name": "Grüße, Bob", "again": true}')
    small = shrinking(talk(first, second, clients=2), fails)
    assert said(small) == ['{"name":"a"}', '{"name":"a"}']
    assert len(small.clients) == 1
    assert shrinking.calls < 60


def test_a_number_that_two_messages_share_is_simplified_in_both(shrinking, talk, say, said):
    def fails(scenario):
        found = values(scenario, said)
        return len(found) == 2 and type(found[0]) is int and found[0] > 1 and found[0] == found[1]

    small = shrinking(talk(*say("8812", "8812", kind="json")), fails)
    assert said(small) == ["2", "2"]


def test_a_word_that_two_texts_share_is_simplified_in_both(shrinking, talk, say, said):
    def fails(scenario):
        words = [data.split(" ") for data in said(scenario)]
        return len(words) == 2 and [len(one) for one in words] == [2, 2] and words[0][1] == words[1][1] != ""

    small = shrinking(talk(*say("JOIN lobby", "LEAVE lobby")), fails)
    assert said(small) == [" a", " a"]


def test_bytes_that_are_sent_twice_are_simplified_in_both(shrinking, talk, said):
    def fails(scenario):
        sent = said(scenario)
        return len(sent) == 2 and sent[0] == sent[1] and len(sent[0]) > 2 and isinstance(sent[0], bytes)

    small = shrinking(talk(Send(0, "bytes", b"hello"), Send(0, "bytes", b"hello")), fails)
    assert said(small) == [bytes(3), bytes(3)]


def test_a_long_message_that_is_sent_twice_is_simplified_in_both(shrinking, talk, say, said):
    def fails(scenario):
        sent = said(scenario)
        return len(sent) == 3 and sent[0] == sent[1] and len(sent[0]) > 4999

    small = shrinking(talk(*say("xy" * 4000, "xy" * 4000, "zz" * 3000)), fails)
    assert said(small) == ["a" * 5000, "a" * 5000, ""]


def test_a_text_is_not_taken_for_the_number_that_it_spells(shrinking, talk, say, said):
    def fails(scenario):
        found = values(scenario, said)
        return len(found) == 3 and found[0] == "7" and found[1] == 7 and found[2] == ["7", True]

    small = shrinking(talk(*say('"7"', "7", '["7", true]', kind="json")), fails)
    assert said(small) == ['"7"', "7", '["7",true]']


def test_what_cannot_be_written_is_no_candidate():
    # More digits than Python turns into text.
    assert written(10**5000) is None
    assert written({"a": 1.5e300}) == '{"a":1.5e300}'
