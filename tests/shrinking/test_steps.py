"""Who does what and when becomes as little as will do."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wsreplay.model import Client, Close, Connect, Drop, Pause, Profile, Resume, Scenario, Send, Wait


def has(scenario, *wanted):
    return all(any(one == step for step in scenario.steps) for one in wanted)


def kinds(scenario):
    return [type(step).__name__ for step in scenario.steps]


# --- fewer -----------------------------------------------------------------------------------------------------------


def test_messages_that_are_not_needed_go(shrinking, talk, say, said):
    small = shrinking(talk(*say("a", "b", "boom", "c")), lambda scenario: "boom" in said(scenario))
    assert said(small) == ["boom"]
    assert small.steps == (Connect(0), Send(0, "text", "boom"))


def test_clients_that_are_not_needed_go_with_all_that_they_do(shrinking, talk, say, said):
    scenario = talk(*say("hi", client=0), *say("boom", client=1), Close(2), clients=3)
    small = shrinking(scenario, lambda scenario: "boom" in said(scenario))
    assert (len(small.clients), small.steps) == (1, (Connect(0), Send(0, "text", "boom")))


def test_one_client_does_what_two_did_where_that_will_do(shrinking, talk, say, said):
    scenario = talk(*say("one", client=0), *say("two", client=1), Wait(1.0), Close(0), Close(1), clients=2)
    small = shrinking(scenario, lambda scenario: said(scenario) == ["one", "two"])
    assert small.steps == (Connect(0), Send(0, "text", "one"), Send(0, "text", "two"))


def test_two_clients_stay_two_where_it_takes_two(shrinking, talk, say, said):
    scenario = talk(*say("x", client=0), *say("y", client=1), *say("z", client=2), clients=3)
    small = shrinking(scenario, lambda scenario: len({s.client for s in scenario.steps if isinstance(s, Send)}) >= 2)
    assert len(small.clients) == 2
    assert said(small) == ["", ""]


# --- ends and waits --------------------------------------------------------------------------------------------------


def test_an_end_is_left_out_or_plain(shrinking, talk):
    scenario = talk(Close(0, 4321, "a very long reason"))
    assert Close(0) not in shrinking(scenario, lambda scenario: True).steps
    small = shrinking(scenario, lambda scenario: any(isinstance(step, Close) for step in scenario.steps))
    assert small.steps == (Connect(0), Close(0))


def test_a_code_that_matters_stays_and_its_reason_goes(shrinking, talk):
    scenario = talk(Close(0, 4321, "a very long reason"))
    small = shrinking(scenario, lambda s: any(isinstance(step, Close) and step.code == 4321 for step in s.steps))
    assert small.steps[-1] == Close(0, 4321)


def test_a_reason_that_matters_stays_with_a_plain_code(shrinking, talk):
    scenario = talk(Close(0, 4321, "a very long reason"))
    small = shrinking(scenario, lambda s: any(isinstance(step, Close) and len(step.reason) > 3 for step in s.steps))
    assert small.steps[-1] == Close(0, 1000, "aaaa")


def test_a_drop_becomes_a_close_where_any_end_will_do(shrinking, talk):
    small = shrinking(talk(Drop(0)), lambda s: any(isinstance(step, Close | Drop) for step in s.steps))
    assert small.steps[-1] == Close(0)
    small = shrinking(talk(Drop(0)), lambda s: any(isinstance(step, Drop) for step in s.steps))
    assert small.steps[-1] == Drop(0)


@pytest.mark.parametrize(
    ("seconds", "needed", "least"),
    [
        (47.3, 12.0, 12.0),
        (47.3, 10.0, 10.0),
        (47.3, 40.5, 41.0),
        (0.37, 0.2, 0.37),
        (4000.0, 3700.0, 3700.0),
        (0.05, 0.01, 0.05),
        (1.5, 1.2, 1.5),
    ],
)
def test_a_wait_is_no_longer_than_needed(shrinking, talk, seconds, needed, least):
    def holds(scenario: Scenario) -> bool:
        return sum(step.seconds for step in scenario.steps if isinstance(step, Wait)) >= needed

    small = shrinking(talk(Wait(seconds)), holds)
    waited = [step.seconds for step in small.steps if isinstance(step, Wait)]
    assert waited == [least] or needed <= waited[0] <= seconds
    assert shrinking.calls < 40


def test_a_pause_that_matters_stays_with_its_end(shrinking, talk, say):
    scenario = talk(Pause(0), *say("a"), Resume(0))
    small = shrinking(scenario, lambda s: has(s, Pause(0), Resume(0)))
    assert kinds(small) == ["Connect", "Pause", "Resume"]


def test_the_network_becomes_plain(shrinking, talk, say):
    small = shrinking(talk(*say("a"), sends="suspend"), lambda scenario: True)
    assert small.profile == Profile()
    kept = shrinking(talk(*say("a"), sends="suspend"), lambda s: s.profile.sends == "suspend")
    assert kept.profile == Profile("suspend")


# --- order -----------------------------------------------------------------------------------------------------------


def test_what_one_client_does_comes_together(shrinking, talk, say, said):
    scenario = talk(
        *say("a", client=0), *say("b", client=1), *say("c", client=0), Wait(1.0), *say("d", client=1), clients=2
    )
    small = shrinking(scenario, lambda s: sorted(said(s)) == ["a", "b", "c", "d"] and len(s.clients) == 2)
    turns = [step.client for step in small.steps if isinstance(step, Send)]
    assert sum(one != other for one, other in pairwise(turns)) == 1


def test_an_order_that_matters_stays(shrinking, talk, say, said):
    scenario = talk(*say("a", client=0), *say("b", client=1), *say("c", client=0), clients=2)

    def holds(s: Scenario) -> bool:
        sends = [step for step in s.steps if isinstance(step, Send)]
        return [step.data for step in sends] == ["a", "b", "c"] and len({step.client for step in sends}) == 2

    assert said(shrinking(scenario, holds)) == ["a", "b", "c"]


def test_clients_are_numbered_as_they_come(shrinking):
    clients = (Client("/ws/1"), Client("/ws/2"))
    steps = (Connect(1), Send(1, "text", "x"), Connect(0), Send(0, "text", "y"))
    scenario = Scenario("/ws/{id}", clients, steps)

    def holds(s: Scenario) -> bool:
        return len(s.clients) == 2 and [step.data for step in s.steps if isinstance(step, Send)] == ["x", "y"]

    small = shrinking(scenario, holds)
    assert [step.client for step in small.steps if isinstance(step, Connect)] == [0, 1]
