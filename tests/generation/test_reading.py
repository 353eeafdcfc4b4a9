# ruff: noqa: B015, B018, F841, FURB171, PLE0643, RET503, RUF059 - handlers that are only read need not make sense.
"""What a handler's source shows is found, in the ways in which handlers are really written."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import functools
import json
import linecache
import typing
from typing import Annotated, Literal
from urllib.parse import parse_qs

import msgspec
import pydantic
import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer
from fastapi import Depends, Header, Query, WebSocket
from litestar.handlers import WebsocketListener
from starlette.endpoints import WebSocketEndpoint

from wsreplay.generation import Knowledge, knowledge
from wsreplay.generation.knowledge import Shape
from wsreplay.model import Endpoint, Parameter, Route


def read(handler: object, framework: str = "starlette", path: str = "/ws") -> Knowledge:
    return knowledge(Endpoint(Route(path, framework, (Parameter("room"),)), handler))


def keys(shape: Shape) -> dict[str, Shape]:
    return dict(shape.keys)


# --- which kinds ---


def test_no_handler_no_source_and_no_function_give_empty_knowledge() -> None:
    assert read(None) == Knowledge()
    assert read(print) == Knowledge()
    assert read(eval("lambda ws: ws.receive_json()")) == Knowledge()
    assert read(object()) == Knowledge()
    assert Knowledge().describe() == ()


async def takes_text(ws):
    await ws.receive_text()


async def takes_json(ws):
    async for _ in ws.iter_json():
        pass


async def takes_bytes(ws):
    await ws.receive_bytes()


async def takes_mode(ws):
    await ws.receive_data(mode="binary")
    async for data in ws.iter_data("text"):
        data == "x"


async def takes_anything(ws):
    message = await ws.receive_data()
    if message == "ping":
        pass


@pytest.mark.parametrize(
    ("handler", "kinds"),
    [
        (takes_text, ("text",)),
        (takes_json, ("json",)),
        (takes_bytes, ("bytes",)),
        (takes_mode, ("text", "bytes")),
        (takes_anything, ("text",)),
    ],
)
def test_how_it_receives_tells_which_kinds(handler, kinds) -> None:
    assert read(handler).kinds == kinds


# --- keys and constants ---


async def by_keys(ws):
    while True:
        data = await ws.receive_json()
        action = data["action"]
        if action == "join":
            name = data.get("name", "anon")
            if len(name) > 20:
                return
        elif action in ("leave", "part"):
            data.pop("force", None)
        elif "colour" in data:
            assert data["colour"] != "red"
        if 3 <= data["count"] < 10 or data["rate"] > -1.5:
            x = data["a"] / data["b"]
        int(data["number"])
        data["flag"] is True
        for item in data["items"]:
            item["sku"]
        first, second = data["pair"]
        first == "one"
        if isinstance(data["any"], (str, dict)):
            pass
        data["written"] = 1
        del data["deleted"]


def test_keys_and_what_their_values_are_compared_with() -> None:
    known = keys(read(by_keys).json)
    assert known["action"].constants == ("join", "leave", "part")
    assert known["action"].required
    assert not known["name"].required
    assert known["name"].lengths == (20,)
    assert not known["force"].required
    assert known["colour"].constants == ("red",)
    assert known["count"].numbers == (3, 10)
    assert known["rate"].numbers == (-1,)
    assert known["a"].uses == ("int",)
    assert known["number"].uses == ("int",)
    assert known["flag"].constants == (True,)
    assert keys(known["items"].item)["sku"].required
    assert known["pair"].places[0].constants == ("one",)
    assert known["any"].uses == ("str", "dict")
    assert "written" not in known
    assert "deleted" not in known


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


SIZES = {"small", "large"}
ROOMS = ["lobby", "den"]
PRICES = {"tea": 1, "coffee": 2}


async def by_collections(ws):
    data = json.loads(await ws.receive_text())
    colour = Colour(data["colour"])
    if data["size"] not in SIZES or data["room"] in ROOMS:
        return None
    PRICES[data["drink"]]
    data["nick"].strip().lower() == "admin"
    data["tone"] == Colour.RED
    [part["x"] for part in data["parts"] if part["y"] == 5]
    {part["key"]: part for part in data["pairs"]}
    kind = data["kind"] or "none"
    kind == "k"
    other = data["other"] if colour else None
    (copy := other) == "o"
    return copy


def test_enums_sets_lists_and_tables_give_their_members() -> None:
    found = read(by_collections)
    known = keys(found.json)
    assert found.kinds == ("json",)
    assert known["colour"].constants == ("red", "blue")
    assert known["size"].constants == ("large", "small")
    assert known["room"].constants == ("lobby", "den")
    assert known["drink"].constants == ("tea", "coffee")
    assert known["nick"].constants == ("admin",)
    assert known["tone"].constants == ("red",)
    assert keys(known["parts"].item)["y"].constants == (5,)
    assert "key" in keys(known["pairs"].item)
    assert known["kind"].constants == ("k",)
    assert known["other"].constants == ("o",)


async def by_match(ws):
    data = await ws.receive_json()
    match data:
        case {"cmd": "move", "dir": "up" | "down" as way, "steps": int(steps)} if steps > 9:
            return way
        case {"cmd": "quit"}:
            return None
        case [first, "second"]:
            return first
        case Order(sku="tea"):
            return None
        case str():
            return None
    match data["mode"]:
        case Colour.RED:
            return None
        case other:
            other == "other"
    match 5:
        case int():
            pass


def test_match_patterns_are_read() -> None:
    found = read(by_match)
    known = keys(found.json)
    assert known["cmd"].constants == ("move", "quit")
    assert known["dir"].constants == ("up", "down")
    assert known["steps"].uses == ("int",)
    assert known["steps"].numbers == (9,)
    assert known["sku"].constants == ("tea",)
    assert known["mode"].constants == ("red", "other")
    assert found.json.places[1].constants == ("second",)


# --- through the app's own functions ---


class Hub:
    """Keeps what an app keeps."""

    def __init__(self) -> None:
        self.rooms: dict[str, set[object]] = {}
        self.table = {"ping": self.on_ping}

    async def handle(self, ws, message: dict):
        kind = message.get("type")
        method = getattr(self, f"on_{kind}", None)
        if method:
            await method(message)
        getattr(self, "do_" + message["verb"])(message)
        self.table
        await self.table[message["quick"]](message)

    async def on_ping(self, message):
        return message["stamp"]

    async def on_say(self, message):
        return self.cut(message["text"])

    def do_wave(self, message):
        return message["hand"]

    @staticmethod
    def cut(text):
        return text[:100] == "long"

    @classmethod
    def make(cls, data):
        return data["made"]

    async def read_message(self, ws):
        return json.loads(await ws.receive_text())


hub = Hub()
HANDLERS = {}


def handles(name):
    def register(function):
        HANDLERS[name] = function
        return function

    return register


@handles("add")
async def add(ws, params):
    return params["left"] + params["right"]


@handles("echo")
async def echo(ws, params):
    return params["echoed"]


def in_a_thread(number, data):
    return data["threaded"]


def parse(text):
    return json.loads(text)


def again(data):
    return again(data["child"])


def logged(function):
    @functools.wraps(function)
    async def wrapper(*args):
        return await function(*args)

    return wrapper


@logged
async def through_functions(ws):
    data = await hub.read_message(ws)
    await hub.handle(ws, data)
    function = HANDLERS.get(data["method"])
    if function:
        await function(ws, data["params"])
    await asyncio.to_thread(in_a_thread, 1, data)
    parse(await ws.receive_text())["parsed"]
    Hub.make(data)
    again(data)

    async def inside(event):
        return event["inner"]

    await asyncio.create_task(inside(data))


def test_messages_are_followed_through_functions_methods_tables_and_threads() -> None:
    known = keys(read(through_functions).json)
    assert known["type"].constants == ("ping", "say")
    assert {"stamp", "text", "hand", "threaded", "parsed", "made", "child", "inner"} <= set(known)
    assert known["verb"].constants == ("wave",)
    assert known["quick"].constants == ("ping",)
    assert known["text"].constants == ("long",)
    assert known["method"].constants == ("add", "echo")
    assert set(keys(known["params"])) == {"left", "right", "echoed"}


# --- text ---


async def by_words(ws):
    text = await ws.receive_text()
    if text.startswith(("/nick ", "/me ")):
        return text.removeprefix("/nick ")
    if text == "/quit" or "magic" in text:
        return None
    command, _, rest = text.partition(" ")
    if command.upper() == "SET":
        key, value = rest.split("=")
        float(value)
        return key
    words = text.split(" ")
    if len(words) > 2 and words[1].isdigit():
        first, *others = words
        for other in others:
            other == "deep"
        words.pop(0) == "POP"
        words[-1] == "END"
    return None


def test_commands_and_their_arguments_are_read() -> None:
    text = read(by_words).text
    assert text.prefixes == ("/nick ", "/me ")
    assert text.constants == ("/quit", "magic")
    assert text.separator == " "
    assert text.words[0].constants == ("SET", "POP")
    variants = dict(text.variants)
    assert variants["SET"].words[1].separator == "="
    assert variants["SET"].words[1].words[1].uses == ("float",)
    assert "int" in text.words[1].uses


async def text_or_json(ws):
    raw = await ws.receive_text()
    if raw == "ping":
        return None
    return json.loads(raw)["type"]


def test_a_handler_of_both_text_and_json_receives_both() -> None:
    assert read(text_or_json).kinds == ("text", "json")


# --- models ---


class Buy(pydantic.BaseModel):
    action: Literal["buy"]
    sku: str
    quantity: int = pydantic.Field(gt=0, alias="qty")
    note: Annotated[str | None, pydantic.Field(max_length=40)] = None


class Sell(pydantic.BaseModel):
    action: Literal["sell"]
    tags: list[str] = []


class Point(msgspec.Struct, tag="point"):
    x: int
    y: Annotated[int, msgspec.Meta(ge=3, lt=9)] = 0


@dataclasses.dataclass
class Order:
    sku: str
    extra: dict[str, int] = dataclasses.field(default_factory=dict)
    when: "Undefined" = None  # type: ignore[name-defined]  # noqa: F821, UP037


class Typed(typing.TypedDict):
    mode: Colour
    level: typing.NotRequired[int]


ADAPTER = pydantic.TypeAdapter(Buy | Sell)
DECODER = msgspec.json.Decoder(Point)


async def validates(ws):
    message = ADAPTER.validate_python(await ws.receive_json())
    if message.action == "buy" and message.sku == "tea":
        pass


async def validates_text(ws):
    Buy.model_validate_json(await ws.receive_text())


async def decodes(ws):
    DECODER.decode(await ws.receive_bytes())


async def builds(ws):
    Order(**await ws.receive_json())


async def annotates(ws):
    data: Typed = await ws.receive_json()
    return data


def test_models_give_their_fields() -> None:
    found = read(validates)
    known = keys(found.json)
    assert found.models == (Buy, Sell)
    assert known["action"].constants == ("buy", "sell")
    assert known["qty"].required
    assert known["qty"].numbers == (0,)
    assert known["note"].lengths == (40,)
    assert known["sku"].constants == ("tea",)
    assert not known["note"].required
    assert known["tags"].item.uses == ("str",)


def test_models_that_read_text_and_bytes_themselves_mean_json() -> None:
    assert read(validates_text).kinds == ("json",)
    assert read(validates_text).models == (Buy,)
    found = read(decodes)
    assert found.kinds == ("bytes",)
    assert found.json_in_bytes
    assert keys(found.json)["type"].constants == ("point",)
    assert keys(found.json)["x"].required
    assert not keys(found.json)["y"].required
    assert keys(found.json)["y"].numbers == (3, 9)


def test_dataclasses_and_typed_dicts_are_models_even_with_annotations_that_cannot_be_evaluated() -> None:
    assert read(builds).models == (Order,)
    assert keys(read(builds).json)["sku"].required
    assert not keys(read(builds).json)["extra"].required
    known = keys(read(annotates).json)
    assert known["mode"].constants == ("red", "blue")
    assert not known["level"].required


# --- handshakes and waiting ---


async def user_of(token: Annotated[str, Query(alias="auth")], x_id: Annotated[str | None, Header()] = None):
    return token


async def asks(
    ws: WebSocket,
    room: str,
    page: int,
    tone: Literal["a"] | None = None,
    user: str = Depends(user_of),
    mode: str = Query("fast"),
    again: Annotated[str, Depends(user_of)] = "",
):
    await ws.accept(subprotocol="chat.v1")
    if mode == "slow":
        await asyncio.sleep(30)
    ws.query_params["user"] == "root"
    ws.headers.get("X-Tenant") in ("acme",)
    await asyncio.wait_for(ws.receive_text(), timeout=5)


def test_query_parameters_headers_subprotocols_and_waits() -> None:
    found = read(asks, "fastapi")
    assert [asked.name for asked in found.query] == ["page", "auth", "mode", "user"]
    assert {asked.name: asked.shape.constants for asked in found.query}["mode"] == ("slow",)
    assert {asked.name: asked.shape.constants for asked in found.query}["user"] == ("root",)
    assert {asked.name: asked.shape.constants for asked in found.headers} == {"x-id": (), "X-Tenant": ("acme",)}
    assert found.subprotocols == ("chat.v1",)
    assert found.waits == (30.0, 5.0)
    assert found.kinds == ("text",)


def newest(offered: list[str]) -> str | None:
    return max((one for one in offered if one.startswith("meter")), default=None)


async def chooses(ws: WebSocket):
    await ws.accept(subprotocol=newest(ws.scope.get("subprotocols") or []))


def test_a_subprotocol_of_which_the_beginning_is_looked_for_is_offered() -> None:
    assert read(chooses, "starlette").subprotocols == ("meter1",)


async def bare(scope, receive, send):
    query = parse_qs(scope["query_string"].decode())
    if query["v"][0] == "2":
        return
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        text = event.get("text")
        if text == "ping":
            await send({"type": "websocket.send", "text": "pong"})
        event["bytes"].decode() == "x"


def test_a_bare_asgi_app_is_read_by_its_events() -> None:
    found = read(bare, "asgi")
    assert found.text.constants == ("ping",)
    assert found.query[0].shape.constants == ("2",)
    assert found.json == Shape()
    assert found.kinds == ("text", "bytes")


# --- classes of frameworks ---


class Endpoint1(WebSocketEndpoint):
    encoding = "json"

    async def on_connect(self, websocket):
        self.seen = None
        await websocket.accept()

    async def on_receive(self, websocket, data):
        self.last = data
        await self.answer(websocket)

    async def answer(self, websocket):
        self.last["answered"]
        self.missing


class Endpoint2(WebSocketEndpoint):
    async def on_connect(self, websocket):
        self.socket = websocket

    async def on_receive(self, websocket, anything):
        anything == "any"


class Consumer(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content, **kwargs):
        content["channel"]


class TextConsumer(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        json.loads(text_data)["text_key"]


class Listener(WebsocketListener):
    async def on_receive(self, data: str) -> str:
        return "x" if data == "listened" else "y"


async def listens(data: Order) -> None:
    data.sku == "tea"


async def listens_to_bytes(data: bytes) -> None:
    pass


def test_classes_are_read_by_the_methods_that_frameworks_call() -> None:
    assert read(Endpoint1).kinds == ("json",)
    assert "answered" in keys(read(Endpoint1).json)
    assert read(Endpoint2).text.constants == ("any",)
    assert "channel" in keys(read(Consumer, "channels").json)
    assert "text_key" in keys(read(TextConsumer, "channels").json)
    assert read(Listener, "litestar").text.constants == ("listened",)


def test_litestar_listeners_take_what_they_are_annotated_with() -> None:
    assert keys(read(listens, "litestar").json)["sku"].constants == ("tea",)
    assert read(listens_to_bytes, "litestar").kinds == ("bytes",)


def test_a_bound_method_is_read_with_the_class_that_it_belongs_to() -> None:
    class Controller:
        async def socket(self, ws):
            self.helper(await ws.receive_json())

        def helper(self, data):
            return data["helped"]

        def uncalled(self, ws):
            return ws.receive_bytes()

    assert "helped" in keys(read(Controller().socket).json)
    assert read(Controller().socket).kinds == ("json", "bytes")


class NoEndpoint:
    async def receive(self):
        return await self.queue.get()


def test_a_method_that_is_only_called_like_a_hook_is_no_hook() -> None:
    assert read(NoEndpoint) == Knowledge()


# --- what cannot be read ---


async def strange(ws):
    data = await ws.receive_json()
    data[lambda: 1]
    unknown_name(data)  # noqa: F821
    data.method_of_ours(data)
    data.constant
    getattr(ws, f"{data}")
    (lambda: data)()
    async with ws as other, ws:
        other["x"]
    with open("never run") as _:
        pass
    yield data
    x, y = ws
    z = w = data[0]
    z[1:2] == "s"
    w.attribute
    -data["minus"]
    print(*data, **data)
    {**data}
    {"a": data}["a"]["from_dict"]
    (1, data)[1]["from_tuple"]
    (1, data)[7]
    5 in data
    data["in_text"] in "abc"
    raise ValueError


def test_strange_code_is_read_as_far_as_it_goes() -> None:
    known = keys(read(strange).json)
    assert {"minus", "from_tuple"} <= set(known)


def test_reading_runs_nothing_of_the_app() -> None:
    ran = []

    class Trap:
        @property
        def attribute(self):
            ran.append("property")

        def __getattr__(self, name):
            ran.append(name)

    trap = Trap()

    async def handler(ws):
        trap.attribute
        trap.other.receive_json()
        data = await ws.receive_json()
        trap[data["x"]]

    assert "x" in keys(read(handler).json)
    assert ran == []


def test_what_is_known_can_be_told_to_a_person() -> None:
    lines = read(by_keys).describe()
    assert lines[0] == "receives json"
    assert "  action: one of 'join', 'leave', 'part'" in lines
    assert "  name: length compared with 20; like 'anon'" in lines
    assert "    each item" in lines
    text = read(by_words).describe()
    assert text[1] == "text: one of '/quit', 'magic'; begins with '/nick ', '/me '; holds 'magic'; split at ' '"
    told = read(asks, "fastapi").describe()
    assert "query mode: str; one of 'slow'; like 'fast'" in told
    assert "header x-id" in told
    assert "speaks chat.v1" in told
    assert "waits 30, 5 s" in told
    assert "validates with Point" in read(decodes).describe()
    assert read(decodes).describe()[0] == "receives bytes, with JSON in bytes"


async def deep(ws):
    data = await ws.receive_json()
    data["a"]["b"]["c"]["d"]["e"]["f"]["g"]["h"]
    [item["x"] for item in data["a"]["b"]["c"]["d"]["e"]["f"]]
    data["a"]["b"]["c"]["d"]["e"]["f"].split(",")[0]

    def one():
        def two():
            def three():
                def four():
                    def five():
                        data["five"]


def test_depth_is_bounded() -> None:
    shape = read(deep).json
    depth = 0
    while shape.keys:
        shape = shape.keys[0][1]
        depth += 1
    assert depth == 6
    assert "five" not in keys(read(deep).json)


def test_the_number_of_keys_is_bounded(tmp_path) -> None:
    lines = "".join(f"    data['key{number}']\n" for number in range(100))
    assert (
        len(read(_written(tmp_path, f"async def handler(ws):\n    data = await ws.receive_json()\n{lines}")).json.keys)
        == 40
    )


def _written(directory, source: str):
    path = directory / "written.py"
    path.write_text(source)
    names: dict[str, object] = {"__name__": "written"}
    exec(compile(source, str(path), "exec"), names)
    return names["handler"]


def test_a_function_of_monstrous_size_or_without_its_file_is_not_read(tmp_path) -> None:
    monster = "async def handler(ws):\n" + "    await ws.receive_json()\n" * 8000
    assert read(_written(tmp_path, monster)) == Knowledge()
    handler = _written(tmp_path, "async def handler(ws):\n    await ws.receive_bytes()\n")
    (tmp_path / "written.py").unlink()
    linecache.clearcache()
    assert read(handler) == Knowledge()


class Odd(pydantic.BaseModel):
    shared: typing.ClassVar[int] = 1
    number: int
    nested: list[Odd] = []


LIBRARY = {"upper": str.upper}


async def odd_corners(ws, unknown: "Missing" = None):  # noqa: F821, UP037
    data = await ws.receive_json()
    data = never_defined()  # noqa: F821
    data["kept"]
    note: str = "annotated"
    kept, other = data["first"], 2
    kept == "f"
    getattr(hub, "on_" + note)
    LIBRARY[data["table"]](data)
    Odd(**data)
    data["nick"].isdecimal()
    data["nick"].expandtabs()
    list(data["as_list"].items())
    json.loads(data["packed"])["inside"]
    await asyncio.sleep(0)
    *all_of_them, last = data["starred"]
    words = data["line"].split()
    for word in words:
        word == "w"
    words.sort()
    match words:
        case ["go", _, *rest]:
            pass
    if len(words) == 3 or words == 4:
        pass

    def yields():
        yield data

    for each in yields():
        each["yielded"]

    async for one in stream(ws):
        one["streamed"]


async def stream(ws):
    async for message in ws.iter_text():
        yield json.loads(message)
        yield 1


def test_odd_corners_are_read() -> None:
    known = keys(read(odd_corners).json)
    assert {"kept", "first", "table", "number", "as_list", "yielded", "streamed"} <= set(known)
    assert "shared" not in known
    assert known["first"].constants == ("f",)
    assert known["table"].constants == ("upper",)
    assert known["nick"].uses == ("int",)
    coding, packed = known["packed"].coded
    assert coding == "json"
    assert "inside" in keys(packed)
    assert known["as_list"].uses == ("dict",)
    assert known["line"].words[0].constants == ("go", "w")
    assert known["line"].words[1].constants == ("w",)


def test_a_variable_that_has_no_value_yet_is_unknown() -> None:
    def make(known):
        async def handler(ws):
            data = await ws.receive_json()
            late(data)
            data["x"]

        if not known:
            late = None
        return handler

    assert "x" in keys(read(make(True)).json)
