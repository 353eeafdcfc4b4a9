"""What handlers call under other names, or compare by other means: bound methods, tables of rows, `compare_digest`."""

from __future__ import annotations

import hmac
import json
import struct

import msgspec
import pydantic

from wsreplay.generation import Knowledge, knowledge
from wsreplay.model import Endpoint, Route

HEAD = struct.Struct("!IH")
SIZES = range(32, 257)
USERS = {"ann": "swordfish", "bob": "hunter2"}


class Start(msgspec.Struct, tag_field="do", tag="start"):
    name: str


class Stop(msgspec.Struct, tag_field="do", tag="stop"):
    code: int


class Move(pydantic.BaseModel):
    x: int
    y: int


class Turn(pydantic.BaseModel):
    angle: int


decode = msgspec.json.Decoder(Start | Stop).decode
validate = Move.model_validate
take = struct.Struct(">BI").unpack


async def decodes(ws):
    decode(await ws.receive_text())


async def validates(ws):
    validate(json.loads(await ws.receive_text()))


async def takes(ws):
    kind, number = take(await ws.receive_bytes())
    if kind == 5:
        await ws.send_text(str(number))


async def logs_in(ws):
    body = await ws.receive_json()
    expected = USERS.get(body.get("user"), "")
    if not hmac.compare_digest(expected.encode(), body["password"].encode()):
        return
    if hmac.compare_digest(body["code"], "1234"):
        expected.find("x")


class Turtle:
    def __init__(self):
        self.methods = {"move": (Move, self.move), "turn": (Turn, self.turn)}

    async def call(self, body):
        model, method = self.methods[body["method"]]
        return await method(model.model_validate(body["params"]))

    async def move(self, parameters):
        return parameters.x

    async def turn(self, parameters):
        return parameters.angle


async def turtles(ws):
    await Turtle().call(await ws.receive_json())


class Upload:
    def __init__(self, size):
        self.size = size

    def store(self, frame):
        place, length = HEAD.unpack_from(frame)
        return place == 7 and length


class Uploads:
    def __init__(self):
        self.upload = None

    def current(self):
        return self.upload

    def handle(self, body):
        if body["op"] == "begin" and body["size"] in SIZES and body["more"] not in range(0):
            self.upload = Upload(body["size"])
        elif body["op"] == "end":
            self.upload = None


async def uploads(ws):
    session = Uploads()
    while True:
        event = await ws.receive()
        if event.get("bytes") is not None:
            session.current().store(event["bytes"])
        else:
            session.handle(json.loads(event["text"]))


def read(handler) -> Knowledge:
    return knowledge(Endpoint(Route("/ws"), handler))


def test_a_method_under_a_name_of_its_own_is_the_method():
    assert read(decodes).models == (Start, Stop)
    assert read(validates).models == (Move,)
    found = read(takes)
    assert [layout.format for layout in found.layouts] == [">BI"]
    assert found.layouts[0].fields[0].constants == (5,)


def test_what_is_compared_in_constant_time_is_compared():
    keys = dict(read(logs_in).json.keys)
    assert keys["user"].constants == ("ann", "bob")
    assert keys["password"].constants == ("swordfish", "hunter2")
    assert keys["code"].constants == ("1234",)


def test_rows_of_models_and_methods_that_an_object_makes_for_itself():
    keys = dict(read(turtles).json.keys)
    assert keys["method"].constants == ("move", "turn")
    assert dict(keys["params"].calls) == {"move": ("x", "y"), "turn": ("angle",)}


def test_an_object_that_is_there_now_and_gone_then_has_its_methods():
    found = read(uploads)
    assert [layout.format for layout in found.layouts] == ["!IH"]
    assert found.layouts[0].fields[0].constants == (7,)


def test_what_is_looked_for_in_a_range_is_compared_with_its_ends():
    keys = dict(read(uploads).json.keys)
    assert keys["size"].numbers == (32, 256)
    assert keys["more"].numbers == ()
