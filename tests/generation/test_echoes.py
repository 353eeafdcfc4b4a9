from __future__ import annotations

import json
import random

from wsreplay.generation import Knowledge
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.echoes import Echoes, names_a_thing, older
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Shape

NUMBERS = random.Random(3)


def heard(*replies: str) -> Echoes:
    echoes = Echoes()
    for reply in replies:
        echoes.hear(reply)
    return echoes


def said(shape: Shape, echoes: Echoes, kind: str = "json", count: int = 400) -> list[str]:
    knowledge = Knowledge(kinds=(kind,), **{kind: shape})
    speakers = [Speaker(knowledge, Dice(NUMBERS.randbytes(BLOCK_SIZE)), echoes) for _ in range(count)]
    return [str(speaker.message()[1]) for speaker in speakers]


def test_names_of_strings_and_whole_numbers_are_heard_the_outer_first() -> None:
    reply = {
        "kind": "made",
        "order": {"id": 7, "open": True, "rate": 0.5, "": "x", "a{b": 1, "empty": ""},
        "list": [{"n": 1}],
    }
    echoes = heard(json.dumps(reply), json.dumps(reply))
    assert echoes.names == ["kind", "id", "n"]
    assert echoes.numbers == ["id", "n"]


def test_words_with_digits_are_heard_at_their_places() -> None:
    assert heard("ticket 12 of 9", "no digits here").words == [1, 3]


def test_names_in_a_text_are_heard_where_what_they_stand_for_has_digits() -> None:
    echoes = heard("MESSAGE\nsubscription:a\nmessage-id:m-1\n\nat 12:30\0", "ok id=7; message-id=m-2")
    assert echoes.names == ["message-id", "id"]
    assert heard(*(f"key{number}:1" for number in range(200))).names == [f"key{number}" for number in range(60)]


def test_what_is_no_json_or_too_much_of_it_is_not_heard() -> None:
    assert not heard('{"broken', "[" * 100_000)
    many = heard(json.dumps({f"key{number}": number for number in range(200)}))
    assert len(many.names) == 60
    assert not heard(json.dumps([[{}] * 20] * 200))
    assert not heard(json.dumps([[[[{}] * 20] * 20] * 20] * 20))


def test_names_are_close_when_one_is_in_the_other() -> None:
    echoes = heard('{"order_id": 1, "token": "x", "name": "y", "-": 1}')
    assert echoes.close_to("token") == ("token",)
    assert echoes.close_to("order") == ("order_id",)
    assert echoes.close_to("accessToken") == ("token",)
    assert echoes.close_to("colour") == ()
    assert echoes.close_to("_") == ()
    echoes.hear('{"colour": "red"}')
    assert echoes.close_to("colour") == ("colour",)


def test_some_names_hold_what_a_thing_is_called_by() -> None:
    assert all(map(names_a_thing, ["id", "order_ref", "userId", "session-token"]))
    assert not any(map(names_a_thing, ["colour", "identity"]))


def test_a_value_is_said_back_mostly_under_its_name_and_never_in_the_place_of_a_constant() -> None:
    shape = Shape(
        keys=(
            ("pot", Shape(required=True)),
            ("kind", Shape(constants=("a", "b"), required=True)),
            ("id", Shape(required=True)),
            ("count", Shape(uses=("int",), required=True)),
        )
    )
    messages = said(shape, heard('{"pot": "p-1", "kind": "x", "seen": 4}'))
    assert sum('"pot": "{{reply:pot}}"' in one for one in messages) > 120
    assert not any('"kind": "{{' in one for one in messages)
    assert any('"id": "{{reply:' in one for one in messages)
    assert any('"count": "{{reply:seen}}"' in one for one in messages)


def test_words_are_said_back_in_texts() -> None:
    shape = Shape(words=(Shape(constants=("DEL",)), Shape()), separator=" ")
    assert any(one.startswith("DEL {{word:1}}") for one in said(shape, heard("post 12"), "text"))


