# ruff: noqa: B015, B018, RUF059, SIM300, UP031 - handlers that are only read need not make sense.
"""More of what real handlers do: lists handed on, unions, commands by name, the time, records by their letters."""

from __future__ import annotations

import datetime
import enum
import fnmatch
import json
import posixpath
import re
import shlex
import string
import struct
import time
from decimal import Decimal
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Annotated

import msgspec
import pydantic
from fastapi import Depends, Header, Query
from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint

from tests.generation.test_reading_closely import keys, read
from wsreplay.generation import Dice
from wsreplay.generation.binary import Frames
from wsreplay.generation.grammars import TEXTS
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Grammar, Knowledge, Layout, Shape
from wsreplay.generation.values import value


class Observe(msgspec.Struct, tag_field="msg", tag="observe"):
    star: str


class Curve(msgspec.Struct, tag_field="msg", tag="curve"):
    last: int


async def one_of_two(ws):
    message = msgspec.json.decode(await ws.receive_text(), type=Observe | Curve)
    message.__struct_config__
    message.star


def test_a_union_is_read_for_each_of_its_members() -> None:
    known = read(one_of_two)
    assert known.models == (Observe, Curve)
    assert keys(known.json)["msg"].constants == ("observe", "curve")
    assert "__struct_config__" not in keys(known.json)


async def line_by_line(ws):
    words = (await ws.receive_text()).split()
    verb, rest = words[0], words[1:]
    if verb == "PUT":
        put(*rest)
    if words == ["PRICE", "NOW"]:
        pass
    both(*(rest[0], rest[1]), *ws.unknown)


def put(row, column, letter):
    row in "123"
    len(letter) == 1


def both(first, second):
    second == "tea"


def test_a_list_that_is_handed_on_with_a_star_is_known_part_by_part() -> None:
    text = read(line_by_line).text
    assert text.words[0].constants == ("PUT", "PRICE")
    assert text.words[2].constants == ("tea",)
    (name, put_parts), (other, price_parts) = text.variants
    assert (name, len(put_parts.words)) == ("PUT", 4)
    assert (other, price_parts.words[1].constants) == ("PRICE", ("NOW",))
    assert put_parts.words[1].constants == ("1", "2", "3")
    assert put_parts.words[3].lengths == (1,)


async def handed_on(ws):
    data = await ws.receive_json()
    both(*data["pair"])


def test_an_array_that_is_handed_on_with_a_star_is_known_item_by_item() -> None:
    assert keys(read(handed_on).json)["pair"].places[1].constants == ("tea",)


async def ranges(ws):
    for part in (await ws.receive_text()).split(",")[:20]:
        first, _, _last = part.partition("-")
        int(first) >= 1


def test_a_part_that_is_split_once_more_is_said_so() -> None:
    known = read(ranges)
    (_, part) = known.text.words
    assert (part.separator, part.words[0].numbers) == ("-", (1,))
    shape = Shape(words=(Shape(constants=("PAGES",)), Shape(words=(Shape(uses=("int",)),) * 2, separator="-")))
    said = [Speaker(Knowledge(kinds=("text",), text=shape), Dice.thrown(1, turn)).message()[1] for turn in range(300)]
    assert any(isinstance(text, str) and text.startswith("PAGES ") and "-" in text[6:] for text in said)


async def shell(ws):
    words = shlex.split(await ws.receive_text())
    words[0] in ("run", "jobs")


def test_a_command_line_is_split_into_words() -> None:
    assert read(shell).text.words[0].constants == ("run", "jobs")


class Controller:
    def show(self, msg):
        msg.get("what") == "all"

    def stop(self, msg):
        msg.get("why") == "tired"

    def jar(self, msg, key="jar"):
        msg.get(key)

    def odd(self, msg, count=None):
        msg.get(count)


async def by_name(ws):
    controller = Controller()
    msg = await ws.receive_json()
    command = msg.get("cmd")
    if command in ("show", "stop"):
        getattr(controller, command)(msg)
    controller.jar(msg)
    controller.odd(msg)
    msg.get("jar") in dict.fromkeys(JARS, 0)
    dict.fromkeys()

    def inner(first):
        first == "a"

    inner(*msg.get("words"))


JARS = ("bike", "gifts")


