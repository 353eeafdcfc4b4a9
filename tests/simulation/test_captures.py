"""A client says back what the app has said, by symbols."""

from __future__ import annotations

import json
from pathlib import Path

import msgpack
import pytest

from wsreplay.model import Client, Connect, Message, Profile, Scenario, Send
from wsreplay.rows import row
from wsreplay.simulation import Simulation
from wsreplay.simulation.captures import MOST_WORK, Captures
from wsreplay.sources import Sources

ROWS = [
    row(Message, 0.0, 0, 0, "app", "text", '{"ticket": {"id": 7, "name": "a\\"b"}, "open": true}'),
    row(Message, 0.0, 0, 0, "client", "json", '{"id": 1}'),
    row(Message, 0.0, 1, 1, "app", "text", '[{"id": "other", "only": 2.5}]'),
    row(Message, 0.0, 1, 0, "app", "bytes", b'\x93{"id": 9}'),
    row(Message, 0.0, 1, 0, "app", "text", "welcome number 12"),
    row(Message, 0.0, 1, 0, "app", "text", '{"broken'),
]


def _encoded(document: object) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ('{"id": "{{reply:id}}"}', '{"id": 7}'),
        ("cancel {{reply:id}}", "cancel 7"),
        ('{"name": "{{reply:name}}"}', '{"name": "a\\"b"}'),
        ("call {{reply:name}}", 'call a"b'),
        ('["{{reply:only}}", "{{reply:open}}"]', "[2.5, true]"),
        ("{{word:2}} {{word:0}} {{word:9}}", '12 {"broken {{word:9}}'),
        ("{{reply:ticket}} {{reply:nothing}}", "{{reply:ticket}} {{reply:nothing}}"),
        ("{{word:x}} {{header:a}} {{}}", "{{word:x}} {{header:a}} {{}}"),
    ],
)
def test_symbols_stand_for_the_latest_that_the_app_has_said(data: str, said: str) -> None:
    assert Captures(ROWS).resolved(data, 0) == said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ('["{{reply:id~1}}", "{{reply:id}}"]', '["b", 3]'),
        ("{{reply:id~2}} {{reply:id~9}}", "1 1"),
        ("{{reply:name~1}} {{reply:other~1}}", "ann {{reply:other~1}}"),
        ("{{reply:id~0}} {{reply:a~1~1}}", "{{reply:id~0}} {{reply:a~1~1}}"),
    ],
)
def test_what_the_app_has_said_before_is_counted_by_values_that_differ(data: str, said: str) -> None:
    documents = ({"id": 1, "name": "ann"}, {"id": "b"}, {"id": "b"}, {"id": 3})
    rows = [row(Message, 0.0, 0, 0, "app", "text", json.dumps(one)) for one in documents]
    assert Captures(rows).resolved(data, 0) == said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x05{{bytes:1:4}}", b"\x05wxyz"),
        (b"{{bytes:1:2:02}}{{bytes:0:1:02}}", b"ab\x02"),
        (
            b"{{bytes:0:9}} {{bytes:1:4:07}} {{bytes:x:1}} {{word:0}}",
            b"{{bytes:0:9}} {{bytes:1:4:07}} {{bytes:x:1}} {{word:0}}",
        ),
        (b"{{bytes:0:6}}", b"others"),
    ],
)
def test_in_other_bytes_they_stand_for_bytes_of_the_latest_that_has_as_many(data: bytes, said: bytes) -> None:
    rows = [
        row(Message, 0.0, 0, 1, "app", "bytes", b"others"),
        row(Message, 0.0, 0, 0, "app", "bytes", b"\x02abc"),
        row(Message, 0.0, 0, 0, "app", "bytes", b"\x03wxyz"),
        row(Message, 0.0, 1, 0, "app", "text", "a long text, which has no bytes"),
        row(Message, 0.0, 1, 0, "app", "bytes", b"\x01"),
    ]
    assert Captures(rows).resolved(data, 0) == said


