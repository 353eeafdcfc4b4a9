from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgpack
import pytest

from wsreplay.corpus import Store, encode_entry, files
from wsreplay.corpus.inspecting import NOTES, Counting, Problem, Row, Stats, check, rows
from wsreplay.corpus.secrecy import suspects
from wsreplay.model import (
    Accepted,
    Client,
    Closed,
    Connect,
    Crashed,
    Denied,
    Ended,
    Entry,
    Message,
    Raised,
    Scenario,
    Send,
    State,
    Transcript,
)

Make = Callable[..., Entry]

# Put together here so that no scanner takes this file for a leak.
TOKEN = ".".join(["eyJ" + "hbGciOiJIUzI1", "eyJ" + "zdWIiOiIxMjM0", "c2lnbmF0dXJl"])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "corpus")


def kinds(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.kind for problem in problems]


# --- rows and figures ------------------------------------------------------------------------------------------------


def test_a_row_says_what_an_entry_is(store: Store, entry: Make) -> None:
    path = store.save(entry(bugs=("KeyError", "ValueError"), features=("a",)))
    (row,) = rows(store)
    assert isinstance(row, Row)
    assert (row.path, row.id, row.route) == (path, path.stem, "/ws/chat")
    assert (row.verdict, row.state, row.source) == ("fail", "open", "fuzz")
    assert (row.clients, row.messages, row.size) == (1, 1, path.stat().st_size)
    assert row.checks == ("handler_crash",)
    assert len(row.fingerprints) == 2
    assert row.features == ("a",)


def test_a_listing_may_be_of_some_files_only(store: Store, entry: Make) -> None:
    store.save(entry("one"))
    path = store.save(entry("two"))
    assert [row.path for row in rows(store, [path])] == [path]


def test_a_file_that_cannot_be_read_is_listed_as_a_problem(store: Store, entry: Make) -> None:
    store.save(entry("one"))
    path = store.save(entry("two"))
    path.write_bytes(b"damaged")
    listed = list(rows(store))
    assert len(listed) == 2
    assert [(one.path, one.kind) for one in listed if isinstance(one, Problem)] == [(path, "damaged")]


def stats(store: Store) -> Stats:
    counting = Counting()
    for row in rows(store):
        assert isinstance(row, Row)
        counting.add(row)
    return counting.stats()


def test_figures_count_different_bugs_and_features(store: Store, entry: Make) -> None:
    store.save(entry("one", "/a", bugs=("KeyError",), features=("a", "b")))
    store.save(entry("two", "/a", bugs=("KeyError",), features=("b", "c")))
    store.save(entry("three", "/b"))
    Store.set_state(store.save(entry("four", "/b")), State("fixed"))
    Store.set_state(store.save(entry("five", "/b")), State("accepted", "so be it"))
    figures = stats(store)
    assert [route for route, _ in figures.routes] == ["/a", "/b"]
    of_a, of_b = (one for _, one in figures.routes)
    assert (of_a.entries, of_a.failing, of_a.passing, of_a.fingerprints, of_a.features) == (2, 2, 0, 1, 3)
    assert (of_b.entries, of_b.failing, of_b.passing, of_b.fixed, of_b.accepted) == (3, 0, 3, 1, 1)
    assert figures.total.entries == 5
    assert figures.total.messages == 5
    assert figures.total.size == sum(path.stat().st_size for path in store.paths())
    assert figures.checks == (("handler_crash", 2),)


def test_an_empty_corpus_has_empty_figures(store: Store) -> None:
    figures = stats(store)
    assert figures.total.entries == 0
    assert figures.routes == figures.checks == check(store) == ()


def test_a_file_that_has_gone_has_no_size(tmp_path: Path) -> None:
    assert files.size(tmp_path / "gone") == 0


# --- problems --------------------------------------------------------------------------------------------------------


def test_a_sound_corpus_has_no_problems(store: Store, entry: Make) -> None:
    store.save(entry("one", bugs=("KeyError",)))
    store.save(entry("two", "/chat/{room}"))
    assert check(store) == ()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "damaged"),
        (b"\x95\xa8wsreplay\x02", "newer"),
    ],
)
def test_an_unusable_file_is_a_problem_with_advice(store: Store, entry: Make, content: bytes, kind: str) -> None:
    path = store.save(entry())
    path.write_bytes(content)
    (problem,) = check(store)
    assert (problem.path, problem.kind) == (path, kind)
    assert str(path) in problem.detail
    assert problem.hint
    assert problem.kind not in NOTES


def test_a_misnamed_file_is_a_problem(store: Store, entry: Make) -> None:
    path = store.save(entry())
    path.rename(path.with_name("0123456789abcdef.msgpack"))
    assert kinds(check(store)) == ["misnamed"]


def test_a_file_in_another_routes_directory_is_a_problem(store: Store, entry: Make) -> None:
    path = store.save(entry())
    (store.directory / "elsewhere").mkdir()
    path.rename(store.directory / "elsewhere" / path.name)
    (problem,) = check(store)
    assert problem.kind == "misplaced"
    assert problem.hint == f"Move it to {path}."


