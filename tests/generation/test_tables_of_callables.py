# ruff: noqa: B015, C416, F841, RUF012 - the handlers are read, not run.
"""Functions and classes that a message picks from a table, and is handed to: by its keys, or as it is."""

from __future__ import annotations

import inspect
import json
import operator
import random
from dataclasses import dataclass
from typing import Annotated

import annotated_types
import pydantic

from wsreplay.generation import Knowledge, knowledge
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Shape
from wsreplay.model import Endpoint, Route


def read(handler) -> Knowledge:
    return knowledge(Endpoint(Route("/ws"), handler))


def keys(shape: Shape) -> dict[str, Shape]:
    return dict(shape.keys)


def said(known: Knowledge, count: int = 400) -> list[dict[str, object]]:
    """The objects among so many messages."""
    numbers = random.Random(5)
    objects: list[dict[str, object]] = []
    for _ in range(count):
        data = Speaker(known, Dice(numbers.randbytes(BLOCK_SIZE))).message()[1]
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            continue
        objects += [document] if isinstance(document, dict) else []
    return objects


# --- functions that take keys ---


def exposed(function):
    function.exposed = True
    return function


class Wallet:
    def __init__(self):
        self.funds = {}

    @exposed
    def deposit(self, owner: str, cents: Annotated[int, annotated_types.Ge(5)]):
        return self.funds[owner] > cents

    @exposed
    def split(self, owner: str, *rest, ways: int = 2):
        return self.funds[owner] // ways

    def table(self):
        return {name: one for name, one in inspect.getmembers(self) if getattr(one, "exposed", False)}


async def remote(ws):
    methods = Wallet().table()
    request = await ws.receive_json()
    function = methods[request["method"]]
    bound = inspect.signature(function).bind(**request["params"])
    await ws.send_json(function(*bound.args, **bound.kwargs))


def test_what_is_bound_to_a_signature_is_what_the_function_takes() -> None:
    known = keys(read(remote).json)
    assert known["method"].constants == ("deposit", "split")
    params = known["params"]
    assert params.calls == (("deposit", ("owner", "cents")), ("split", ("owner", "ways")))
    assert keys(params)["cents"].uses == ("int",)
    assert keys(params)["cents"].numbers == (5,)
    assert keys(params)["ways"].uses == ("int",)
    assert "    with 'split': owner, ways" in read(remote).describe()


def test_a_command_is_mostly_said_with_its_own_keys() -> None:
    known = read(remote)
    calls = {"deposit": {"owner", "cents"}, "split": {"owner", "ways"}}
    pairs = [(json.dumps(one.get("method")), one.get("params")) for one in said(known)]
    whole = [
        set(params) <= takes
        for name, takes in calls.items()
        for method, params in pairs
        if method == json.dumps(name) and isinstance(params, dict)
    ]
    assert len(whole) > 100
    assert sum(whole) > 0.85 * len(whole)
    assert sum(not one for one in whole) > 0


def anything(**more):
    return more


async def by_star(ws):
    message = await ws.receive_json()
    name = message.pop("do")
    await {"ping": anything, "count": ignoring, "new": dict}[name](ws, **message, at=1)


def ignoring(ws: object, amount=0, at=0):
    return amount


def test_functions_that_take_any_key_say_nothing_of_others() -> None:
    json_ = read(by_star).json
    assert json_.calls == (("count", ("amount",)),)
    assert "with 'count': amount" in "".join(json_.describe("json"))


def ring():
    return "ring"


async def arguments_first(ws):
    message = await ws.receive_json()
    arguments = message["args"]
    await {"ring": ring, "move": lambda to: to}[message["do"]](**arguments)


def test_the_arguments_of_a_command_come_after_it() -> None:
    assert [name for name, _ in read(arguments_first).json.keys] == ["do", "args"]
    assert any("with 'ring': nothing" in line for line in read(arguments_first).describe())


# --- classes ---


@dataclass
class Rename:
    title: str
    to: str

    def apply(self, desk):
        return self.to.startswith("new:")


@dataclass
class Move:
    title: str
    place: int = 0

    def apply(self, desk):
        return self.place > 12


async def by_class(ws):
    message = await ws.receive_json()
    command = {"rename": Rename, "move": Move}[message.pop("kind")](**message)
    command.apply(None)


def test_classes_that_declare_their_fields_take_them_from_the_message() -> None:
    known = read(by_class)
    assert known.json.calls == (("rename", ("title", "to")), ("move", ("title", "place")))
    assert keys(known.json)["to"].prefixes == ("new:",)
    assert keys(known.json)["place"].numbers == (12,)
    # There is more in a message than their fields.
    assert known.models == ()


async def by_class_and_alone(ws):
    Move(**(await ws.receive_json()))
    await by_class(ws)


def test_a_class_that_is_a_message_elsewhere_stays_one() -> None:
    assert read(by_class_and_alone).models == (Move,)


class Message:
    kinds: dict[str, type[Message]] = {}

    def __init_subclass__(cls):
        Message.kinds[cls.__name__.lower()] = cls

    def __init__(self, body):
        self.body = body
        self.size = 3

    def text(self, key):
        return self.body.get(key)


class Join(Message):
    def apply(self):
        return self.text("nick") == "root"