def test_methods_are_found_by_the_names_that_a_key_was_compared_with_and_parameters_by_their_defaults() -> None:
    known = keys(read(by_name).json)
    assert known["what"].constants == ("all",)
    assert known["why"].constants == ("tired",)
    assert known["jar"].constants == ("bike", "gifts")
    assert known["words"].places[0].constants == ("a",)


LEASE = 15


async def leases(ws):
    ends = time.monotonic() + LEASE
    now = ws.clock()
    now - ends > 90
    datetime.datetime.now() + datetime.timedelta(minutes=2, seconds=5)
    ws.last - 7 > 70
    (ws.a or ws.b) - 1


def test_what_is_added_to_the_time_or_compared_with_what_has_passed_is_waited_for() -> None:
    assert read(leases).waits == (15, 90, 5, 120)


async def in_a_text(ws):
    text = await ws.receive_text()
    first = text.split()[0]
    "e" in first
    Fraction(first)
    for _ in range(int(text.split()[1])):
        pass


def test_a_letter_that_a_text_holds_is_no_key_and_what_is_counted_no_item() -> None:
    first, second = read(in_a_text).text.words
    assert (first.infixes, first.keys, first.uses) == (("e",), (), ("float",))
    assert (second.uses, second.item) == (("int",), None)


def spanned(span: Annotated[str, Query()] = "1-5", lang: str = Query("de"), who: Annotated[str, Header()] = "me"):
    low, high = span.split("-")
    lang == "en"


async def unspanned(ws, span: Annotated[str, Depends(spanned)]):
    ws.query_params.get("box", "1,2")
    ws.query_params.get("rest", "")
    ws.query_params.get("page", 1)


def test_what_stands_for_a_value_where_none_is_given_is_a_sample_of_it() -> None:
    known = read(unspanned, "fastapi")
    samples = {asked.name: asked.shape.samples for asked in (*known.query, *known.headers)}
    assert samples == {"span": ("1-5",), "lang": ("de",), "who": ("me",), "box": ("1,2",), "rest": (), "page": ()}
    assert "query box: like '1,2'" in known.describe()


async def in_parts(ws):
    text = await ws.receive_text()
    parts = text.split(";")
    if len(parts) != 3:
        return
    one, two, three = (float(part) for part in parts)
    [left for left, right in parts]
    three > 5


async def with_more(ws):
    text = await ws.receive_text()
    if len(text.split(";")) > 2 or 1 < len(text.split(";")):
        return


def test_the_parts_of_a_text_are_as_many_as_are_asked_for_and_a_loop_goes_through_all() -> None:
    words = read(in_parts).text.words
    assert [word.uses for word in words] == [("float",)] * 3
    assert words[2].numbers == (5,)
    assert len(read(with_more).text.words) == 3


class Price(pydantic.BaseModel):
    net: Decimal = pydantic.Field(gt=0)


async def in_decimals(ws):
    message = await ws.receive_json()
    Price.model_validate(message)
    Decimal(message["paid"]) * 2


def test_decimals_are_known_by_a_type_and_by_a_call() -> None:
    known = keys(read(in_decimals).json)
    assert known["net"].uses == ("decimal",)
    assert known["paid"].uses == ("decimal", "int")


class Desk:
    def take(self, name):
        return name == "first"


class Order(pydantic.BaseModel):
    kind: str = "usual"


class Level(enum.StrEnum):
    LOW = "low"


async def by_annotation(ws, desk: Desk, maybe: Desk | None, order: Order, level: Level, unknown):
    message = await ws.receive_json()
    desk.take(message["name"])
    lower(maybe, message["other"])
    message["order"] == order.kind
    message["level"] == level.LOW
    message["unknown"] == unknown.take


def lower(desk: Desk, name):
    desk.take(name)


def test_an_argument_of_which_nothing_is_known_is_an_object_of_its_class() -> None:
    known = keys(read(by_annotation, "litestar").json)
    assert known["name"].constants == known["other"].constants == ("first",)
    assert known["order"].constants == known["level"].constants == known["unknown"].constants == ()


GREETING = "Hello {name}"
STORED: dict[str, str] = {}


async def by_grammars(ws):
    message = await ws.receive_json()
    message["line"].format(name=1)
    message["count"].isdigit()
    re.search(message["look"], "text")
    re.match("[a-z]+", message["word"])
    GREETING.format(name=message["name"])
    "%s is %d" % (message["name"], 2)