def test_a_record_in_another_encoding_is_noted(store: Store, entry: Make) -> None:
    path = store.save(entry())
    magic, version, _, scenario, record = msgpack.unpackb(path.read_bytes())
    parts = msgpack.unpackb(record)
    parts[0][0][0][1] = -0.0
    other = msgpack.packb(parts)
    path.write_bytes(msgpack.packb([magic, version, zlib.crc32(scenario + other), scenario, other]))
    assert store.load(path) == entry()
    assert kinds(check(store)) == ["not canonical"]


def test_a_second_entry_for_the_same_bug_is_noted(store: Store, entry: Make) -> None:
    paths = sorted(store.save(entry(text, bugs=("KeyError",))) for text in ("one", "two"))
    store.save(entry("three", bugs=("ValueError",)))
    store.save(entry("four", bugs=("KeyError",), severity="warning"))
    (problem,) = check(store)
    assert (problem.path, problem.kind) == (paths[1], "duplicate")
    assert str(paths[0]) in problem.detail


def test_leftovers_are_noted_wherever_they_are(store: Store, entry: Make) -> None:
    path = store.save(entry())
    path.with_name(f".{path.stem}-01234567.tmp").write_bytes(b"half")
    path.with_name(f"{path.stem}.01234567.damaged").write_bytes(b"damaged")
    (store.directory / f"{path.stem}.01234567.damaged").write_bytes(b"damaged")
    (store.directory / "README.md").write_text("about this corpus")
    assert kinds(check(store)) == ["leftover"] * 3


# --- secrets ---------------------------------------------------------------------------------------------------------


def test_what_looks_like_a_credential_is_named_with_its_place(store: Store, entry: Make) -> None:
    scenario = Scenario(
        "/",
        (Client("/", f"token={TOKEN}", (("Authorization", f"Bearer {TOKEN}"),)), Client(f"/{TOKEN}")),
        (
            Connect(0),
            Send(0, "json", f'{{"token": "{TOKEN} {TOKEN}"}}'),
            Send(0, "bytes", b"\xff" + b"AKIA" + b"A" * 16),
        ),
    )
    events = (
        Message(0.0, 1, 0, "client", "text", TOKEN),
        Message(0.0, 1, 0, "app", "text", "-----BEGIN RSA " + "PRIVATE KEY-----"),
    )
    found = suspects(replace(entry(), scenario=scenario, transcript=Transcript(events)))
    assert found == [
        ("the query of client 0", "a JSON Web Token"),
        ("the header Authorization of client 0", "a JSON Web Token"),
        ("the path of client 1", "a JSON Web Token"),
        ("the message of step 1", "a JSON Web Token"),
        ("the message of step 2", "an AWS access key"),
        ("a reply during step 1", "a private key"),
    ]


def test_credentials_are_looked_for_wherever_an_app_may_repeat_them(entry: Make) -> None:
    raised = Raised("ValueError", f"no user of {TOKEN}")
    events = (
        Accepted(0.0, 0, 0, headers=(("x-you", f"Bearer {'a' * 20}"),)),
        Denied(0.0, 1, 0, 401, b"glpat-" + b"a" * 20),
        Closed(0.0, 2, 0, "app", 1008, "AIza" + "a" * 35),
        Closed(0.0, 2, 0, "client", 1008, "AIza" + "a" * 35),
        Crashed(0.0, 3, 0, "log", raised),
        Ended(0.0, 4, 0, "raised", raised=raised),
        Ended(0.0, 5, 0, "returned"),
    )
    scenario = Scenario("/", (Client("/", subprotocols=("sk_live_" + "a" * 16,)),), ())
    assert suspects(replace(entry(), scenario=scenario, transcript=Transcript(events))) == [
        ("a subprotocol of client 0", "a Stripe key"),
        ("the app's header x-you during step 0", "a bearer token"),
        ("the refusal during step 1", "a GitLab token"),
        ("the reason of the close during step 2", "a Google API key"),
        ("the exception during step 3", "a JSON Web Token"),
        ("the exception during step 4", "a JSON Web Token"),
    ]


def test_placeholders_are_no_credentials(entry: Make) -> None:
    text = "Bearer {{header:authorization}} Basic {{header:authorization#2}} {{message:secret}}"
    assert suspects(entry(text)) == []


def test_ordinary_messages_are_no_credentials(entry: Make) -> None:
    for text in ("", "Bearer {token}", "eyJ.eyJ.x", "password=hunter2", "AKIA", "\ud800", "a" * 5000, "-" * 5000):
        assert suspects(entry(text)) == []


def test_a_credential_in_an_entry_is_noted_by_check(store: Store, entry: Make) -> None:
    store.save(entry(TOKEN))
    problems = check(store)
    assert set(kinds(problems)) == {"secret"}
    assert encode_entry(entry(TOKEN))
    assert TOKEN not in "".join(problem.detail for problem in problems)
