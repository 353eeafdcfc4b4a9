# ruff: noqa: B015, C416, F841, N802, RUF059 - the handlers are read, not run.
"""What follows a command is known for each command; what a regular expression finds, group by group."""

from __future__ import annotations

import functools
import inspect
import operator
import random
import re
import struct
from datetime import date
from typing import NamedTuple

from wsreplay.generation import Knowledge, knowledge
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Shape
from wsreplay.model import Endpoint, Route


def read(handler) -> Knowledge:
    return knowledge(Endpoint(Route("/ws"), handler))


def variants(known: Knowledge) -> dict[str, list[Shape]]:
    return {name: list(shape.words) for name, shape in known.text.variants}


def said(known: Knowledge, count: int = 400) -> list[str]:
    numbers = random.Random(5)
    texts = [Speaker(known, Dice(numbers.randbytes(BLOCK_SIZE))).message()[1] for _ in range(count)]
    return [one for one in texts if isinstance(one, str)]


class Row(NamedTuple):
    arity: int
    run: object


def command(table, name):
    def decorate(function):
        @functools.wraps(function)
        async def checked(state, *args):
            if len(args) != 3:
                return None
            return await function(state, *args)

        table[name] = checked
        return checked

    return decorate


WRAPPED: dict[str, object] = {}


@command(WRAPPED, "PUT")
async def put(state, key, value):
    return key == "a" and int(value) > 5


@command(WRAPPED, "DEL")
async def delete(state, key):
    return key == "b"


async def by_wrapper(ws):
    verb, *args = (await ws.receive_text()).split()
    await WRAPPED[verb]({}, *args)


def test_what_a_decorator_has_made_is_read_for_each_function() -> None:
    found = variants(read(by_wrapper))
    assert found["PUT"][1].constants == ("a",)
    assert found["PUT"][2].numbers == (5,)
    assert found["DEL"][1].constants == ("b",)
    texts = said(read(by_wrapper))
    assert sum(re.fullmatch(r"PUT \S+ [456]", text) is not None for text in texts) > 15
    assert sum(text == "DEL b" for text in texts) > 15


def join(state, room):
    room == "lobby"


def move(state, x, y):
    int(x) > 3


ROWS = {"JOIN": Row(1, join), "MOVE": Row(2, move)}


async def by_row(ws):
    verb, *args = (await ws.receive_text()).split()
    row = ROWS.get(verb)
    if len(args) == row.arity:
        row.run(ws, *args)
    row.unknown(*args)


class Words:
    def cmd_GO(self, place):
        return place == "home"

    def cmd_STAY(self):
        return None

    async def serve(self, ws):
        verb, *rest = (await ws.receive_text()).split()
        getattr(self, f"cmd_{verb}")(*rest)
        if verb in ("WAIT", "HOLD") and rest:
            int(rest[0]) > 9
        known = {"RUN"}
        if verb == "X" or verb in known:
            rest[0] == "far"
        if verb == "Y" or rest:
            rest[0] == "near"
        if rest[0] == "x" and verb == "PAIR":
            first = rest[1]
            first == "one"
            rest = ["other"]
        if ws.unknown == 3:
            return


async def by_method(ws):
    await Words().serve(ws)


def test_rows_and_methods_are_read_for_each_command() -> None:
    found = variants(read(by_row))
    assert found["JOIN"][1].constants == ("lobby",)
    assert [len(found[name]) for name in ("JOIN", "MOVE")] == [2, 3]
    found = variants(read(by_method))
    assert found["GO"][1].constants == ("home",)
    assert found["RUN"][1].constants == ("far",)
    assert len(found["STAY"]) == 1
    assert found["X"][1].constants == ("far",)
    assert "Y" not in found
    assert found["WAIT"] == found["HOLD"]
    assert found["HOLD"][1].numbers == (9,)
    assert found["PAIR"][2].constants == ("one",)


async def by_match(ws):
    line = await ws.receive_text()
    match line.split(","):
        case ["ADD" | "SUB" as verb, left, right]:
            int(left) > 20
            verb == "ADD"
        case ["SAY", *words]:
            words[0] == "hello"
        case ["ON", _] | ["OFF"]:
            pass
        case [("Q" | "QUIT") as _leave]:
            pass
        case [other, *_]:
            other == "z"
    match line:
        case "ping":
            pass
    verb, rest = line.split(",", 1)
    match verb:
        case "DATE":
            date.fromisoformat(rest)
    (await ws.receive_json())["plain"] == 1