async def by_grammars_of_what_is_stored(ws):
    STORED[await ws.receive_text()].format_map({})
    GREETING.split("text")
    re.compile(stored())
    string.Template(stored()).substitute()
    stored() % (1, 2)
    stored().isdigit()
    len(stored()) % 2


def stored():
    return json.dumps(STORED)


def test_what_a_text_is_read_by_is_known_of_it_or_of_any_text() -> None:
    known = read(by_grammars)
    told = {name: shape.grammars for name, shape in known.json.keys}
    assert told == {"line": ("format",), "count": (), "look": ("regex",), "word": (), "name": ()}
    assert known.grammars == ()
    assert "  line: read as format" in known.describe()
    known = read(by_grammars_of_what_is_stored)
    assert known.grammars == ("format", "regex", "template", "percent", "digits")
    assert "reads texts as format, regex, template, percent, digits" in known.describe()


# --- what becomes of it ---


def values(shape: Shape, number: int = 600) -> set[str]:
    return {value(Dice.thrown(2, turn), "x", shape) for turn in range(number)}


def test_a_length_of_a_number_is_made_of_digits() -> None:
    assert {'"1111"', '"9999"'} <= values(Shape(uses=("int",), lengths=(4,)))


def test_a_text_of_some_length_has_other_letters_now_and_then() -> None:
    lengths = {json.loads(one) for one in values(Shape(lengths=(5,))) if one.startswith('"')}
    assert {"aaaaa", "ééééé", "😀😀😀😀😀", "a😀😀😀😀"} <= lengths
    assert "ß" in {json.loads(one) for one in values(Shape(lengths=(1,)), 2000) if one.startswith('"')}


def test_a_number_that_is_written_in_a_text_stays_one() -> None:
    assert {'"NaN"', '"1/0"', '"0"', '"10"'} <= values(Shape(uses=("str", "float"), numbers=(0,))) | values(
        Shape(uses=("str", "int"))
    )


def test_a_decimal_has_more_digits_than_others_now_and_then_whatever_it_is_compared_with() -> None:
    made = values(Shape(uses=("decimal", "int"), numbers=(0,)), 2000)
    assert {'"1e30"', "1e30", '"1E+400"', '"NaN"', f'"{"9" * 40}"', "0", "1", "-1"} <= made
    assert '"1e30"' in values(Shape(uses=("decimal",)))


def spoken(shape: Shape, grammars: tuple[Grammar, ...] = ()) -> list[str]:
    known = Knowledge(kinds=("json",), json=shape, grammars=grammars)
    return [Speaker(known, Dice.thrown(6, turn)).value("x", shape) for turn in range(600)]


def test_texts_are_written_in_the_grammar_that_they_are_read_by() -> None:
    formats = {json.dumps(text) for text in TEXTS["format"]}
    assert len([one for one in spoken(Shape(grammars=("format",))) if one in formats]) > 150
    free = spoken(Shape(uses=("str",)), ("format", "regex"))
    assert {'"{"', '"{0}"', '"("', '"[z-a]"'} <= set(free)
    assert len([one for one in free if one in formats]) < 150
    for other in (Shape(uses=("uuid",)), Shape(numbers=(5,)), Shape(patterns=("a+",))):
        assert len([one for one in spoken(other, ("format",)) if one in formats]) < 40


def test_what_was_said_under_one_name_is_said_under_another() -> None:
    shape = Shape(keys=(("owner", Shape(uses=("str",))), ("member", Shape(uses=("str",)))))
    same = 0
    for turn in range(300):
        speaker = Speaker(Knowledge(kinds=("json",), json=shape), Dice.thrown(4, turn))
        for _ in range(4):
            _, text = speaker.message()
            try:
                document = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(document, dict) and isinstance(document.get("owner"), str):
                same += document["owner"] == document.get("member") != ""
    assert same > 20


def test_records_begin_with_the_letters_that_frames_are_compared_with() -> None:
    layouts = (Layout("!cH"), Layout("!cHf"))
    own = Frames(Knowledge(chunks=(b"H", b"R"), layouts=layouts))
    frames = [own.frame(Dice.thrown(5, turn)) for turn in range(400)]
    assert sum(len(one) == struct.calcsize("!cH") and one[:1] == b"H" for one in frames) > 20
    assert sum(len(one) == struct.calcsize("!cHf") and one[:1] == b"R" for one in frames) > 20
    mixed = Frames(Knowledge(chunks=(b"H", b"R", b"Q"), layouts=layouts))
    frames = [mixed.frame(Dice.thrown(5, turn)) for turn in range(400)]
    assert {b"H", b"R", b"Q"} <= {one[:1] for one in frames if len(one) == struct.calcsize("!cHf")}


