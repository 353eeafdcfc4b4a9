from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsreplay.model import Client, Close, Connect, Drop, Pause, Profile, Resume, Scenario, Send, Wait
from wsreplay.workers.flight import packed, unpacked

NUMBERS = st.integers(0, 3)
TEXTS = st.text(st.characters())
STEPS = st.one_of(
    st.builds(Connect, NUMBERS),
    st.builds(Send, NUMBERS, st.sampled_from(["text", "json"]), TEXTS),
    st.builds(Send, NUMBERS, st.just("bytes"), st.binary()),
    st.builds(Wait, st.floats(0, 1e6)),
    st.builds(Close, NUMBERS, st.none() | st.integers(), TEXTS),
    st.builds(Drop, NUMBERS),
    st.builds(Pause, NUMBERS),
    st.builds(Resume, NUMBERS),
)
CLIENTS = st.builds(Client, TEXTS, TEXTS, st.lists(st.tuples(TEXTS, TEXTS)).map(tuple), st.lists(TEXTS).map(tuple))
SCENARIOS = st.builds(
    Scenario,
    TEXTS,
    st.lists(CLIENTS).map(tuple),
    st.lists(STEPS).map(tuple),
    st.sampled_from([Profile(), Profile("suspend")]),
)


@given(SCENARIOS, st.tuples(st.integers(0), st.integers(0), st.integers(0)))
def test_what_was_packed_comes_back(scenario: Scenario, tally: tuple[int, int, int]) -> None:
    assert unpacked(packed(scenario, tally)) == (scenario, tally)


def test_text_that_is_no_unicode_comes_back() -> None:
    scenario = Scenario("/ws", (Client("/ws"),), (Connect(0), Send(0, "text", "\ud800")))
    assert unpacked(packed(scenario, (0, 0, 0)))[0] == scenario