@pytest.mark.parametrize(("pack", "unpack"), [(msgpack.packb, msgpack.unpackb), (_encoded, json.loads)])
def test_they_do_so_in_documents_in_bytes(pack, unpack) -> None:
    rows = [row(Message, 0.0, 0, 0, "app", "bytes", pack({"lot": "a7", "seat": 7}))]
    said = Captures(rows).resolved(pack({"lot": "{{reply:lot}}", "seat": "{{reply:seat}}", "x": "{{reply:x}}"}), 0)
    assert unpack(said) == {"lot": "a7", "seat": 7, "x": "{{reply:x}}"}
    assert Captures(rows).resolved(b"\x00{{reply:lot}}", 0) == b"\x00{{reply:lot}}"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("MESSAGE\nid:7\nmessage-id:m-1\n\nbody\0", "7 m-1"),
        ("made id=8; message-id: m=2, or so", "8 m=2"),
        ("id=9&message-id=m-3\0", "9 m-3"),
        ("my-id:1 theid:2 id : 3 id:", "{{reply:id}} {{reply:message-id}}"),
    ],
)
def test_in_a_text_a_key_stands_before_its_value(reply: str, said: str) -> None:
    rows = [row(Message, 0.0, 0, 0, "app", "text", reply)]
    assert Captures(rows).resolved("{{reply:id}} {{reply:message-id}}", 0) == said


def test_what_was_said_to_the_client_comes_before_what_was_said_to_others() -> None:
    assert Captures(ROWS).resolved("{{reply:id}}", 1) == "other"
    assert Captures(ROWS).resolved("{{reply:id}}", 2) == "other"
    assert Captures(ROWS[:-1]).resolved("{{word:1}}", 1) == '"other",'
    assert Captures(ROWS[:-1]).resolved("{{word:2}}", 2) == "12"


def test_documents_that_are_too_deep_or_too_large_are_left_alone() -> None:
    deep = [row(Message, 0.0, 0, 0, "app", "text", '{"id": ' + "[" * 100_000)]
    large = [row(Message, 0.0, 0, 0, "app", "text", json.dumps([[0] * 20_000, {"id": 1}]))]
    assert Captures(deep).resolved("{{reply:id}}", 0) == "{{reply:id}}"
    assert Captures(large).resolved("{{reply:id}}", 0) == "{{reply:id}}"


def test_a_message_made_of_symbols_costs_no_more_than_a_few_large_replies() -> None:
    rows = [row(Message, 0.0, 0, 0, "app", "text", json.dumps({"id": "x" * 1_000_000}))] * 100
    captures = Captures(rows)
    said = captures.resolved("{{reply:id}}{{word:7}}{{reply:none}}" * 100_000, 0)
    assert 2_000_000 < len(said) < MOST_WORK + 4_000_000
    assert said.endswith("{{reply:id}}{{word:7}}{{reply:none}}")
    assert captures.resolved("{{reply:id}}", 0) == "{{reply:id}}"


async def desk(scope, receive, send):
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    number = 40
    while (event := await receive())["type"] == "websocket.receive":
        number += 1
        reply = {"heard": event["text"], "ticket": number}
        await send({"type": "websocket.send", "text": json.dumps(reply)})


@pytest.mark.parametrize("sends", ["immediate", "suspend"])
def test_what_was_really_sent_is_on_record(sends) -> None:
    simulation = Simulation(desk, Sources(Path(__file__).parent))
    simulation.start()
    steps = (Connect(0), Send(0, "text", "hello"), Send(0, "json", '{"take": "{{reply:ticket}}"}'))
    transcript = simulation.run(Scenario("/", (Client("/"),), steps, Profile(sends)))
    simulation.stop()
    sent = [one.data for one in transcript.events if isinstance(one, Message) and one.origin == "client"]
    assert sent == ["hello", '{"take": 41}']