def test_patterns_of_lists_are_read_for_each_command() -> None:
    found = variants(read(by_match))
    assert len(found["ADD"]) == 3
    assert found["ADD"][1].numbers == (20,)
    assert found["SAY"][1].constants == ("hello",)
    assert len(found["QUIT"]) == 1
    assert found["DATE"][1].uses == ("date",)
    texts = said(read(by_match))
    assert sum(re.fullmatch(r"(ADD|SUB),(19|20|21),[^,]*", text) is not None for text in texts) > 10
    assert "after 'SAY': split at ','" in "\n".join(read(by_match).describe())


async def many(ws):
    verb, *rest = (await ws.receive_text()).split()
    match verb:
        case "A1" | "A2":
            rest[0] == "x"
    for name in [f"C{number}" for number in range(60)]:
        if verb == name:
            rest[0]


NAMES = {f"C{number}": join for number in range(60)}


async def too_many(ws):
    verb, *rest = (await ws.receive_text()).split()
    NAMES[verb](ws, *rest)


def test_of_too_many_commands_the_last_are_not_told_apart() -> None:
    assert len(read(too_many).text.variants) == 40
    assert list(variants(read(many))) == ["A1", "A2"]


LINE = re.compile(r"(?P<op>[a-z]+)@([0-9]{2}):(?P<who>\w+)")
SUM = re.compile(r"<([^<>]*)>([0-9A-F]{2})")
ANY = [re.compile(r"at (?P<x>\d+)"), re.compile(r"to (?P<y>\d+) (?P<x>\d+)")]


def folded(text):
    total = 0
    for letter in text:
        total ^= ord(letter)
    return total


async def by_expression(ws):
    line = await ws.receive_text()
    found = LINE.fullmatch(line)
    if found is None:
        return
    if found["op"] == "add" and int(found[2]) > 50 and found.group(0) == line:
        first, who = found.group("op", "who")
        first == "sub"
    found.start()
    op, _number, who = found.groups()
    who == "me"
    found.groupdict()["op"] == "mul"
    found.group() == "whole"
    found[None], found["none"], found.group(7)


async def by_sum(ws):
    found = SUM.match((await ws.receive_text()).strip())
    body, given = found.groups()
    if folded(body) != int(given, 16):
        return
    for one in ANY:
        match = one.match(body)
        int(match["x"]) > 77


async def by_finding(ws):
    text = await ws.receive_text()
    for key, value in re.findall(r"(\w+)=(\w+)", text):
        key == "name"
        value == "bob"
    for word in re.findall(r"#(\w+)", text):
        word == "tag"
    for one in re.finditer(r"!(\w+)", text):
        one[1] == "bang"
    re.findall(r"\d", text)
    re.match("(", text)
    re.match(ws.pattern, text)


def groups(shape: Shape) -> dict[str, Shape]:
    return {name or str(number): inner for _, found in shape.groups for number, name, inner in found}


def test_what_is_done_with_groups_is_read_and_written() -> None:
    known = read(by_expression)
    found = groups(known.text)
    assert found["op"].constants == ("add", "sub", "mul")
    assert found["2"].numbers == (50,)
    assert found["who"].constants == ("me",)
    assert "whole" in known.text.constants
    assert "  group op of" in "\n".join(known.describe())
    texts = said(known)
    assert sum(re.fullmatch(r"(add|sub|mul)@(49|50|51):me", text) is not None for text in texts) > 10
    assert sum(re.match(r"[a-z]+@0[0-9]:", text) is not None for text in texts) >= 0


def test_a_group_may_be_the_checksum_of_the_one_before() -> None:
    known = read(by_sum)
    assert groups(known.text)["2"].digests == ("xor",)
    whole = [match for text in said(known) if (match := SUM.fullmatch(text))]
    assert sum(int(one[2], 16) == functools.reduce(operator.xor, one[1].encode(), 0) for one in whole) > 50
    inner = groups(known.text)["1"]
    assert {name for name, shape in groups(inner).items() if shape} == {"x"}


def test_what_is_found_in_a_text_is_read() -> None:
    found = {pattern: {number: shape for number, _, shape in inner} for pattern, inner in read(by_finding).text.groups}
    assert found[r"(\w+)=(\w+)"][1].constants == ("name",)
    assert found[r"#(\w+)"][1].constants == ("tag",)
    assert found[r"!(\w+)"][1].constants == ("bang",)
    assert r"\d" in read(by_finding).text.patterns


async def repeats_names(ws):
    found = re.fullmatch(r"(?P<who>[a-z]+)>(?P<whom>[a-z]+)", await ws.receive_text())
    found["who"], found["whom"]


