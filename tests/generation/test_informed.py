"""Messages say what a handler understands, mostly; and a protocol of several steps is met by luck."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import random
from collections.abc import Iterable
from typing import Literal, TypedDict

import msgspec
import pydantic
import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from wsreplay.generation import Knowledge, Options, scenarios
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Shape
from wsreplay.generation.payloads import Payload
from wsreplay.generation.typed import Models
from wsreplay.model import Endpoint, Route, Send, Wait


def said(knowledge: Knowledge, count: int = 600) -> list[Payload]:
    """What many speakers say, three messages each."""
    numbers = random.Random(9)
    speakers = [Speaker(knowledge, Dice(numbers.randbytes(BLOCK_SIZE))) for _ in range(count // 3)]
    return [speaker.message() for speaker in speakers for _ in range(3)]


def documents(payloads: Iterable[Payload]) -> list[object]:
    found = []
    for kind, data in payloads:
        if kind == "json":
            try:
                found.append(json.loads(data))
            except ValueError:
                continue
    return found


JOIN = Shape(
    keys=(
        ("type", Shape(constants=("join", "leave"), required=True)),
        ("room", Shape(required=True)),
        ("note", Shape()),
    )
)


def test_what_was_heard_is_said_again_under_its_name() -> None:
    told = Knowledge(kinds=("json",), json=Shape(keys=(("room", Shape(required=True)), ("seat", Shape()))))
    said_again = 0
    for number in range(100):
        speaker = Speaker(told, Dice(random.Random(number).randbytes(BLOCK_SIZE)))
        for heard in ('{"room": "attic", "seat": 7, "users": ["x"]}', "hello", '{"room"', "[1]", b"{}", "{" * 5000):
            speaker.hear(heard)
        said_again += "attic" in str(speaker.message()[1])
    assert said_again > 20


def test_the_arguments_of_a_command_that_was_heard_are_said_again_at_their_places() -> None:
    words = (Shape(constants=("BID",)), Shape(uses=("str",)), Shape(uses=("int",)))
    told = Knowledge(kinds=("text",), text=Shape(words=words))
    names = numbers = 0
    for number in range(300):
        speaker = Speaker(told, Dice(random.Random(number).randbytes(BLOCK_SIZE)))
        speaker.hear("OPEN attic 1234567")
        parts = str(speaker.message()[1]).split(" ")
        names += parts[1:2] == ["attic"]
        numbers += parts[2:3] == ["1234567"]
    assert names > 90
    assert 20 < numbers < names, "of the same things, but not of as many"


def test_a_word_that_was_heard_in_one_place_is_said_in_another() -> None:
    told = Knowledge(kinds=("text",), text=Shape(words=(Shape(constants=("KICK",)), Shape(), Shape())))
    places = []
    for number in range(2000):
        speaker = Speaker(told, Dice(random.Random(number).randbytes(BLOCK_SIZE)))
        speaker.hear("JOIN lobby annabel")
        words = str(speaker.message()[1]).split(" ")
        places += [place for place, word in enumerate(words) if word == "annabel"]
    assert 40 < places.count(1) < places.count(2)


def test_a_command_whose_name_is_read_without_its_slash_mostly_has_one() -> None:
    words = (Shape(constants=("join", "quit")), Shape())
    bare = said(Knowledge(kinds=("text",), text=Shape(words=words, prefixes=("/",))))
    led = [str(data) for _, data in bare if str(data).split(" ")[0].strip("/") in ("join", "quit")]
    assert len([one for one in led if one.startswith("/")]) > len(led) / 2 > 50
    whole = (Shape(constants=("/join", "/quit")), Shape())
    full = [str(data) for _, data in said(Knowledge(kinds=("text",), text=Shape(words=whole, prefixes=("/",))))]
    assert len([one for one in full if one.startswith("//")]) < len(full) / 10


def test_what_is_a_list_with_one_command_and_a_text_with_another_is_both() -> None:
    needs = Shape(uses=("list", "str"), item=Shape(uses=("str",)))
    spoken = documents(said(Knowledge(kinds=("json",), json=Shape(keys=(("needs", needs),)))))
    kinds = [type(one.get("needs")) for one in spoken if isinstance(one, dict)]
    assert min(kinds.count(str), kinds.count(list)) > 50


def test_without_words_nothing_is_kept_of_a_text_that_was_heard() -> None:
    speaker = Speaker(Knowledge(kinds=("text",)), Dice(bytes(BLOCK_SIZE)))
    speaker.hear("OPEN attic 7")
    assert speaker._said == {}


def test_most_json_messages_are_well_formed_and_some_have_one_thing_wrong() -> None:
    found = [one for one in documents(said(Knowledge(kinds=("json",), json=JOIN))) if isinstance(one, dict)]
    whole = [one for one in found if one.get("type") in ("join", "leave") and isinstance(one.get("room"), str)]
    assert 0.5 < len(whole) / len(found) < 0.95
    assert {one["type"] for one in whole} == {"join", "leave"}
    assert any("note" in one for one in whole)
    assert any("note" not in one for one in whole)
    assert any("type" in one and "room" not in one for one in found)
    assert any(one.get("type") == "unknown" for one in found)
    assert any("type" in one and one.get("room") is None for one in found)


def test_what_was_said_is_said_again() -> None:
    knowledge = Knowledge(kinds=("json",), json=Shape(keys=(("name", Shape(required=True)),)))
    numbers = random.Random(9)
    again = 0
    for _ in range(100):
        speaker = Speaker(knowledge, Dice(numbers.randbytes(BLOCK_SIZE)))
        names = [
            json.dumps(one.get("name"))
            for one in documents([speaker.message(), speaker.message()])
            if type(one) is dict
        ]
        again += len(names) == 2 and names[0] == names[1]
    assert again > 20


def values(shape: Shape, name: str = "value") -> list[object]:
    found = documents(said(Knowledge(kinds=("json",), json=Shape(keys=((name, shape),)))))
    return [one[name] for one in found if isinstance(one, dict) and name in one]


@pytest.mark.parametrize(
    ("shape", "name", "kind"),
    [
        (Shape(uses=("int",)), "value", int),
        (Shape(uses=("float",)), "value", float),
        (Shape(uses=("bool",)), "value", bool),
        (Shape(uses=("list",)), "value", list),
        (Shape(uses=("dict",)), "value", dict),
        (Shape(uses=("str",)), "value", str),
        (Shape(uses=("uuid",)), "value", str),
        (Shape(uses=("datetime",)), "value", str),
        (Shape(), "max_count", int),
        (Shape(), "is_open", bool),
        (Shape(), "tags", list),
        (Shape(), "discount", str),
        (Shape(item=Shape(uses=("int",))), "value", list),
        (Shape(keys=(("inner", Shape()),)), "value", dict),
    ],
)
def test_values_have_the_type_that_their_use_or_else_their_name_suggests(shape, name, kind) -> None:
    found = values(shape, name)
    assert sum(type(value) is kind for value in found) > len(found) * 0.4
    assert any(type(value) is not kind for value in found)


def test_numbers_and_lengths_are_met_exactly_and_missed_by_one() -> None:
    assert {41, 42, 43} <= {value for value in values(Shape(numbers=(42,))) if type(value) is int}
    assert {19, 20, 21} <= {len(value) for value in values(Shape(lengths=(20,))) if type(value) is str}


def test_commands_are_said_with_prefixes_words_and_separators() -> None:
    shape = Shape(
        constants=("quit",),
        prefixes=("/nick ",),
        words=(Shape(constants=("SET", "GET")), Shape(uses=("int",))),
        separator=":",
    )
    texts = [data for kind, data in said(Knowledge(kinds=("text",), text=shape)) if kind == "text"]
    assert "quit" in texts
    assert "/nick " in texts
    assert any(text.startswith("/nick ") and len(text) > 6 for text in texts)
    assert any(text.startswith("SET:") and text[4:].isdigit() for text in texts)
    assert any(text in ("SET", "GET") for text in texts)
    assert any(text.count(":") == 2 for text in texts)


def test_some_commands_have_fewer_arguments_than_the_longest() -> None:
    shape = Shape(words=(Shape(constants=("SET", "GET", "LEN")), Shape(), Shape(uses=("int",))), separator=":")
    texts = [data for kind, data in said(Knowledge(kinds=("text",), text=shape)) if kind == "text"]
    counts = [text.count(":") for text in texts if text.startswith(("SET", "GET", "LEN"))]
    assert min(counts.count(number) for number in (0, 1, 2)) > len(counts) / 12


def test_what_is_known_of_one_part_of_a_list_holds_for_each() -> None:
    shape = Shape(words=(Shape(), Shape(uses=("int",))), separator="|")
    texts = [data for kind, data in said(Knowledge(kinds=("text",), text=shape)) if kind == "text"]
    lists = [text.split("|") for text in texts]
    for length in (1, 2, 3):
        assert any(len(parts) == length and all(part.isdigit() for part in parts) for parts in lists)


def test_texts_without_commands_are_plausible_values() -> None:
    texts = [data for kind, data in said(Knowledge(kinds=("text",), text=Shape(uses=("int",)))) if kind == "text"]
    assert sum(str(text).lstrip("-").isdigit() for text in texts) > len(texts) / 2


def test_text_is_always_what_utf8_can_carry() -> None:
    shape = Shape(words=(Shape(), Shape(constants=("\ud800",))))
    texts = [data for _, data in said(Knowledge(kinds=("text",), text=shape), 3000) if isinstance(data, str)]
    assert len(texts) > 1000
    for text in texts:
        text.encode()


def test_handlers_of_bytes_get_bytes_and_json_in_them_where_they_read_it() -> None:
    plain = said(Knowledge(kinds=("bytes",)))
    assert sum(kind == "bytes" for kind, _ in plain) > len(plain) * 0.9
    packed = said(Knowledge(kinds=("bytes",), json=JOIN, json_in_bytes=True))
    assert sum(b'"room"' in data for kind, data in packed if kind == "bytes") > len(packed) * 0.4


def test_a_handler_of_several_kinds_gets_all_of_them() -> None:
    found = said(Knowledge(kinds=("text", "json")))
    assert sum(kind == "text" for kind, _ in found) > len(found) / 4
    assert sum(kind == "json" for kind, _ in found) > len(found) / 4


# --- models ---


class Pydantic(pydantic.BaseModel):
    action: Literal["buy"]
    quantity: int = pydantic.Field(ge=1, le=5)


class Struct(msgspec.Struct):
    count: int


@dataclasses.dataclass
class Data:
    number: int


class Refusing(pydantic.BaseModel):
    number: int

    @pydantic.model_validator(mode="after")
    def refuse(self):
        raise RuntimeError("never valid")


class Unbuildable:
    def __init__(self, *, needed) -> None:
        self.needed = needed


def texts_of(models: Models, count: int = 30) -> list[str | None]:
    found: list[str | None] = []

    @seed(1)
    @settings(database=None, phases=[Phase.generate], deadline=None, max_examples=count)
    @given(st.data())
    def collect(data: st.DataObject) -> None:
        found.append(models.text(Dice(bytes(BLOCK_SIZE)), data.draw))

    collect()
    return found


def test_values_of_models_keep_their_constraints() -> None:
    for text in texts_of(Models((Pydantic,))):
        Pydantic.model_validate_json(str(text))
    for text in texts_of(Models((Struct,))):
        msgspec.json.decode(str(text), type=Struct)
    assert all(isinstance(json.loads(str(text))["number"], int) for text in texts_of(Models((Data,))))


class Typed(TypedDict):
    word: str


def test_a_typed_dict_is_written_as_it_is() -> None:
    assert all(isinstance(json.loads(str(text))["word"], str) for text in texts_of(Models((Typed,))))


def test_a_draw_that_hypothesis_gives_up_is_given_up() -> None:
    def draw(strategy: object) -> object:
        raise UnsatisfiedAssumption

    with pytest.raises(UnsatisfiedAssumption):
        Models((Data,)).text(Dice(bytes(BLOCK_SIZE)), draw)


async def sleeps(ws):
    await ws.receive_text()
    await asyncio.sleep(1234)


def test_the_waits_of_a_handler_are_waited_for() -> None:
    found: list[float] = []

    @seed(2)
    @settings(database=None, phases=[Phase.generate], deadline=None, max_examples=200)
    @given(scenarios(Endpoint(Route("/ws"), sleeps), Options()))
    def collect(scenario) -> None:
        found.extend(step.seconds for step in scenario.steps if isinstance(step, Wait))

    collect()
    assert 0.2 < found.count(1234.0) / len(found) < 0.8


def test_a_model_that_cannot_be_built_is_left_out() -> None:
    assert set(texts_of(Models((Refusing,)))) == {None}
    assert not Models((Unbuildable,))
    assert Models((Unbuildable, Data))


async def takes_models(ws):
    Pydantic(**await ws.receive_json())


async def takes_models_in_bytes(ws):
    msgspec.json.decode(await ws.receive_bytes(), type=Struct)


async def takes_a_refusing_model(ws):
    Refusing(**await ws.receive_json())


def sent(handler: object, count: int = 300) -> list[Send]:
    found: list[Send] = []

    @seed(2)
    @settings(database=None, phases=[Phase.generate], deadline=None, max_examples=count)
    @given(scenarios(Endpoint(Route("/ws"), handler), Options()))
    def collect(scenario) -> None:
        found.extend(step for step in scenario.steps if isinstance(step, Send))

    collect()
    return found


def test_models_that_a_handler_names_give_a_share_of_its_messages() -> None:
    for handler, kind, model in ((takes_models, "json", Pydantic), (takes_models_in_bytes, "bytes", Struct)):
        valid = 0
        found = sent(handler)
        for step in found:
            try:
                document = json.loads(step.data)
                valid += step.kind == kind and bool(
                    msgspec.convert(document, model) if model is Struct else model(**document)
                )
            except Exception:
                continue
        assert valid > len(found) / 10
    assert sent(takes_a_refusing_model, 50)


# --- luck ---


async def shop(ws):
    step = "start"
    while True:
        data = await ws.receive_json()
        match data.get("type"), step:
            case "hello", "start":
                step = "known"
            case "open", "known":
                step = "open"
        if data["type"] == "add" and step == "open":
            step = "filled" if data["quantity"] > 12 else step
        elif data["type"] == "pay" and step == "filled":
            return


def _paid(messages: Iterable[object]) -> bool:
    wanted = ["hello", "open", "add", "pay"]
    for message in messages:
        if isinstance(message, dict) and message.get("type") == wanted[0]:
            quantity = message.get("quantity")
            if wanted[0] != "add" or (isinstance(quantity, int) and quantity > 12):
                wanted.pop(0)
                if not wanted:
                    return True
    return False


def test_a_protocol_of_four_steps_is_gone_through_within_hundreds_of_scenarios() -> None:
    found = []

    @seed(4)
    @settings(database=None, phases=[Phase.generate], deadline=None, max_examples=600)
    @given(scenarios(Endpoint(Route("/ws"), shop), Options(max_clients=1)))
    def collect(scenario) -> None:
        found.append(_paid(documents((step.kind, step.data) for step in scenario.steps if isinstance(step, Send))))

    collect()
    assert any(found)