def test_handshakes_say_nothing_back() -> None:
    echoes = heard('{"token": "x"}')
    answers = [
        Speaker(Knowledge(), Dice(NUMBERS.randbytes(BLOCK_SIZE)), echoes).answer("token", Shape()) for _ in range(300)
    ]
    assert not any("{{reply" in answer for answer in answers)


def test_what_was_handed_out_is_rather_said_again_than_what_was_made_up_before() -> None:
    shape = Shape(keys=(("first", Shape()), ("ticket", Shape(required=True))))
    numbers = random.Random(3)
    again: list[str] = []
    for _ in range(300):
        speaker = Speaker(
            Knowledge(kinds=("json",), json=shape), Dice(numbers.randbytes(BLOCK_SIZE)), heard('{"ticket": "t-1"}')
        )
        speaker.behave()
        speaker.hear('{"ticket": "made up"}')
        data = speaker.message()[1]
        again += [data] if isinstance(data, str) and '"ticket": ' in data else []
    handed_out = sum("{{reply:ticket}}" in one for one in again)
    assert handed_out > 0.4 * len(again) > 50
    assert sum('"made up"' in one for one in again) < 0.3 * len(again)


def parsed(text: str) -> dict[str, object]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def test_what_is_said_again_has_other_letters_now_and_then() -> None:
    texts = said(Shape(keys=(("from", Shape(uses=("str",))), ("to", Shape(uses=("str",))))), Echoes(), count=3000)
    objects = [one for one in map(parsed, texts) if {"from", "to"} <= one.keys()]
    pairs = [(one["from"], one["to"]) for one in objects]
    same = [(one, other) for one, other in pairs if isinstance(one, str) and isinstance(other, str) and one == other]
    alike = [
        (one, other)
        for one, other in pairs
        if isinstance(one, str)
        and isinstance(other, str)
        and one != other
        and one.strip().lower() == other.strip().lower()
    ]
    assert 10 < len(alike) < len(same) / 2


def test_what_nobody_makes_up_is_said_back_under_any_name() -> None:
    echoes = heard('{"title": "Track 10", "at": "2026-01-01T00:00:00", "more": "9fK2_x41c-0", "count": 12345678}')
    assert echoes.tokens == ["more"]
    assert not heard(*(json.dumps({f"key{number}": "a1b2c3d4e5"}) for number in range(200))).tokens[60:]
    for name, least in (("cursor", 60), ("comment", 10)):
        messages = said(Shape(keys=((name, Shape(uses=("str",))),)), echoes)
        assert sum("{{reply:more}}" in message for message in messages) > least
    assert not any(
        "{{reply:more}}" in one for one in said(Shape(keys=(("cursor", Shape(uses=("int",))),)), heard("{}"))
    )


def test_what_clients_have_said_under_a_name_is_not_handed_out_under_it() -> None:
    echoes = Echoes()
    echoes.hear('{"ref": 5, "job": "j1"}', '{"ref":5, "title": "x"}')
    assert echoes.names == ["job"]
    echoes.hear('{"ref": 6}', '{"ref": 5}{"ref": 60, "job": 6}')
    assert echoes.names == ["job", "ref"]


def test_of_things_that_are_handed_out_an_older_one_is_said_too() -> None:
    told = said(Shape(keys=(("job", Shape(uses=("str",))), ("needs", Shape(uses=("str",))))), heard('{"job": "j1"}'))
    assert any("{{reply:job~1}}" in one and "{{reply:job}}" in one for one in told)


def test_only_a_symbol_of_a_reply_has_an_older_one() -> None:
    assert older('"{{reply:job}}"', 2) == '"{{reply:job~2}}"'
    assert [older(one, 1) for one in ('"{{reply:job~1}}"', '"{{word:2}}"')] == ['"{{reply:job~1}}"', '"{{word:2}}"']