def test_what_was_in_a_named_group_is_there_again() -> None:
    known, numbers, again = read(repeats_names), random.Random(5), 0
    for _ in range(200):
        speaker = Speaker(known, Dice(numbers.randbytes(BLOCK_SIZE)))
        texts = [str(speaker.message()[1]) for _ in range(3)]
        names = [text.split(">")[0] for text in texts if re.fullmatch("[a-z]+>[a-z]+", text)]
        again += len(names) > len(set(names))
    assert again > 40


async def checked_line(ws):
    body, _, check = (await ws.receive_text()).rpartition("*")
    if folded(body) != int(check, 16):
        return
    body == "go"


def test_the_last_part_may_be_the_checksum_of_the_one_before() -> None:
    known = read(checked_line)
    assert known.text.words[1].digests == ("xor",)
    assert sum(text == "go*08" for text in said(known)) > 30


async def ends(ws):
    text = await ws.receive_text()
    if not text.endswith(("\0", "\n")):
        return
    text[:-1] == "go"


async def begins(ws):
    part = (await ws.receive_text()).split(";")[1]
    if part.startswith("q="):
        float(part[2:])


def test_what_a_text_ends_with_and_what_a_part_begins_with_is_written() -> None:
    assert "ends with '\\x00', '\\n'" in read(ends).describe()[1]
    assert sum(text in ("go\0", "go\n") for text in said(read(ends))) > 40
    assert sum(";q=" in text for text in said(read(begins))) > 50


class Frame:
    def __init__(self, headers, name):
        self.headers = headers
        self.name = name

    @classmethod
    def parse(cls, text):
        command, _, rest = text.partition(" ")
        return cls(dict(pairs(rest)), command)


def pairs(rest):
    for word in rest.split(";"):
        key, _, value = word.partition("=")
        yield key, value


async def framed(ws):
    frame = Frame.parse(await ws.receive_text())
    frame.headers["to"] == "me"
    frame.name == "SEND"
    ws.headers["agent"] == "x"
    form = dict(pair.split(":") for pair in frame.headers["rest"].split(" "))
    form["inner"] == "deep"


def test_an_attribute_of_the_apps_own_is_no_handshake() -> None:
    known = read(framed)
    assert [one.name for one in known.headers] == ["agent"]
    assert known.text.words[0].constants == ("SEND",)
    named = known.text.words[1].words[1]
    assert {name for name, _ in named.keys} == {"to", "rest"}
    rest = dict(named.keys)["rest"].words[1]
    assert dict(rest.keys)["inner"].constants == ("deep",)


def exposed(name):
    def mark(function):
        function.exposed = name
        return function

    return mark


class Service:
    def __init__(self):
        self.methods = {one.exposed: one for _, one in inspect.getmembers(self, inspect.ismethod) if ws_marked(one)}
        self.plain = {name: one for name, one in inspect.getmembers(Bare())}

    @exposed("a.add")
    def add(self, params):
        return params["left"]

    @exposed("a.sub")
    def sub(self, params):
        return params["right"]


class Bare:
    def one(self):
        return 1


def ws_marked(one):
    return hasattr(one, "exposed")


async def by_mark(ws):
    service = Service()
    message = await ws.receive_json()
    service.methods[message["method"]](message["params"])
    service.plain[message["other"]]()
    inspect.getmembers(3)
    message["flag"](*message["many"])


def test_methods_are_found_by_what_a_decorator_has_put_on_them() -> None:
    known = dict(read(by_mark).json.keys)
    assert known["method"].constants == ("a.add", "a.sub")
    assert [name for name, _ in known["params"].keys] == ["left", "right"]
    assert known["other"].constants == ("one",)
    assert known["many"].places == ()


POINT = struct.Struct("!HH")
OPEN, SEND, DATA, LIST, END = range(1, 6)


class Board:
    def set_points(self, body):
        list(struct.iter_unpack("BB", body[1:]))

    def point(self, body):
        POINT.unpack(body[: POINT.size])

    def close(self, body):
        return None


async def by_table(ws):
    board = Board()
    frame = await ws.receive_bytes()
    {LIST: board.set_points, DATA: board.point, END: board.close}[frame[0]](frame[1:])


def test_a_layout_belongs_to_the_opcode_whose_function_unpacks_it() -> None:
    found = read(by_table)
    assert {one.format: (one.opcodes, one.many) for one in found.layouts} == {"BB": ((4,), True), "!HH": ((3,), False)}
    numbers = random.Random(5)
    frames = [Speaker(found, Dice(numbers.randbytes(BLOCK_SIZE))).message()[1] for _ in range(400)]
    lists = [one for one in frames if isinstance(one, bytes) and one[:1] == b"\4" and len(one) > 1]
    assert sum(len(one) == 2 + 2 * one[1] for one in lists) > 10


