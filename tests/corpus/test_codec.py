from __future__ import annotations

import dataclasses
import enum
import types
import typing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsreplay.corpus.codec import (
    TAGS,
    decode_entry,
    encode_entry,
    encode_scenario,
    scenario_id,
)
from wsreplay.corpus.faults import DamagedError, LimitError
from wsreplay.corpus.schema import schema
from wsreplay.errors import EntryError
from wsreplay.model import (
    Accepted,
    Client,
    Close,
    Closed,
    Connect,
    Drop,
    Entry,
    Event,
    Finding,
    Message,
    Pause,
    Profile,
    Provenance,
    Resume,
    Scenario,
    Send,
    Slow,
    State,
    Step,
    Transcript,
    Wait,
)

quickly = settings(max_examples=40, deadline=None, database=None)

TEXT = st.text(st.characters(), max_size=12) | st.text(st.characters(categories=["Cs"]), min_size=1, max_size=4)
ANY_INT = st.integers() | st.sampled_from([2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**200, 0, -1])


def arbitrary(hint: Any, floats: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    """Any value of a type annotation of the model, derived from the annotation, so that no new field is forgotten."""
    atoms = {str: TEXT, int: ANY_INT, float: floats, bool: st.booleans(), bytes: st.binary(max_size=12)}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in atoms:
        return atoms[hint]
    if hint is type(None):
        return st.none()
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin in (types.UnionType, typing.Union):
        return st.one_of([arbitrary(argument, floats) for argument in arguments])
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(arbitrary(arguments[0], floats), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*[arbitrary(argument, floats) for argument in arguments])
    hints = typing.get_type_hints(hint)
    made = st.builds(hint, **{field.name: arbitrary(hints[field.name], floats) for field in dataclasses.fields(hint)})
    return made.map(with_fitting_data) if hint is Message else made


def with_fitting_data(message: Message) -> Message:
    data = message.data
    if message.kind == "bytes" and isinstance(data, str):
        return dataclasses.replace(message, data=data.encode("utf-8", "surrogatepass"))
    return (
        dataclasses.replace(message, kind="text")
        if isinstance(data, str)
        else dataclasses.replace(message, kind="bytes")
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    clients = draw(st.lists(arbitrary(Client, st.floats()), min_size=1, max_size=3))
    client = st.integers(0, len(clients) - 1)
    step = st.one_of(
        st.builds(Connect, client),
        st.builds(Send, client, st.sampled_from(["text", "json"]), TEXT),
        st.builds(Send, client, st.just("bytes"), st.binary(max_size=20)),
        st.builds(Wait, st.floats(0, 1000) | st.integers(0, 1000)),
        st.builds(Close, client, st.none() | ANY_INT, TEXT),
        st.builds(Drop, client),
        st.builds(Pause, client),
        st.builds(Resume, client),
    )
    steps = draw(st.lists(step, max_size=8))
    return Scenario(draw(TEXT), tuple(clients), tuple(steps), draw(arbitrary(Profile, st.floats())))


def entries(floats: st.SearchStrategy[float]) -> st.SearchStrategy[Entry]:
    return st.builds(
        Entry,
        scenarios(),
        arbitrary(Transcript, floats),
        st.lists(arbitrary(Finding, floats), max_size=2).map(tuple),
        arbitrary(Provenance, floats),
        arbitrary(State, floats),
    )


# --- properties ------------------------------------------------------------------------------------------------------


@given(entries(st.floats(allow_nan=False)))
@quickly
def test_any_entry_comes_back_as_it_was(entry: Entry) -> None:
    assert decode_entry(encode_entry(entry)) == entry


@given(entries(st.floats(allow_nan=True, allow_infinity=True)))
@quickly
def test_what_was_decoded_gives_the_same_bytes_again(entry: Entry) -> None:
    data = encode_entry(entry)
    assert encode_entry(decode_entry(data)) == data


@given(scenarios(), entries(st.floats()))
@quickly
def test_the_id_depends_on_the_scenario_alone(scenario: Scenario, entry: Entry) -> None:
    moved = dataclasses.replace(entry, scenario=scenario)
    assert scenario_id(decode_entry(encode_entry(moved)).scenario) == scenario_id(scenario)


@given(scenarios(), scenarios())
@quickly
def test_scenarios_have_equal_encodings_exactly_when_they_are_equal(one: Scenario, other: Scenario) -> None:
    assert (encode_scenario(one) == encode_scenario(other)) is (one == other)


@given(st.binary(max_size=60))
@quickly
def test_any_bytes_are_an_entry_error(data: bytes) -> None:
    with pytest.raises(EntryError):
        decode_entry(data)


# --- canonical values ------------------------------------------------------------------------------------------------


def waiting(seconds: Any) -> Scenario:
    return Scenario("/", (Client("/"),), (Wait(seconds),))


def test_a_whole_number_of_seconds_is_stored_as_its_float() -> None:
    assert encode_scenario(waiting(5)) == encode_scenario(waiting(5.0))


def test_minus_zero_is_stored_as_zero() -> None:
    assert encode_scenario(waiting(-0.0)) == encode_scenario(waiting(0.0))


def test_a_boolean_that_stands_for_a_number_is_stored_as_the_number() -> None:
    one = Scenario("/", (Client("/"), Client("/")), (Connect(True),))
    assert encode_scenario(one) == encode_scenario(dataclasses.replace(one, steps=(Connect(1),)))


def stored_event(entry: Entry, event: Event) -> Event:
    stored = decode_entry(encode_entry(dataclasses.replace(entry, transcript=Transcript((event,)))))
    return stored.transcript.events[0]


def test_a_close_code_from_an_enumeration_is_stored_as_the_number(entry: Any) -> None:
    class Code(enum.IntEnum):
        POLICY = 1008

    closed = Closed(0.0, 0, 0, "app", Code.POLICY)
    (event,) = decode_entry(
        encode_entry(dataclasses.replace(entry(), transcript=Transcript((closed,))))
    ).transcript.events
    assert isinstance(event, Closed)
    assert type(event.code) is int


@pytest.mark.parametrize("data", [bytearray(b"\x00\xff"), memoryview(b"\x00\xff")])
def test_other_buffers_are_stored_as_bytes(entry: Any, data: Any) -> None:
    message = Message(0.0, 0, 0, "app", "bytes", data)
    (event,) = decode_entry(
        encode_entry(dataclasses.replace(entry(), transcript=Transcript((message,))))
    ).transcript.events
    assert event == Message(0.0, 0, 0, "app", "bytes", b"\x00\xff")


def test_text_from_an_enumeration_is_stored_as_the_text(entry: Any) -> None:
    class Word(enum.StrEnum):
        HELLO = "hello"

    message = Message(0.0, 0, 0, "app", "text", Word.HELLO)
    (event,) = decode_entry(
        encode_entry(dataclasses.replace(entry(), transcript=Transcript((message,))))
    ).transcript.events
    assert isinstance(event, Message)
    assert type(event.data) is str


def test_fields_at_their_defaults_take_no_room() -> None:
    short = Scenario("/", (Client("/"),), (Connect(0), Close(0)))
    assert encode_scenario(short) == b"\x93\xa1/\x91\x91\xa1/\x92\x92\xa7connect\x00\x92\xa5close\x00"


# --- what cannot be stored -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        (Send(0, "text", 5), r"scenario cannot be stored: steps\[0\].data: TypeError"),
        (Send(0, "text", b"x"), r"steps\[0\]: kind 'text' with bytes as data"),
        (Connect("0"), r"steps\[0\].client: TypeError"),
        (Connect(None), r"steps\[0\].client: TypeError"),
        (Wait(10**400), r"steps\[0\].seconds: OverflowError"),
        (Close(0, 10**2000), r"steps\[0\].code: an integer of more than 1000 digits"),
        ("connect", "expected one of connect, send, .*, found str"),
    ],
)
def test_a_step_of_wrong_types_cannot_be_stored(entry: Any, step: Any, complaint: str) -> None:
    broken = dataclasses.replace(entry(), scenario=Scenario("/", (Client("/"),), (step,)))
    with pytest.raises(DamagedError, match=complaint):
        encode_entry(broken)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"transcript": Scenario("/", (), ())}, "transcript: expected a Transcript, found Scenario"),
        ({"transcript": Transcript((Accepted(0.0, 0, 0, None, (("one",),)),))}, r"events\[0\].headers: ValueError"),
        ({"transcript": Transcript((Slow(0.0, 0, 0, "soon"),))}, r"transcript.events\[0\].limit: TypeError"),
        ({"state": State(object())}, "entry cannot be stored: TypeError"),
        ({"state": State("closed")}, "record.state.name: expected one of open, fixed, accepted, found text"),
    ],
)
def test_a_record_of_wrong_types_cannot_be_stored(entry: Any, changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DamagedError, match=complaint):
        encode_entry(dataclasses.replace(entry(), **changes))


def test_an_entry_beyond_the_limits_cannot_be_stored(entry: Any) -> None:
    with pytest.raises(LimitError, match="step 0 waits nan seconds"):
        encode_entry(dataclasses.replace(entry(), scenario=waiting(float("nan"))))


# --- the table -------------------------------------------------------------------------------------------------------


def test_every_kind_of_step_and_event_has_a_tag_of_its_own() -> None:
    assert set(TAGS) == {*typing.get_args(Step), *typing.get_args(Event)}
    assert len(set(TAGS.values())) == len(TAGS)


def test_an_annotation_without_a_place_in_the_model_is_a_programming_error() -> None:
    with pytest.raises(TypeError, match="no place in the corpus"):
        schema(complex, TAGS, {})
