"""Messages that are one of several models, told apart by one of their fields."""

from __future__ import annotations

import dataclasses
import enum
import json
import random
from typing import Annotated, Literal

import msgspec
import pydantic
import pytest

from wsreplay.generation import Knowledge, knowledge
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.informed import Speaker
from wsreplay.model import Endpoint, Route


class Do(enum.Enum):
    SELL = "sell"


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")


class Buy(Strict):
    sku: str
    action: Literal["buy"]
    quantity: int = pydantic.Field(gt=0, alias="qty")


class Sell(Strict):
    tags: list[str] = []
    action: Literal[Do.SELL]


class Idle(Strict):
    action: Literal["rest", "wait"]


class Observe(msgspec.Struct, tag_field="msg", tag="observe"):
    sensor: str


class Curve(msgspec.Struct, tag_field="msg", tag="curve"):
    points: list[int]


@dataclasses.dataclass
class Plain:
    name: str


ADAPTER = pydantic.TypeAdapter(Annotated[Buy | Sell | Annotated[Idle, "idle"], pydantic.Field(discriminator="action")])
STRUCTS = msgspec.json.Decoder(Observe | Curve)
ONE = pydantic.TypeAdapter(Buy | Plain | None)


async def orders(ws):
    ADAPTER.validate_python(await ws.receive_json())


async def sensors(ws):
    STRUCTS.decode(await ws.receive_text())


async def either(ws):
    ONE.validate_python(await ws.receive_json())


def read(handler) -> Knowledge:
    return knowledge(Endpoint(Route("/ws"), handler))


@pytest.mark.parametrize(
    ("handler", "calls"),
    [
        (
            orders,
            {
                "buy": ("sku", "action", "qty"),
                "sell": ("tags", "action"),
                "rest": ("action",),
                "wait": ("action",),
            },
        ),
        (sensors, {"observe": ("sensor",), "curve": ("points",)}),
        (either, {}),
    ],
)
def test_each_member_has_keys_of_its_own(handler, calls):
    assert dict(read(handler).json.calls) == calls


@pytest.mark.parametrize(("handler", "field"), [(orders, "action"), (sensors, "msg")])
def test_what_tells_them_apart_comes_first(handler, field):
    assert next(iter(dict(read(handler).json.keys))) == field


def test_many_messages_have_no_key_of_another_member():
    found, numbers = read(orders), random.Random(5)
    good = 0
    for _ in range(300):
        said = Speaker(found, Dice(numbers.randbytes(BLOCK_SIZE))).message()[1]
        try:
            good += ADAPTER.validate_python(json.loads(said)) is not None
        except (ValueError, TypeError):
            continue
    assert good > 60


class Account(pydantic.BaseModel):
    since: pydantic.AwareDatetime
    born: pydantic.PastDate
    home: pydantic.HttpUrl
    secret: pydantic.SecretStr
    size: pydantic.ByteSize


async def accounts(ws):
    Account.model_validate(await ws.receive_json())


def test_types_of_pydantic_are_known_by_what_they_are_made_of():
    keys = dict(read(accounts).json.keys)
    assert {name: shape.uses for name, shape in keys.items()} == {
        "since": ("datetime",),
        "born": ("date",),
        "home": ("str",),
        "secret": ("str",),
        "size": ("int",),
    }
    assert keys["home"].samples == ("https://example.org/",)
    assert keys["secret"].samples == ()


class Create(pydantic.BaseModel):
    op: Literal["create"]
    needs: list[str] = []


class Connect(pydantic.BaseModel):
    op: Literal["link", "unlink"]
    needs: str


class Count(pydantic.BaseModel):
    op: Literal["count"]
    at_least: int = 0


PLANS = pydantic.TypeAdapter(Create | Connect | Count)


async def plans(ws):
    PLANS.validate_python(await ws.receive_json())


def test_a_key_that_is_one_thing_with_one_command_and_another_with_another_is_said_so():
    found, numbers = read(plans), random.Random(5)
    needs, at_least = (dict(found.json.keys)[name] for name in ("needs", "at_least"))
    assert [(command, shape.uses) for command, shape in needs.variants] == [
        ("create", ("list",)),
        ("link", ("str",)),
        ("unlink", ("str",)),
    ]
    assert at_least.variants == ()
    fitting = 0
    for _ in range(300):
        try:
            message = json.loads(Speaker(found, Dice(numbers.randbytes(BLOCK_SIZE))).message()[1])
            fitting += isinstance(message["needs"], list if message["op"] == "create" else str)
        except (ValueError, TypeError, KeyError):
            continue
    assert fitting > 90