async def packets(ws):
    frame = await ws.receive_bytes()
    kind, size = frame[0] >> 4, 0
    if frame[0] >> 6 == 1:
        return
    for _index, byte in enumerate(frame[1:5], start=1):
        size |= (byte & 0x7F) << 7
    if kind != OPEN:
        struct.unpack("!I", frame)
        return
    if kind == 99 or size & 0x7F:
        return
    match kind:
        case 2:
            struct.unpack("!d", frame)
    struct.unpack("!H", frame[2:])


def test_a_kind_in_the_upper_bits_and_a_length_of_seven_bits_are_read() -> None:
    found = read(packets)
    assert found.varint
    assert found.blob.item is not None
    assert set(found.blob.item.constants) >= {16, 32}
    assert {one.format: one.opcodes for one in found.layouts} == {"!I": (), "!d": (32,), "!H": (16,)}
    numbers = random.Random(5)
    frames = [Speaker(found, Dice(numbers.randbytes(BLOCK_SIZE))).message()[1] for _ in range(400)]
    begun = [one for one in frames if isinstance(one, bytes) and one[:1] == b"\x10" and len(one) > 1]
    assert sum(one[1] == len(one) - 2 for one in begun) > 30


async def by_fields(ws):
    verb, *lines = (await ws.receive_text()).split("\n")
    fields = {}
    for line in lines:
        name, _, value = line.partition("=")
        fields[name] = value
    if verb == "OPEN":
        return fields.get("desk")
    if verb == "DONE":
        return fields["ticket"]
    return None


def test_what_is_read_before_it_is_known_which_command_it_is_is_said_with_each() -> None:
    known = read(by_fields)
    assert all(len(words) < 2 for words in variants(known).values())
    lines = said(known)
    for command in ("OPEN", "DONE"):
        assert sum(one.startswith(command) for one in lines) > 50
        assert any(one.startswith(command) and "\ndesk=" in one and "\nticket=" in one for one in lines)


async def told_twice(ws):
    while True:
        verb, _, rest = (await ws.receive_text()).partition(" ")
        if verb in TABLE_OF_NOBODY:
            TABLE_OF_NOBODY[verb](rest)
        elif verb in TABLE_OF_MEMBERS:
            rest.isdigit()
            TABLE_OF_MEMBERS[verb](rest)


def user(name):
    name in ("ann", "bob")


def word(secret):
    secret == "sesame"


def erase(number):
    number == "7"


def listing(rest):
    pass


TABLE_OF_NOBODY = {"USER": user, "PASS": word}
TABLE_OF_MEMBERS = {"DELE": erase, "LIST": listing}


def test_a_command_that_is_told_from_others_twice_is_what_it_was_told_to_be_last() -> None:
    known = variants(read(told_twice))
    assert known["USER"][1].constants == ("ann", "bob")
    assert known["PASS"][1].constants == ("sesame",)
    assert known["DELE"][1].constants == ("7",)
    # What was known before it was told from the others, where nothing is afterwards.
    assert known["LIST"][1].uses == ("int",)
    assert not any(shape.variants for _, shape in read(told_twice).text.variants)


async def told_as_a_whole(ws):
    words = (await ws.receive_text()).split()
    if words == ["AUTH", "hunter"]:
        return
    if words[1:] == ["now"]:
        return
    verb = words[0].upper()
    if verb in ARITY:
        getattr(Store(), ALIASES.get(verb, verb.lower()))(*words[1:])


ARITY = {"GET": 1, "SET": 2, "DEL": 1, "KEYS": 0, "NEVER": 0}
ALIASES = {"DEL": "delete"}


class Store:
    def get(self, key):
        return key

    def set(self, key, value):
        key == value == "x"

    def delete(self, key):
        key == "old"

    def keys(self):
        return ()


def test_a_list_of_words_is_one_command_and_methods_have_their_names_in_other_letters() -> None:
    known = variants(read(told_as_a_whole))
    assert [(name, len(words)) for name, words in known.items()] == [
        ("AUTH", 2),
        ("GET", 2),
        ("SET", 3),
        ("DEL", 2),
        ("KEYS", 1),
        ("NEVER", 1),
    ]
    assert known["AUTH"][1].constants == ("hunter",)
    assert known["DEL"][1].constants == ("old",)
    assert "AUTH hunter" in said(read(told_as_a_whole))