class Plain(pydantic.BaseModel):
    name: str


async def validated(ws):
    Plain.model_validate(await ws.receive_json()).name


def test_a_model_by_itself_is_read_as_before() -> None:
    assert keys(read(validated).json)["name"].uses == ("str",)


RULES = {"mail": re.compile(r"\w+@\w+"), "slug": re.compile(r"[a-z-]+")}
SOURCES = {"zip": r"\d{5}"}


async def validates_fields(ws):
    message = json.loads(await ws.receive_text())
    RULES[message["field"]].fullmatch(message["value"])
    re.match(SOURCES[message["kind"]], message["code"])


def test_of_a_table_of_regular_expressions_each_may_be_tried() -> None:
    known = keys(read(validates_fields).json)
    assert known["value"].patterns == (r"\w+@\w+", "[a-z-]+")
    assert known["code"].patterns == (r"\d{5}",)


class Basket:
    def put_in(self, body):
        return body["sku"] == "apple", self.send(body)

    def send(self, body):
        return body["sent"]


BASKETS: dict[int, Basket] = {}


async def uses_what_it_keeps(ws):
    basket = BASKETS[id(ws)]
    actions = {"add": basket.put_in}
    message = await ws.receive_json()
    actions[message["action"]](message)
    BASKETS.get(id(ws)).put_in(message["again"])
    ws.send(message)


def test_a_method_that_but_one_class_has_is_followed_from_an_unknown_object() -> None:
    known = keys(read(uses_what_it_keeps).json)
    assert known["action"].constants == ("add",)
    assert known["sku"].constants == ("apple",)
    assert keys(known["again"])["sku"].constants == ("apple",)
    assert "sent" in known  # of the object itself


def by_set(store, key, value):
    return value == "one"


def by_get(store, key):
    return key == "two"


TABLE = {"SET": (by_set, 2), "GET": (by_get, 1)}
LIMITS = {"SET": [7, "x"], "GET": [8, "y"], "NONE": []}


async def looks_up_rows(ws):
    words = (await ws.receive_text()).split()
    function, arity = TABLE[words[0].upper()]
    if len(words) == arity:
        function({}, *words[1:])
    row = LIMITS.get(words[3])
    if len(words[4]) < row[0] or words[5] == row[1]:
        _first, _second, third, _fourth = row
        print(words[6] == third)


def test_the_rows_of_a_table_are_taken_apart() -> None:
    text = read(looks_up_rows).text
    words, variants = text.words, dict(text.variants)
    assert words[0].constants == ("SET", "GET")
    assert variants["GET"].words[1].constants == ("two",)
    assert len(variants["GET"].words) == 2
    assert variants["SET"].words[2].constants == ("one",)
    assert words[3].constants == ("SET", "GET", "NONE")
    assert words[4].lengths == ()
    assert words[5].constants == ("x", "y")


async def goes_through_parts(ws):
    words = (await ws.receive_text()).split()
    match [word.upper() for word in words[:1]] + words[1:]:
        case ["PAGES", pages]:
            for part in pages.split(","):
                first, _, last = part.partition("-")
                int(first) > 1, last == "end"


def test_the_parts_of_a_text_stay_its_parts_when_one_is_changed() -> None:
    ((name, text),) = read(goes_through_parts).text.variants
    words = text.words
    assert name == "PAGES"
    assert words[1].separator == ","
    _first, part = words[1].words
    assert part.separator == "-"
    assert part.words[0].uses == ("int",)
    assert part.words[1].constants == ("end",)


async def asks_first(ws):
    message = json.loads(await ws.receive_text())
    if message.get("ask") is not None:
        message["ask"].strip()
    elif "note" in message:
        message["note"].strip()
    elif message.pop("first") == message["second"]:
        pass


def test_what_is_asked_for_before_it_is_taken_need_not_be_there() -> None:
    known = keys(read(asks_first).json)
    assert {name for name, shape in known.items() if shape.required} == {"first", "second"}


