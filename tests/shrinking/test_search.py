"""The search is bounded, repeats nothing and depends on nothing but the outcomes."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wsreplay.model import Client, Close, Connect, Drop, Pause, Resume, Scenario, Send, Wait
from wsreplay.shrinking import shrink, size, trim, well_formed


def test_nothing_is_tried_twice_and_all_that_is_tried_is_simpler(shrinking, talk, say, said):
    scenario = talk(*say('{"a":[1,2,{"b":"cc"}]}', "boom!", client=0), *say("boom!", client=1), clients=2)
    shrinking(scenario, lambda one: sum("boom" in data for data in said(one)) == 2)
    assert len(set(shrinking.asked)) == len(shrinking.asked)
    assert all(size(one) < size(scenario) for one in shrinking.asked)


def test_the_same_start_gives_the_same_search(talk, say, said):
    def asked():
        seen = []
        shrink(talk(*say('{"a":[1,2]}', "x", "y")), lambda one: seen.append(one) or "x" in said(one), lambda: False)
        return seen

    assert asked() == asked()


def test_tries_are_bounded_and_the_best_so_far_is_kept(shrinking, talk, say, said):
    small = shrinking(talk(*say("a", "b", "c", "boom", "d")), lambda one: "boom" in said(one), tries=2)
    assert shrinking.calls == 2
    assert "boom" in said(small)


def test_when_the_time_is_up_the_best_so_far_is_kept(talk, say):
    scenario = talk(*say("a", "b"))
    assert shrink(scenario, lambda one: True, lambda: True) == scenario


def test_what_is_trimmed_is_short_and_not_plain(talk, say, said):
    scenario = talk(*say("a", '{"x": 999}', "b", "c", "boom"), clients=2)
    small = trim(scenario, lambda one: {'{"x": 999}', "boom"} <= set(said(one)), lambda: False, 40)
    assert said(small) == ['{"x": 999}', "boom"]
    assert len(small.clients) == 1
    assert len(said(trim(scenario, lambda one: "boom" in said(one), lambda: False, 4))) == 3
    assert trim(scenario, lambda one: True, lambda: True, 40) == scenario


texts = st.text(max_size=6) | st.sampled_from(['{"a":[1,{"b":null}]}', "[[1.5,true]]", '{"x":"yy","z":-3}', "boom"])


@st.composite
def scenarios(draw):
    number = draw(st.integers(1, 3))
    peers = tuple(
        Client(f"/ws/{draw(st.integers(0, 20))}", draw(st.sampled_from(["", "a=1&b"]))) for _ in range(number)
    )
    client = st.integers(0, number - 1)
    step = st.one_of(
        st.builds(Send, client, st.sampled_from(["text", "json"]), texts),
        st.builds(Send, client, st.just("bytes"), st.binary(max_size=5)),
        st.builds(Wait, st.floats(0, 100)),
        st.builds(Pause, client),
        st.builds(Resume, client),
    )
    middle = tuple(draw(st.lists(step, max_size=8)))
    ends = tuple(draw(st.sampled_from([Close(one), Close(one, 4000, "x"), Drop(one)])) for one in range(number))
    return Scenario("/ws/{id}", peers, (*map(Connect, range(number)), *middle, *ends))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(), st.integers(0, 2**16))
def test_whatever_matters_the_result_still_fails_and_is_no_larger(scenario, salt):
    if not well_formed(scenario):
        return

    def fails(one):
        return one == scenario or sum(map(len, (s.data for s in one.steps if isinstance(s, Send)))) % 5 == salt % 5

    small = shrink(scenario, fails, lambda: False, tries=200)
    assert fails(small)
    assert well_formed(small)
    assert size(small) <= size(scenario)