class Vote(Message):
    def apply(self):
        return self.text("choice") == "yes" or self.body["weight"] > 9


async def registered(ws):
    data = await ws.receive_json()
    message = Message.kinds[data["type"]](data)
    message.apply()
    message.body.get("trace") == "on"


def test_each_class_of_a_registry_is_read_and_what_its_base_keeps_is_known() -> None:
    json_ = read(registered).json
    assert keys(json_)["type"].constants == ("join", "vote")
    assert keys(json_)["nick"].constants == ("root",)
    assert keys(json_)["choice"].constants == ("yes",)
    assert keys(json_)["weight"].numbers == (9,)
    assert keys(json_)["trace"].constants == ("on",)


class Named(pydantic.BaseModel):
    device: str = pydantic.Field(max_length=40)


class Reading(Named):
    value: float = 0


MODELS = {"flush": Named, "read": Reading, "none": dict}


async def by_model(ws):
    message = await ws.receive_json()
    request = MODELS[message["cmd"]].model_validate(message)
    request.device.startswith("d-")


async def by_model_of_text(ws):
    text = await ws.receive_text()
    MODELS[json.loads(text)["cmd"]].model_validate_json(text)


async def by_model_of_nothing(ws):
    message = await ws.receive_json()
    MODELS[message["cmd"]].model_validate(None)
    MODELS[message["cmd"]].model_validate()


def test_each_model_of_a_table_says_which_keys_its_command_has() -> None:
    for handler in (by_model, by_model_of_text):
        known = read(handler)
        assert known.kinds == ("json",)
        assert known.json.calls == (("flush", ("device",)), ("read", ("device", "value")))
        assert keys(known.json)["value"].uses == ("float",)
        assert keys(known.json)["device"].lengths == (40,)
    assert keys(read(by_model).json)["device"].prefixes == ("d-",)
    assert list(keys(read(by_model_of_nothing).json)) == ["cmd"]


class Broker:
    def publish(self, message):
        return message.get("body") == "hi"

    def ack(self, message):
        return message.get("seq") == 1


async def by_own_name(ws):
    broker = Broker()
    actions = {one.__name__: one for one in (broker.publish, broker.ack, ring)}
    message = await ws.receive_json()
    actions[message["type"]](message)
    others = {name: name for name in (message["a"], message["b"])}
    others = {name: left for name, left in ((1, 2), (3, 4))}


def test_a_table_that_is_made_of_functions_by_their_names_is_known() -> None:
    json_ = read(by_own_name).json
    assert keys(json_)["type"].constants == ("publish", "ack", "ring")
    assert keys(json_)["body"].constants == ("hi",)
    assert keys(json_)["seq"].constants == (1,)


# --- what the standard library takes ---

PARTS = operator.itemgetter("topic", "body")
NUMBER = operator.itemgetter("number")


async def taken(ws):
    message = await ws.receive_json()
    topic, body = PARTS(message)
    topic == "news"
    json.loads(body)["since"] > 4
    NUMBER(message) > 7


def test_what_an_itemgetter_takes_is_known() -> None:
    json_ = read(taken).json
    assert keys(json_)["topic"].constants == ("news",)
    assert keys(json_)["number"].numbers == (7,)
    assert keys(json_)["number"].required
    coded = keys(json_)["body"].coded
    assert coded is not None
    assert keys(coded[1])["since"].numbers == (4,)


# --- tables of what keys there are ---

FIELDS = {"at": int, "text": str, "mark": (bool, type(None))}
BY_COMMAND = {"insert": {"at": int, "word": str}, "delete": {"count": int}}
ARGUMENTS = {"insert": ("at", "text"), "delete": ("at", "count"), "undo": ()}
NO_SCHEMA = {"at": 1}


async def schema_in_a_loop(ws):
    message = await ws.receive_json()
    for name, kind in FIELDS.items():
        if not isinstance(message.get(name), kind):
            await ws.close()


async def schema_in_an_expression(ws):
    message = await ws.receive_json()
    await ws.send_json(any(not isinstance(message[name], kind) for name, kind in FIELDS.items()))


async def schema_of_a_command(ws):
    message = await ws.receive_json()
    for name, kind in BY_COMMAND[message["op"]].items():
        if type(message[name]) is not kind:
            await ws.close()


async def arguments_of_a_command(ws):
    message = await ws.receive_json()
    await ws.send_json([message[name] for name in ARGUMENTS[message["op"]]])


async def no_schema(ws):
    message = await ws.receive_json()
    for name, limit in NO_SCHEMA.items():
        message[name] > limit
    message.get("last")


def test_a_table_of_names_and_types_tells_the_keys() -> None:
    for handler in (schema_in_a_loop, schema_in_an_expression):
        known = keys(read(handler).json)
        assert {name: shape.uses for name, shape in known.items()} == {
            "at": ("int",),
            "text": ("str",),
            "mark": ("bool",),
        }


def test_what_a_table_has_for_each_command_is_known_for_all() -> None:
    known = keys(read(schema_of_a_command).json)
    assert {name: shape.uses for name, shape in known.items()} == {
        "op": (),
        "at": ("int",),
        "word": ("str",),
        "count": ("int",),
    }
    assert list(keys(read(arguments_of_a_command).json)) == ["op", "at", "text", "count"]
    assert list(keys(read(no_schema).json)) == ["last"]