async def framed(websocket):
    async for data in websocket.iter_text():
        command, *lines = data.partition("\n\n")[0].split("\n")
        headers = {}
        for line in lines:
            key, _, value = line.partition(":")
            headers.setdefault(key.strip(), value.strip())
            headers.setdefault("last")
        if command == "SEND" and headers["to"] != "me":
            headers.get("receipt")


async def listed(websocket):
    pairs = {}
    for pair in (await websocket.receive_text()).split(";"):
        name, value = pair.split("=")
        pairs[name] = value
        pairs[value] = name
        pairs[name], pairs["x"] = 1, name
    pairs.get("a")


async def comprehended(websocket):
    lines = (await websocket.receive_text()).split("\n")
    pairs = {line.split(": ")[0]: line.split(": ")[1] for line in lines}
    pairs["b"]


def test_a_table_of_names_in_a_text_and_what_they_stand_for_is_known_by_its_keys() -> None:
    head = read(framed).text.words[0]
    assert head.words[0].constants == ("SEND",)
    assert len(head.words) == 2
    assert head.words[1].separator == ":"
    assert {name: shape.required for name, shape in head.words[1].keys} == {
        "last": False,
        "to": True,
        "receipt": False,
    }
    pair = read(listed).text.words[1]
    assert (list(keys(pair)), pair.separator) == (["a"], "=")
    pair = read(comprehended).text.words[1]
    assert (list(keys(pair)), pair.separator) == (["b"], ": ")


def test_lines_of_a_head_are_said_by_their_names() -> None:
    known = read(framed)
    said = [str(Speaker(known, Dice.thrown(7, turn)).message()[1]) for turn in range(300)]
    assert sum(re.match(r"SEND\n(last:.*\n)?to:.*\nreceipt:.*", text) is not None for text in said) > 30
    known = read(listed)
    said = [str(Speaker(known, Dice.thrown(7, turn)).message()[1]) for turn in range(300)]
    assert sum(text.startswith("a=") for text in said) > 100


def test_what_a_text_says_under_a_name_is_said_again() -> None:
    same = 0
    for turn in range(200):
        speaker = Speaker(read(listed), Dice.thrown(7, turn))
        speaker.hear("b=1;a=zebra-7")
        speaker.hear("a=" + "z" * 5000)
        same += speaker.message()[1] == "a=zebra-7"
    assert same > 30


def test_long_texts_are_rare() -> None:
    said = [value(Dice.thrown(3, turn), "note", Shape(uses=("str",), lengths=(5000,))) for turn in range(400)]
    assert 10 < sum(len(one) > 4000 for one in said) < 120


def test_where_a_number_is_asked_for_a_bool_is_rare() -> None:
    said = [value(Dice.thrown(3, turn), "x", Shape(uses=("bool", "int", "float"))) for turn in range(400)]
    assert 10 < sum(one in ("true", "false") for one in said) < 60
    said = [value(Dice.thrown(3, turn), "x", Shape(uses=("bool", "str"))) for turn in range(400)]
    assert sum(one in ("true", "false") for one in said) > 150


def test_who_joins_a_known_scenario_does_not_begin_with_its_first_verb() -> None:
    verbs = Shape(keys=(("do", Shape(constants=("a", "b", "c", "d"))),))
    known = Knowledge(kinds=("json",), json=verbs)
    firsts: dict[bool, list[str]] = {True: [], False: []}
    for joins, found in firsts.items():
        for turn in range(400):
            speaker = Speaker(known, Dice.thrown(3, turn))
            if joins:
                speaker.hear("hello")
            found.append(str(speaker.message()[1]))
    assert firsts[False].count('{"do": "a"}') > 1.5 * firsts[True].count('{"do": "a"}')


builds = Starlette()
builds.state.known = {"lint": 1, "unit": 2}


async def looks_into_state(ws):
    message = await ws.receive_json()
    if message["build"] in ws.app.state.known or message["other"] in ws.app.state.unknown:
        print(ws.app.state.later)


def test_what_an_app_keeps_in_its_state_is_looked_at() -> None:
    known = keys(read(looks_into_state).json)
    assert known["build"].constants == ("lint", "unit")
    assert known["other"].constants == ()


class Decodes(WebSocketEndpoint):
    async def decode(self, websocket, message):
        try:
            return json.loads(message.get("text") or "")
        except ValueError:
            return None

    async def on_receive(self, websocket, data):
        print(data["kind"] == "hello")


class Refuses(WebSocketEndpoint):
    async def decode(self, websocket, message):
        raise NotImplementedError

    async def on_receive(self, websocket, data):
        print(data["text"])


