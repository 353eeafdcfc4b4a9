# ruff: noqa: B015, B018, F841, FURB171, RUF059, UP007 - handlers that are only read need not make sense.
"""Values are followed through what real handlers do with them: helpers, objects, tables, loops, frames, handshakes."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import struct
from typing import Annotated, Literal, Union

import pydantic
from fastapi import Depends
from litestar.params import Parameter as LitestarParameter

from wsreplay.generation import Knowledge, knowledge
from wsreplay.generation.knowledge import Shape
from wsreplay.model import Endpoint, Parameter, Route


def read(
    handler: object, framework: str = "starlette", path: tuple[str, ...] = (), dependencies: tuple[object, ...] = ()
) -> Knowledge:
    parameters = tuple(Parameter(name) for name in path)
    return knowledge(Endpoint(Route("/ws", framework, parameters), handler, dependencies))


def keys(shape: Shape) -> dict[str, Shape]:
    return dict(shape.keys)


# --- assignments and helpers ---


async def put_aside(ws):
    while True:
        try:
            message = json.loads(await ws.receive_text())
        except ValueError:
            message = None
        if not isinstance(message, dict):
            message = {}
        message.get("kind") == "join"
        within(message.get("low"), 1, 5)
        within(message.get("high"), 100, 200)


def within(value, low, high):
    return low <= value <= high


def test_what_comes_from_a_client_outlives_a_constant_and_helpers_are_read_for_each_value() -> None:
    known = keys(read(put_aside).json)
    assert known["kind"].constants == ("join",)
    assert known["low"].numbers == (1, 5)
    assert known["high"].numbers == (100, 200)


@dataclasses.dataclass
class Form:
    step: int = 1
    income: int = 0


class Order(pydantic.BaseModel):
    sku: str
    day: datetime.date


class Desk:
    def __init__(self, name):
        self.name = name
        self.form = Form()


COUNTER = Desk("counter")


async def through_objects(ws):
    desk = Desk("a")
    answer = await ws.receive_json()
    desk.form.income = answer["income"]
    desk.name = answer["name"]
    desk.name = None
    form = Form(2, answer["amount"])
    order = Order(sku=answer["sku"], day=answer["day"])
    order.sku == "tea"
    form.income > 7
    check(desk)
    COUNTER.name = answer["counter"]
    COUNTER.name == "till"


def check(desk):
    desk.name == "bob"


def test_objects_hand_on_what_they_were_given() -> None:
    known = keys(read(through_objects).json)
    assert known["name"].constants == ("bob",)
    assert known["sku"].constants == ("tea",)
    assert known["day"].uses == ("date",)
    assert "till" in known["name"].constants + known["counter"].constants
    assert 7 in known["income"].numbers + known["amount"].numbers


# --- arrays ---


async def by_place(ws):
    message = await ws.receive_json()
    verb, *rest = message
    if verb == "move" and len(message) == 3:
        rest[0] < 10
        first, second = rest
        second == "up"
        rest[-1] == "last"
        message[-1] == "end"
        picked(rest)
        picked(message)
        some, *others = unknown()  # noqa: F821
    for one in rest:
        one == "each"
    rest[1:]


def picked(items):
    return items[0]


def test_items_of_an_array_are_known_each_at_its_place() -> None:
    found = read(by_place).json
    assert found.places[0].constants == ("move",)
    assert found.places[1].numbers == (10,)
    assert found.places[2].constants == ("up",)
    assert found.lengths == (3,)
    assert found.item is not None
    assert set(found.item.constants) == {"last", "each", "end"}


async def turn_by_turn(ws):
    job = await ws.receive_json()
    width, height = (job[key] for key in ("width", "height"))
    if any(type(n) is not int or not 0 <= n <= 500 for n in (width, height)):
        return
    for side in (width, height):
        side == 20
    labels = [type(n) in (str,) for n in (job["a"], job["b"])]
    first_of(job["words"].split(";"))
    first_of(ws.iter_json())
    words = [word.strip() for word in job["words"].split(";")]
    "sku" in words
    job["text"].split()[0] == "x"
    " ".join(job["said"].split())[:80]
    "-".join(job["list"])
    batch = [deal(one) for one in map(deal, job["batch"])]


def first_of(things):
    for thing in things:
        thing["first"]


def deal(one):
    return one["price"]


def test_loops_over_a_few_values_go_turn_by_turn() -> None:
    known = keys(read(turn_by_turn).json)
    for name in ("width", "height"):
        assert known[name].uses == ("int",)
        assert known[name].numbers == (0, 500)
        assert known[name].constants == (20,)
        assert known[name].required
    assert known["a"].uses == known["b"].uses == ("str",)
    assert known["words"].words[0].constants == ("sku",)
    assert known["words"].separator == ";"
    assert known["said"].lengths == (80,)
    assert known["batch"].item is not None
    assert "price" in keys(known["batch"].item)


# --- tables ---

USERS = {"ada": "lovelace", "alan": "turing"}
ROWS = "ABC"
SIZES = ("small", "large")


class State(enum.Enum):
    NEW = "new"
    OPEN = "open"


ALLOWED = {State.NEW: {"open"}, State.OPEN: {"close", "note"}}
NEXT = {(State.NEW, "begin"): State.OPEN, (State.OPEN, "end"): State.NEW}
ROOMS = {"hall": {"north": "cave"}, "cave": {"south": "hall"}}
EMPTY: dict[str, str] = {}


def begin(message):
    return message["begun"]


STAGES = {State.NEW: begin}


async def by_tables(ws, state):
    message = await ws.receive_json()
    USERS.get(message["user"]) != message["password"]
    message["seat"][0] in ROWS
    for size in SIZES:
        message["size"] == size
    message["verb"] not in ALLOWED[state]
    NEXT[state, message["step"]]
    ROOMS[state].get(message["way"])
    ROOMS[state][ws]
    STAGES[state](message)
    EMPTY[message["nothing"]]
    {"x": message["inner"]}["x"] == "deep"
    {"x": 1}[state]
    [1, 2][message["index"]]
    (1, 2)[state]


def test_tables_tell_what_may_be_sent() -> None:
    known = keys(read(by_tables).json)
    assert known["user"].constants == ("ada", "alan")
    assert known["password"].constants == ("lovelace", "turing")
    assert known["seat"].places[0].constants == ("A", "B", "C")
    assert known["size"].constants == SIZES
    assert set(known["verb"].constants) == {"open", "close", "note"}
    assert known["step"].constants == ("begin", "end")
    assert set(known["way"].constants) == {"north", "south"}
    assert "begun" in known
    assert known["inner"].constants == ("deep",)


class Case:
    def __init__(self):
        self.state = State.NEW
        self.room = "hall"
        self.owner = None

    def advance(self, message):
        message["verb"] in ALLOWED[self.state]
        ROOMS[self.room].get(message["way"])
        field = {State.NEW: "named", State.OPEN: "missing"}[self.state]
        getattr(self, field)(message["value"])
        self.state = State.OPEN
        self.state = State.NEW
        self.room = elsewhere()  # noqa: F821
        self.room = elsewhere()  # noqa: F821
        self.owner = message["owner"]
        self.owner = None
        getattr(elsewhere, "x")  # noqa: F821, B009

    def named(self, value):
        value == "chosen"


async def by_state(ws):
    case = Case()
    case.advance(await ws.receive_json())


def test_what_depends_on_a_state_is_known_for_all_states() -> None:
    known = keys(read(by_state).json)
    assert set(known["verb"].constants) == {"open", "close", "note"}
    assert set(known["way"].constants) == {"north", "south"}
    assert known["value"].constants == ("chosen",)


# --- texts ---


async def by_parts_of_texts(ws):
    text = await ws.receive_text()
    "magic" in text
    message = await ws.receive_json()
    "@" in message["mail"]
    "note" in message
    message["note"] is None


def test_what_a_text_is_searched_for_is_known() -> None:
    found = read(by_parts_of_texts)
    assert found.text.infixes == ("magic",)
    known = keys(found.json)
    assert known["mail"].infixes == ("@",)
    assert known["note"].constants == ()


# --- frames ---

HEADER = struct.Struct(">2sBH")


async def by_layout(ws):
    data = await ws.receive_bytes()
    magic, kind, length = HEADER.unpack_from(data)
    payload = data[HEADER.size :]
    if magic != b"VT" or kind not in (1, 2) or len(payload) != length:
        return
    size = int.from_bytes(data[0:2], "little")
    payload[:size]
    int.from_bytes(data[:4], byteorder="big") > 9
    int.from_bytes(payload, "big")
    int.from_bytes(data[0:3], "big")
    struct.unpack(">Zz", data)
    opcode = helper()
    opcode == 7
    opcode in (8, 9, "x")
    opcode == 4000


def helper():
    return unknown()  # noqa: F821


def test_the_fields_of_a_frame_are_known_one_by_one() -> None:
    found = read(by_layout)
    layouts = {layout.format: layout.fields for layout in found.layouts}
    magic, kind, length = layouts[">2sBH"]
    assert magic.chunks == (b"VT",)
    assert kind.constants == (1, 2)
    assert length.measures
    assert layouts["<H"][0].measures
    assert layouts[">I"][0].numbers == (9,)
    assert found.codes == (7, 8, 9)


# --- handshakes ---


async def asks_falcon(req, ws, hall):
    if hall not in ("north", "south"):
        return
    req.get_param("role", default="viewer") == "operator"
    req.get_param_as_int("page")
    req.get_header("X-Key") == "k"
    req.get_cookie_values("theme")[0] == "dark"
    req.get_param(hall)


async def asks_scope(scope, receive, send):
    headers = dict(scope["headers"])
    headers.get(b"x-token") == b"t"
    scope["path_params"]["room"] == "lobby"
    for name in scope["subprotocols"]:
        name == "v1"
    chosen = pick(scope.get("subprotocols", []))
    await send({"type": "websocket.accept", "subprotocol": chosen})


def pick(offered):
    for version in ("v3", "v2"):
        if version in offered:
            return version
    return None


async def asks_quart(websocket):
    websocket.args.get("since") == "1"
    websocket.requested_subprotocols
    websocket.path_params["x"]


def provide(firmware: Annotated[str | None, LitestarParameter(header="X-Firmware")], theme=None):
    firmware == "beta"
    return firmware


async def asks_litestar(socket, crumb: Annotated[str, LitestarParameter(cookie="crumb")]):
    crumb == "c"


def current(page: int = 1) -> str:
    return "x"


async def asks_fastapi(ws, name: Annotated[str, Depends(current)], size: Annotated[int, Depends(len)], room: str):
    room == "lobby"
    room > 3


def test_all_that_is_asked_of_a_handshake_is_known() -> None:
    falcon = read(asks_falcon, "falcon", ("hall",))
    assert {asked.name: asked.shape.constants for asked in falcon.query} == {"role": ("operator",), "page": ()}
    assert falcon.headers[0].shape.constants == ("k",)
    assert falcon.cookies[0].shape.constants == ("dark",)
    assert falcon.path[0].shape.constants == ("north", "south")
    bare = read(asks_scope, "asgi")
    assert bare.headers[0].name == "x-token"
    assert bare.path[0].shape.constants == ("lobby",)
    assert set(bare.subprotocols) == {"v1", "v2", "v3"}
    quart = read(asks_quart, "quart")
    assert quart.query[0].shape.constants == ("1",)
    litestar = read(asks_litestar, "litestar", dependencies=(provide, len))
    assert {asked.name: asked.shape.constants for asked in litestar.headers} == {"X-Firmware": ("beta",)}
    assert litestar.cookies[0].shape.constants == ("c",)
    fastapi = read(asks_fastapi, "fastapi", ("room",))
    assert [asked.name for asked in fastapi.query] == ["page"]
    assert fastapi.path[0].shape.constants == ("lobby",)
    assert any("path room" in line for line in fastapi.describe())


# --- models ---


class Create(pydantic.BaseModel):
    event: Literal["create"]


class Close(pydantic.BaseModel):
    event: Literal["close"]
    day: datetime.date


class Message(pydantic.RootModel[Union[Create, Close]]):
    pass


async def by_root_model(ws):
    Message.model_validate_json(await ws.receive_text())


def test_a_root_model_is_what_it_is_made_of() -> None:
    known = keys(read(by_root_model).json)
    assert known["event"].constants == ("create", "close")
    assert "root" not in known
    assert known["day"].uses == ("date",)


# --- sums, digits, and objects that a table will hold ---


async def computes(ws):
    message = json.loads(await ws.receive_text())
    len(message["text"]) > 64 * 1024 - 1
    message["number"] < 1 << 20
    message["far"] >= 2**63
    message["vast"] == 2**100000
    message["mixed"] == 3 * "a"
    message["half"] > 7 / 2
    sum(int(digit) for digit in str(message["digits"]))


def test_limits_that_are_written_as_sums_are_computed() -> None:
    known = keys(read(computes).json)
    assert known["text"].lengths == (65535,)
    assert known["number"].numbers == (1 << 20,)
    assert known["far"].numbers == (2**63,)
    assert known["vast"].numbers == known["mixed"].numbers == known["half"].numbers == ()
    assert known["digits"].item is None


HEROES: dict[str, Hero] = {}
ROOMS = {"hall": {"north": "cave"}, "cave": {"south": "hall"}}


class Hero:
    def __init__(self):
        self.room = "hall"

    def walk(self, direction):
        self.room = ROOMS[self.room].get(direction, self.room)


class Player:
    def __init__(self):
        self.hero = None

    def on_hello(self, message):
        self.hero = HEROES["new"] = Hero()

    def on_resume(self, message):
        self.hero = HEROES.get(message.get("token"))

    def on_walk(self, message):
        self.hero.walk(message.get("direction"))


async def plays(ws):
    player = Player()
    while True:
        message = await ws.receive_json()
        if message["on"] in ("hello", "resume", "walk"):
            getattr(player, "on_" + message["on"])(message)


def test_an_object_is_known_though_another_comes_from_a_table_that_is_empty_yet() -> None:
    known = keys(read(plays).json)
    assert known["direction"].constants == ("north", "south")
    assert "token" in known
