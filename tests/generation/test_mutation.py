"""Mutations stay well formed because whatever comes out of them is repaired."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from wsreplay.documents import parsed, written
from wsreplay.generation import Options
from wsreplay.generation.alterations import altered, turned
from wsreplay.generation.binary import Frames
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.drafting import FOLLOWING, OPERATIONS, Draft, Hear, Operation, Says, Talk
from wsreplay.generation.energy import FOLLOWED, NEWEST
from wsreplay.generation.knowledge import Knowledge, Layout
from wsreplay.generation.mutation import Mutator
from wsreplay.generation.packing import repacked, takes_documents, unpacked
from wsreplay.generation.payloads import Path, Payload
from wsreplay.generation.repair import repaired, with_headers
from wsreplay.model import Client, Close, Connect, Drop, Pause, Profile, Resume, Scenario, Send, Step, Wait

OPTIONS = Options()
TWO = (Client("/a"), Client("/b"))
TALK = Scenario(
    "/ws",
    TWO,
    (
        Connect(0),
        Connect(1),
        Send(0, "json", '{"type": "join", "users": [{"name": "ann"}]}'),
        Send(1, "text", "hello there"),
        Close(1, 1001),
        Drop(0),
    ),
)


def dice(number: int) -> Dice:
    return Dice(random.Random(number).randbytes(BLOCK_SIZE))


def fresh(_: Client | None = None) -> Payload:
    return "text", "fresh"


def deaf(_: str | bytes) -> None:
    """Pay no attention to what samples say."""


def unknown(_: Path) -> str | None:
    """Know nothing of any place in a document."""
    return None


def talk(says: Says = fresh, hear: Hear = deaf, behave: Callable[[], None] = lambda: None) -> Talk:
    return Talk(says, hear, unknown, behave)


def mend(*steps: Step, clients: tuple[Client, ...] = TWO, options: Options = OPTIONS) -> Scenario:
    return repaired(Scenario("/ws", clients, steps), options)


def test_a_well_formed_scenario_is_left_as_it_is() -> None:
    assert repaired(TALK, OPTIONS) == TALK


def test_a_missing_connect_is_added_before_the_first_step_of_its_client() -> None:
    assert mend(Wait(1.0), Send(0, "text", "a"), Drop(1)).steps == (
        Wait(1.0),
        Connect(0),
        Send(0, "text", "a"),
        Connect(1),
        Drop(1),
    )


def test_what_cannot_be_done_is_left_out() -> None:
    steps = (
        Connect(0),
        Connect(0),
        Resume(0),
        Pause(0),
        Pause(0),
        Resume(0),
        Close(0),
        Send(0, "text", "late"),
        Drop(0),
        Send(9, "text", "nobody"),
    )
    assert mend(*steps).steps == (Connect(0), Pause(0), Resume(0), Close(0))


def test_clients_that_never_connect_are_left_out_and_the_others_renumbered() -> None:
    mended = mend(Send(1, "text", "a"), Wait(1.0))
    assert mended.clients == (Client("/b"),)
    assert mended.steps == (Connect(0), Send(0, "text", "a"), Wait(1.0))


def test_when_nobody_connects_the_first_client_does() -> None:
    assert mend(Wait(1.0)) == Scenario("/ws", (Client("/a"),), (Connect(0),))


def test_messages_and_clients_beyond_the_bounds_are_left_out() -> None:
    small = Options(max_messages=1, max_clients=1, max_message_size=3)
    steps = (Send(0, "text", "long"), Send(0, "text", "abc"), Send(0, "text", "d"), Send(1, "text", "e"))
    mended = mend(*steps, options=small)
    assert mended.steps == (Connect(0), Send(0, "text", "abc"))
    assert mended.clients == TWO[:1]


def test_configured_headers_take_the_place_of_a_samples_own() -> None:
    client = Client("/a", headers=(("X-Token", "old"), ("x-own", "1")))
    assert with_headers(client, (("x-token", "new"),)).headers == (("x-token", "new"), ("x-own", "1"))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_every_operation_changes_something_and_never_fails(operation) -> None:
    silent = Scenario("/ws", (Client("/a"),), ())
    others = (TALK, silent)
    changed = 0
    for number in range(200):
        for sample in others:
            draft = Draft(sample, others, OPTIONS, dice(number), talk())
            operation(draft)
            changed += (tuple(draft.clients), tuple(draft.steps)) != (sample.clients, sample.steps)
            repaired(Scenario("/ws", tuple(draft.clients), tuple(draft.steps)), OPTIONS)
    assert changed > 50


def test_a_mutator_without_usable_samples_is_false() -> None:
    assert not Mutator((), OPTIONS)
    assert not Mutator((Scenario("/ws", (), ()),), OPTIONS)
    assert Mutator((TALK,), OPTIONS)


def test_the_profile_of_a_sample_is_mostly_kept() -> None:
    sample = Scenario("/ws", TWO, TALK.steps, Profile("suspend"))
    profiles = [Mutator((sample,), OPTIONS).scenario(dice(number), talk()).profile.sends for number in range(200)]
    assert 0 < profiles.count("immediate") < 40


def test_every_message_of_a_sample_is_heard() -> None:
    heard: list[str | bytes] = []
    Mutator((TALK,), OPTIONS).scenario(dice(1), talk(hear=heard.append))
    assert heard == ['{"type": "join", "users": [{"name": "ann"}]}', "hello there"]


def test_the_newest_samples_are_mutated_most() -> None:
    samples = [Scenario("/ws", (Client(f"/{number}"),), (Connect(0),)) for number in range(100)]
    mutator = Mutator(samples[:50], OPTIONS)
    for sample in samples[50:]:
        mutator.add(sample)
    chosen = [mutator.scenario(dice(number), talk()).clients[0].path for number in range(400)]
    newest = sum(int(path[1:]) >= 100 - NEWEST for path in chosen)
    assert 160 < newest < 260
    assert len(set(chosen)) > 60


def test_what_is_wanted_is_mostly_taken_and_gone_on_with() -> None:
    samples = [Scenario("/ws", (Client(path),), (Connect(0), Send(0, "text", "hi"))) for path in ("/a", "/b", "/c")]
    mutator = Mutator(samples, OPTIONS)

    def wanted(sample: Scenario) -> bool:
        return sample.clients[0].path == "/c"

    made = [mutator.scenario(dice(number), talk(), wanted) for number in range(400)]
    chosen = [scenario.clients[0].path for scenario in made]
    assert chosen.count("/c") > 0.45 * len(chosen)
    assert {"/a", "/b"} < set(chosen)
    longer = [scenario for scenario in made if scenario.steps[:2] == samples[0].steps and len(scenario.steps) > 2]
    assert len(longer) > len(made) / 4


def test_a_sample_that_is_extended_goes_on_before_anybody_leaves() -> None:
    for number in range(50):
        draft = Draft(TALK, (TALK,), OPTIONS, dice(number), talk())
        draft.extend()
        steps = tuple(draft.steps)
        added = len(steps) - len(TALK.steps)
        assert 1 <= added <= 4
        assert steps[:4] == TALK.steps[:4]
        assert steps[-2:] == TALK.steps[-2:]
        assert all(step == Send(step.client, "text", "fresh") for step in steps[4:-2])


def variants(step: Send, count: int = 300) -> list[Payload]:
    return [altered(step, dice(number), fresh, unknown) for number in range(count)]


def test_one_leaf_of_a_json_message_changes_and_the_rest_stays() -> None:
    original = {"type": "join", "user": {"name": "ann", "age": 3}}
    found = variants(Send(0, "json", json.dumps(original)))
    assert all(kind == "json" or data == "fresh" for kind, data in found)
    one_changed = 0
    for _, data in found:
        try:
            changed = json.loads(data)
        except ValueError:
            continue
        one_changed += isinstance(changed, dict) and changed.get("user") == original["user"] and changed != original
    assert one_changed > 30
    assert any(data == '{"type": "join", "user": {"age": 3}}' for _, data in found)


@pytest.mark.parametrize("text", ["", "hello", "a b c", "{broken", "[" * 5000, "[" + "1" * 5000 + "]", "{}", '"a"'])
def test_what_is_no_json_with_leaves_is_changed_as_words(text: str) -> None:
    found = variants(Send(0, "text", text), 60)
    assert any(data != text for _, data in found)
    assert {kind for kind, _ in found} == {"text"}


def test_only_the_first_places_of_a_huge_document_are_considered() -> None:
    huge = json.dumps([[[number] for number in range(150)] for _ in range(150)])
    assert all(isinstance(data, str) for _, data in variants(Send(0, "json", huge), 20))


def test_a_place_that_is_known_mostly_gets_a_value_that_belongs_there() -> None:
    asked: set[Path] = set()

    def again(path: Path) -> str | None:
        asked.add(path)
        return '"known"' if path[-1] == "name" else None

    document = Send(0, "json", '{"users": [{"name": "ann"}], "n": 1}')
    found = [altered(document, dice(number), fresh, again)[1] for number in range(300)]
    assert asked == {("users",), ("n",), ("users", 0), ("users", 0, "name")}
    assert '{"users": [{"name": "known"}], "n": 1}' in found


def test_bytes_of_which_the_layout_is_known_keep_it() -> None:
    frames = Frames(Knowledge(layouts=(Layout(">HH"),)))
    found = [
        altered(Send(0, "bytes", b"\0\x01\0\x02"), dice(number), fresh, unknown, frames)[1] for number in range(200)
    ]
    assert len([data for data in found if len(data) == 4]) > 100


def test_bytes_stay_bytes() -> None:
    found = variants(Send(0, "bytes", b"\x00\x01\x02"))
    assert {kind for kind, data in found if data != "fresh"} == {"bytes"}
    assert len(set(found)) > 20


def test_a_number_grows_large_and_its_message_is_sent_more_than_once() -> None:
    sample = Scenario(
        "/ws", TWO[:1], (Connect(0), Send(0, "json", '{"a1": "b2", "add": -1.5}'), Send(0, "bytes", b"1"))
    )
    heaps = set()
    for number in range(50):
        draft = Draft(sample, (sample,), OPTIONS, dice(number), talk())
        draft.heap()
        said = [step.data for step in draft.steps[1:-1] if isinstance(step, Send)]
        assert draft.steps[-1] == sample.steps[-1]
        assert len(set(said)) == 1
        heaps.add((json.loads(said[0])["add"], len(said)))
    assert {(1e308, 2), (1e308, 3), (-1e308, 2)} <= heaps


def test_something_else_is_said_before_what_was_said_last() -> None:
    lengths, said = set(), set()
    for number in range(60):
        draft = Draft(TALK, (TALK,), OPTIONS, dice(number), talk(lambda client: ("text", "goodbye now")))
        draft.precede()
        added = len(draft.steps) - len(TALK.steps)
        lengths.add(added)
        assert draft.steps[3 + added :] == list(TALK.steps[3:])
        said |= {(step.client, step.data) for step in draft.steps[3 : 3 + added] if isinstance(step, Send)}
    assert lengths == {1, 2}
    assert {(1, "goodbye now"), (0, "goodbye now"), (1, "goodbye there")} <= said


@pytest.mark.parametrize(
    ("step", "other", "turned_into"),
    [
        (Send(0, "text", "JOIN:a:b"), ("text", "LEAVE c"), ("text", "LEAVE:a:b")),
        (Send(0, "text", "JOIN"), ("json", "{"), ("text", "{")),
        (
            Send(0, "json", '{"do": "add", "id": 1}'),
            ("json", '{"id": 2, "do": "remove"}'),
            ("json", '{"do": "remove", "id": 1}'),
        ),
        (Send(0, "json", '{"do": "add"}'), ("json", '{"do": "add", "a": "b"}'), ("json", '{"do": "add", "a": "b"}')),
        (Send(0, "json", "[1]"), ("json", "{}"), ("json", "{}")),
        (Send(0, "json", "{}"), ("json", "[1]"), ("json", "[1]")),
        (Send(0, "bytes", b"\x01ab"), ("bytes", b"\x02c"), ("bytes", b"\x02ab")),
        (Send(0, "bytes", b"\x01ab"), ("text", "a"), ("text", "a")),
        (Send(0, "text", "a"), ("bytes", b"b"), ("bytes", b"b")),
    ],
)
def test_a_message_is_turned_into_what_another_says_of_the_same_things(step, other, turned_into) -> None:
    assert turned(step, other) == turned_into


def test_what_opened_new_ground_is_gone_on_from_in_good_order() -> None:
    behaved: list[None] = []
    mutator = Mutator((), OPTIONS)
    mutator.add(TALK, ("reply:x",))
    made = [mutator.scenario(dice(number), talk(behave=lambda: behaved.append(None))) for number in range(200)]
    assert len(behaved) == FOLLOWED
    assert all(one.clients for one in made)


def drafted(operation: Operation, number: int, sample: Scenario = TALK) -> list[Step]:
    draft = Draft(sample, (sample,), OPTIONS, dice(number), talk())
    operation(draft)
    return draft.steps


def test_one_message_more_is_sent_before_anybody_leaves() -> None:
    for number in range(40):
        steps = drafted(Draft.proceed, number)
        assert steps[:4] == list(TALK.steps[:4])
        assert steps[5:] == list(TALK.steps[4:])
        assert steps[4] in (Send(0, "text", "fresh"), Send(1, "text", "fresh"))


def test_what_opened_new_ground_is_gone_on_from_in_each_way_three_times() -> None:
    assert 3 * len(FOLLOWING) == FOLLOWED


def test_those_who_are_in_one_place_say_the_last_message_in_turn() -> None:
    here, there = Client("/a"), Client("/b")
    steps = (
        Connect(0),
        Connect(1),
        Connect(2),
        Connect(3),
        Send(2, "text", "first"),
        Send(2, "text", "last"),
        Close(2),
    )
    sample = Scenario("/{room}", (here, there, here, here), steps)
    rounds = {tuple(drafted(Draft.take_turns, number, sample)[6:-1]) for number in range(40)}
    turns = [Send(3, "text", "last"), Send(0, "text", "last"), Send(2, "text", "last")]
    assert rounds == {tuple(turns[:length]) for length in (1, 2, 3)}


def test_where_nobody_else_is_or_nothing_was_said_something_is() -> None:
    alone = Scenario("/a", (Client("/a"), Client("/b")), (Connect(0), Connect(1), Send(0, "text", "x")))
    silent = Scenario("/a", (Client("/a"), Client("/a")), (Connect(0), Connect(1)))
    assert Send(0, "text", "fresh") in drafted(Draft.take_turns, 1, alone)[3:]
    assert {type(step) for step in drafted(Draft.take_turns, 1, silent)[2:]} == {Send}


def test_the_last_message_is_sent_again_and_again() -> None:
    lengths = set()
    for number in range(60):
        steps = drafted(Draft.insist, number)
        assert set(steps) == set(TALK.steps)
        lengths.add(steps.count(TALK.steps[3]))
    assert lengths == set(range(3, 15))
    silent = Scenario("/ws", TWO, (Connect(0), Drop(0)))
    assert drafted(Draft.insist, 1, silent) == list(silent.steps)


def test_time_passes_before_one_message_more() -> None:
    waits = set()
    for number in range(60):
        steps = drafted(Draft.tarry, number)
        assert steps[:4] == list(TALK.steps[:4])
        assert steps[6:] == list(TALK.steps[4:])
        assert steps[5] in (Send(0, "text", "fresh"), Send(1, "text", "fresh"))
        assert isinstance(steps[4], Wait)
        waits.add(steps[4].seconds)
    assert len(waits) > 8


def test_somebody_leaves_and_the_others_go_on_or_time_passes() -> None:
    shown = set()
    for number in range(200):
        steps = drafted(Draft.abandon, number)
        assert steps[:4] == list(TALK.steps[:4])
        left, *after = steps[4:]
        assert isinstance(left, Close | Drop)
        assert all(one == Send(1 - left.client, "text", "fresh") for one in after if not isinstance(one, Wait))
        shown.add((type(left), len(after), any(isinstance(one, Wait) for one in after)))
    assert shown == {(kind, 1 + more + waits, waits) for kind in (Close, Drop) for more in (0, 1) for waits in (0, 1)}
    alone = Scenario("/ws", TWO[:1], (Connect(0), Send(0, "text", "a")))
    assert {len(drafted(Draft.abandon, number, alone)) for number in range(20)} == {3, 4}


def said(*texts: str) -> tuple[Step, ...]:
    return (Connect(0), *(Send(0, "text", text) for text in texts))


def test_the_way_that_another_sample_has_gone_is_gone_before_the_rest_or_after_it() -> None:
    mine = Scenario("/ws", TWO[:1], (*said("put", "get", "fail"), Wait(1.0)))
    other = Scenario("/ws", TWO, (*said("put", "get", "done", "drain"), Close(0)))
    ways = set()
    for number in range(60):
        draft = Draft(mine, (mine, other, TALK), OPTIONS, dice(number), talk())
        draft.detour()
        assert draft.clients[:1] == list(TWO[:1])
        ways.add(tuple(draft.steps))
    both = (*said("put", "get", "fail", "done", "drain"), Wait(1.0))
    turned = (*said("put", "get", "done", "drain", "fail"), Wait(1.0))
    assert {both, turned} <= ways
    for way in ways - {both, turned}:
        assert Send(0, "text", "fresh") in way or Send(1, "text", "fresh") in way, "it goes on where there is none"


@pytest.mark.parametrize("like", [b"\x80", b"{}"])
def test_documents_in_bytes_are_mutated_by_their_values(like: bytes) -> None:
    said = [written(text, like) for text in ('{"op": "hello", "name": "ann"}', '{"op": "bid", "amount": 7}')]
    sample = Scenario("/ws", (Client("/a"),), (Connect(0), *(Send(0, "bytes", one or b"") for one in said)))
    mutator = Mutator([sample], OPTIONS, like=like)
    heard: list[str | bytes] = []
    new = Talk(
        lambda client: ("bytes", written('{"op": "leave"}', like) or b""), heard.append, lambda path: None, lambda: None
    )
    sends = [step for number in range(300) for step in mutator.scenario(dice(number), new).steps if type(step) is Send]
    documents = [parsed(step.data) for step in sends if step.kind == "bytes"]
    assert sum(one is not None for one in documents) > 0.8 * len(sends)
    assert any(one not in (*map(parsed, said), {"op": "leave"}) for one in documents if one)
    assert set(map(type, heard)) == {str}


def test_what_cannot_be_in_bytes_stays_in_text() -> None:
    sample = Scenario("/ws", (Client("/a"),), (Connect(0), Send(0, "text", "hello"), Send(0, "bytes", b"\x00")))
    assert repacked(unpacked(sample), b"\x80").steps == sample.steps
    odd = Scenario("/ws", (Client("/a"),), (Connect(0), Send(0, "json", "{broken")))
    assert repacked(odd, b"\x80") == odd


@pytest.mark.parametrize(
    ("known", "like"),
    [
        (Knowledge(kinds=("bytes",), packed=True), b"\x80"),
        (Knowledge(kinds=("bytes",), json_in_bytes=True), b"{}"),
        (Knowledge(kinds=("bytes",)), b""),
        (Knowledge(kinds=("text", "bytes"), packed=True), b""),
    ],
)
def test_a_handler_takes_documents_in_bytes_where_it_takes_nothing_else(known: Knowledge, like: bytes) -> None:
    assert takes_documents(known) == like


def test_no_number_in_a_symbol_is_made_larger() -> None:
    sample = Scenario("/ws", (Client("/a"),), (Connect(0), Send(0, "text", "PUT {{word:2}} 7")))
    said = {step.data for number in range(60) for step in drafted(Draft.heap, number, sample) if isinstance(step, Send)}
    assert len(said) > 3
    assert all("{{word:2}}" in one for one in said if isinstance(one, str))