def test_what_an_endpoint_decodes_by_itself_is_what_it_receives() -> None:
    known = read(Decodes)
    assert known.kinds == ("json",)
    assert keys(known.json)["kind"].constants == ("hello",)
    assert read(Refuses).kinds == ("text",)


PASSWORDS = {"ann": "sesame", "bob": None}
FILES = {"/a.txt": b"", "/b.txt": b""}


class Tree:
    def __init__(self):
        self.directory = "/"

    def path(self, name):
        return posixpath.normpath(posixpath.join(self.directory, name))


async def of_files(ws):
    tree = Tree()
    data = await ws.receive_json()
    name = data["user"]
    if name not in PASSWORDS or PASSWORDS[name] not in (None, data["password"], ws.unknown):
        return
    tree.directory = tree.path(data["directory"])
    if tree.path(data["file"]) in FILES:
        data["flags"] & 4
        data["flags"] & 0x7E
    fnmatch.fnmatch("a", data["mask"])
    fnmatchcase("a", data["other"])


def test_passwords_paths_flags_and_masks_are_known():
    known = keys(read(of_files).json)
    assert known["password"].constants == ("sesame",)
    assert known["file"].constants == ("/a.txt", "/b.txt")
    assert known["flags"].numbers == (4,)
    assert known["mask"].grammars == known["other"].grammars == ("glob",)


BOUNDS = ((0, 59), (0, 23), (1, 31))
RANGES = {"rate": (0, 40), "months": (1, 480)}


async def of_limits(ws):
    verb, *words = (await ws.receive_text()).split()
    for word, (low, high) in zip(words, BOUNDS, strict=False):
        if word != "*" and not low <= int(word) <= high:
            return
    for word, _ in zip(words, ws.unknown, strict=False):
        word == "last"


async def of_ranges(ws):
    data = await ws.receive_json()
    low, high = RANGES[data["field"]]
    if not low <= data["value"] <= high:
        return
    for name, text in zip(("a", "b"), data["names"], strict=True):
        text == name
    for one, other in zip(data["left"], data["right"], strict=True):
        one == "l"
        other == "r"
    for mine, known in zip(data["left"], ["x", ws.unknown], strict=True):
        mine == known


def test_what_is_gone_through_side_by_side_is_compared_row_by_row():
    words = read(of_limits).text.words
    assert [one.numbers for one in words[1:4]] == [(0, 59), (0, 23), (1, 31)]
    assert words[2].constants == ("*",)
    assert words[1].constants == ("*", "last")
    known = keys(read(of_ranges).json)
    assert known["value"].numbers == (0, 1, 40, 480)
    assert [one.constants for one in known["names"].places] == [("a",), ("b",)]
    assert known["left"].item.constants == ("l",)
    assert known["right"].item.constants == ("r",)
    assert known["left"].places[0].constants == ("x",)


class RefusedError(Exception):
    pass


async def by_tuples(ws):
    verb, *args = (await ws.receive_text()).split()
    match verb.upper(), args:
        case "PLAN", [name, begin] if 1900 <= datetime.date.fromisoformat(begin).year <= 2999:
            return int(name) > 7
        case ("SHOW", [name]) | ("HIDE", [name]):
            return name == "all"
        case _:
            raise RefusedError


def test_a_command_and_its_arguments_may_be_matched_as_two():
    found = dict(read(by_tuples).text.variants)
    assert set(found) == {"PLAN", "SHOW", "HIDE"}
    assert found["PLAN"].words[1].numbers == (7,)
    assert found["PLAN"].words[2].uses == ("date",)
    assert found["PLAN"].words[2].numbers == (1900, 2999)
    assert found["SHOW"].words[1].constants == found["HIDE"].words[1].constants == ("all",)


async def at_last(ws):
    verb, *args = (await ws.receive_text()).split()
    if verb not in ("BID", "AWARD"):
        return None
    if verb == "BID":
        return int(args[1])
    return args[0] == "lot"


def test_a_command_that_is_left_when_others_are_ruled_out_is_said_too():
    speakers = [Speaker(read(at_last), Dice.thrown(5, number)) for number in range(400)]
    texts = [str(one.message()[1]) for one in speakers]
    assert sum(text.startswith("AWARD lot") for text in texts) > 20
    assert sum(text.startswith("BID ") for text in texts) > 60
