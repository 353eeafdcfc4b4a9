"""Every format version has one frozen file below corpus/gold; each is read for ever, as exactly this value.

They lie one level deeper than entries do, so a replay of `corpus/` does not see them. A version's file never changes: a
new version gets a new one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgpack

from wsreplay.corpus import Store, encode_entry, scenario_id
from wsreplay.corpus.codec import TAGS, VERSION
from wsreplay.model import (
    Accepted,
    Blocked,
    Client,
    Close,
    Closed,
    Connect,
    Consumed,
    Crashed,
    Denied,
    Died,
    Drop,
    Dropped,
    Ended,
    Entry,
    Finding,
    Frame,
    Hung,
    Leaked,
    Message,
    Opened,
    Pause,
    Profile,
    Provenance,
    Raised,
    Resume,
    Scenario,
    Send,
    Slow,
    State,
    Told,
    Transcript,
    Violation,
    Wait,
)

CORPUS = Path(__file__).parents[2] / "corpus"
FILES = {1: CORPUS / "gold" / "v1" / "e72db49718812621.msgpack"}

FRAME = Frame("shop/orders.py", 41, "place_order", "price = order['price']")
LIBRARY = Frame("starlette/routing.py", 7, "app", app=False)
RAISED = Raised("KeyError", "'price'", "builtins", (LIBRARY, FRAME))
GROUP = Raised("OSError", "gone", "builtins", (FRAME,), "peer_gone", 1, True)

EVERYTHING = Entry(
    scenario=Scenario(
        route="/orders/{id}",
        clients=(
            Client("/orders/7", "a=1&b=%20", (("x-token", "{credential:0}"), ("origin", "https://x")), ("v1", "v2")),
            Client("/orders/\u00fc\ud800"),
        ),
        steps=(
            Connect(0),
            Connect(1),
            Send(0, "json", '{"price": [1, 2.5, null]}'),
            Send(0, "text", "lone \udfff surrogate, \U0001f600"),
            Send(1, "bytes", b"\x00\xff"),
            Wait(30.0),
            Pause(1),
            Resume(1),
            Close(0, 4000, "bye"),
            Close(0, None),
            Close(0),
            Close(0, 2**70),
            Drop(1),
        ),
        profile=Profile("suspend"),
    ),
    transcript=Transcript(
        events=(
            Opened(0.0, 0, 0),
            Accepted(0.0, 0, 0, "v1", (("x-server", "1"),)),
            Denied(0.5, 1, 1, 403, b"no"),
            Message(0.5, 2, 0, "client", "json", '{"price": [1, 2.5, null]}'),
            Consumed(0.5, 2, 0, 2),
            Message(1.0, 2, 0, "app", "bytes", b"\x01"),
            Message(1.0, 2, 0, "app", "text", ""),
            Closed(1.0, 8, 0, "client", 4000, "bye"),
            Closed(1.0, 9, 0, "app", None),
            Closed(1.0, 11, 0, "app", 2**70, "", RAISED),
            Dropped(2.0, 12, 1),
            Told(2.0, 12, 1),
            Violation(2.0, 12, 1, "send-after-close", "it sent a message after its close", (FRAME,)),
            Ended(2.0, 12, 0, "raised", None, RAISED),
            Ended(2.0, 12, 1, "closed", 1008),
            Crashed(2.5, 13, -1, "task", GROUP, "heartbeat"),
            Hung(12.5, 13, 1, "disconnect", True, (FRAME,)),
            Blocked(12.5, 13, 0, 0.5, (FRAME,)),
            Slow(12.5, 13, 0, float("inf")),
            Leaked(12.5, 13, 0, ("heartbeat", "pump")),
            Died(12.5, 13, 0, "signal 11", (FRAME,)),
        ),
        features=("close:1008", "reply:{ok:bool}"),
    ),
    findings=(
        Finding(
            "handler_crash",
            "failure",
            "/orders/{id}",
            "raised",
            "the handler raised KeyError: 'price'",
            "KeyError",
            "'price'",
            FRAME,
            2,
            0,
            1011,
            (LIBRARY, FRAME),
        ),
        Finding("leaked_task", "warning", "/orders/{id}", "leaked", "2 tasks outlive the session"),
    ),
    provenance=Provenance("mutate", 2**64, 212, "0.1.0", "3.11.7", "6.170.15", 1),
    state=State("accepted", "old clients do this", "2027-01-31"),
)

GOLD = {1: EVERYTHING}


def test_every_version_there_has_been_has_its_frozen_file() -> None:
    assert sorted(FILES) == sorted(GOLD) == list(range(1, VERSION + 1))
    assert sorted((CORPUS / "gold").rglob("*.msgpack")) == sorted(FILES.values())


def test_each_frozen_file_is_read_as_its_value() -> None:
    for version, path in FILES.items():
        assert Store.load(path) == GOLD[version]


def test_the_frozen_file_of_this_version_is_what_is_written() -> None:
    assert encode_entry(GOLD[VERSION]) == FILES[VERSION].read_bytes()
    assert scenario_id(GOLD[VERSION].scenario) == FILES[VERSION].stem


def test_the_frozen_entry_holds_every_kind_of_step_and_event() -> None:
    entry = GOLD[VERSION]
    assert {type(one) for one in (*entry.scenario.steps, *entry.transcript.events)} == set(TAGS)


def test_a_replay_of_the_committed_corpus_does_not_see_the_frozen_files() -> None:
    store = Store(CORPUS)
    assert not set(store.paths()) & set(FILES.values())
    assert not set(store.select([str(CORPUS)])) & set(FILES.values())


def test_a_reader_needs_no_more_than_the_specification() -> None:
    # docs/format.md, followed by hand.
    parts = msgpack.unpackb(FILES[1].read_bytes(), raw=False, unicode_errors="surrogatepass")
    assert parts[:2] == ["wsreplay", 1]
    assert hashlib.sha256(parts[3]).hexdigest()[:16] == FILES[1].stem
    route, clients, steps, profile = msgpack.unpackb(parts[3], raw=False, unicode_errors="surrogatepass")
    assert (route, profile) == ("/orders/{id}", ["suspend"])
    assert clients[0] == [
        "/orders/7",
        "a=1&b=%20",
        [["x-token", "{credential:0}"], ["origin", "https://x"]],
        ["v1", "v2"],
    ]
    assert steps[:3] == [["connect", 0], ["connect", 1], ["send", 0, "json", '{"price": [1, 2.5, null]}']]
    assert steps[8:] == [
        ["close", 0, 4000, "bye"],
        ["close", 0, None],
        ["close", 0],
        ["close", 0, "1180591620717411303424"],
        ["drop", 1],
    ]
    transcript, findings, provenance, state = msgpack.unpackb(parts[4], raw=False, unicode_errors="surrogatepass")
    assert transcript[0][0] == ["opened", 0.0, 0, 0]
    assert findings[1] == ["leaked_task", "warning", "/orders/{id}", "leaked", "2 tasks outlive the session"]
    assert provenance[:2] == ["mutate", "18446744073709551616"]
    assert state == ["accepted", "old clients do this", "2027-01-31"]
