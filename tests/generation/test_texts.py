"""Texts that hold something else: how it is read, and that what is sent holds it."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import random
from json import loads
from urllib.parse import parse_qs, parse_qsl

from wsreplay.generation import Knowledge, knowledge
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Shape
from wsreplay.model import Endpoint, Route


def read(handler) -> Knowledge:
    return knowledge(Endpoint(Route("/ws"), handler))


def keys(shape: Shape | None) -> dict[str, Shape]:
    assert shape is not None
    return dict(shape.keys)


def said(known: Knowledge, count: int = 400) -> list[str]:
    numbers = random.Random(5)
    texts = [Speaker(known, Dice(numbers.randbytes(BLOCK_SIZE))).message()[1] for _ in range(count)]
    return [one for one in texts if isinstance(one, str)]


async def imported(ws):
    text = await ws.receive_text()
    command, _, body = text.partition("\n")
    reader = csv.DictReader(io.StringIO(body), delimiter=";")
    if command == "LOAD":
        for row in list(reader):
            if int(row["qty"]) > 7 or row["sku"] == "none":
                return


def test_the_columns_of_a_table_are_read_and_written() -> None:
    known = read(imported)
    assert known.text.words[1].rows is not None
    assert set(keys(known.text.words[1].rows)) == {"qty", "sku"}
    assert "      qty: int; compared with 7" in known.describe()
    tables = [one.split("\n")[1:] for one in said(known) if one.startswith("LOAD\n")]
    assert sum(lines[0] in ("qty;sku", "sku;qty") for lines in tables) > 50
    rows = [row.split(";") for lines in tables for row in lines[1:]]
    assert {1, 2, 3} <= {len(row) for row in rows}
    assert any({"6", "7", "8"} & set(row) for row in rows)
    assert any("" in row for row in rows)
    assert any(lines[0] in ("qty", "sku") for lines in tables)


async def listed(ws):
    while True:
        for row in csv.reader((await ws.receive_text()).splitlines()):
            if row[0] == "add" and len(row) > 2:
                return


async def one_line(ws):
    row = next(csv.reader([await ws.receive_text()]))
    if row[0] == "del" and row[1].isdigit():
        return


async def first_row(ws):
    rows = list(csv.reader(io.StringIO(await ws.receive_text())))
    for row in rows[1:]:
        if row[0] == "x":
            break
    if rows[0][0] == "name":
        return


async def no_table(ws):
    csv.reader(ws.lines)
    csv.reader([ws.line])
    csv.reader([await ws.receive_text(), "b"])
    csv.reader()


def test_rows_without_names_are_lines_of_parts() -> None:
    known = read(listed)
    assert known.text.rows is not None
    assert (known.text.rows.separator, known.text.rows.words[0].constants) == (",", ("add",))
    assert sum("add," in one for one in said(known)) > 50
    line = read(one_line)
    assert (line.text.separator, line.text.words[0].constants) == (",", ("del",))
    assert read(first_row).text.rows.words[0].constants == ("x", "name")  # type: ignore[union-attr]
    assert read(no_table).text.rows is None


async def formed(ws):
    form = parse_qs(await ws.receive_text())
    if form["kind"][0] == "move" and int(form.get("step", ["1"])[0]) < 9:
        return


async def paired(ws):
    form = dict(parse_qsl(await ws.receive_text()))
    if form["kind"] == "stay":
        return


async def asked(ws):
    parse_qs(ws.url.query)["room"]
    parse_qs(ws.query_params)["key"]


def test_a_message_may_be_a_form() -> None:
    texts = said(read(formed))
    assert any("kind=move" in one and "step=9" in one and "&" in one for one in texts)
    assert any("kind=stay" in one for one in said(read(paired)))
    found = read(asked)
    assert [one.name for one in found.query] == ["room", "key"]
    assert not found.text


async def packed(ws):
    message = await ws.receive_json()
    inner = json.loads(message["payload"])
    if inner["kind"] == "open" and bytes.fromhex(inner["key"]) == b"\xff\x01":
        return
    other = loads(base64.b64decode(message["blob"]))
    if other["level"] > 3 or binascii.unhexlify(message["raw"]).startswith(b"k"):
        return
    ws.serializer.loads(message["token"])
    base64.b64decode(b"eA==")
    json.loads(message)


async def deep(ws):
    message = await ws.receive_json()
    for _ in range(2):
        message = json.loads(message["a"]["b"])["c"]["d"]
    json.loads(message["e"])


async def encoded(ws):
    text = base64.urlsafe_b64decode(await ws.receive_text()).decode()
    if text == "hello":
        return


def test_what_is_coded_in_a_text_is_read_and_written() -> None:
    known = read(packed)
    top = keys(known.json)
    coding, inner = top["payload"].coded  # type: ignore[misc]
    assert (coding, keys(inner)["kind"].constants) == ("json", ("open",))
    assert keys(inner)["key"].coded == ("hex", Shape(chunks=(b"\xff\x01",)))
    coding, outer = top["blob"].coded  # type: ignore[misc]
    assert coding == "base64"
    assert outer.coded is not None
    assert top["token"].coded is None
    assert "  in it, as json" in [line[2:] for line in known.describe()]
    messages = [json.loads(one) for one in said(known) if one.startswith('{"payload"')]
    opened = [one for one in messages if isinstance(one["payload"], str) and '"kind": "open"' in one["payload"]]
    assert len(opened) > 50
    assert any('"ff01"' in one["payload"] for one in opened)
    assert any('"level": 4' in base64.b64decode(one["blob"]).decode() for one in opened if good(one))
    assert sum(base64.urlsafe_b64encode(b"hello").decode() == one for one in said(read(encoded))) > 50
    assert read(deep).json


def good(message: dict[str, object]) -> bool:
    try:
        return "level" in base64.b64decode(str(message["blob"])).decode()
    except (KeyError, ValueError):
        return False
