"""What is kept of the scenarios that pass."""

from __future__ import annotations

from wsreplay.fuzzing.keeping import MOST, Kept, Novelty, tidy
from wsreplay.model import Client, Connect, Scenario, Send, Transcript

CONNECT = Connect(0)


def kept(features: str, *texts: str, after: int = 1) -> Kept:
    steps = (CONNECT, *(Send(0, "text", text) for text in texts))
    scenario = Scenario("/chat", (Client("/chat"),), steps)
    return Kept(scenario, Transcript((), tuple(features)), after)


def shows(table: dict[str, str]):
    """An app: each text that is sent shows the features that stand beside it."""

    def show(scenario: Scenario) -> Kept | None:
        features = {feature for step in scenario.steps if type(step) is Send for feature in table.get(step.data, "")}
        return None if "!" in features else Kept(scenario, Transcript((), tuple(sorted(features))), 99)

    return show


def never():
    return lambda: False


def texts(one: Kept) -> list[str]:
    return [step.data for step in one.scenario.steps if type(step) is Send]


def test_a_feature_is_new_once():
    novelty = Novelty(["cov:a"])
    assert novelty.take(frozenset({"cov:a", "cov:b"})) == {"cov:b"}
    assert novelty.take(frozenset({"cov:a", "cov:b"})) == set()
    assert novelty.seen == {"cov:a", "cov:b"}


def test_shapes_of_replies_stop_being_new_and_branches_do_not():
    novelty = Novelty(f"reply:{number}" for number in range(MOST["reply"] - 1))
    assert novelty.take(frozenset({"reply:x", "reply:y"})) == {"reply:x"}
    assert novelty.take(frozenset({"reply:z"})) == set()
    assert len(novelty.take(frozenset(f"cov:{number}" for number in range(1000)))) == 1000


def test_few_scenarios_are_chosen_that_show_everything():
    result = tidy([kept("a", "x"), kept("b", "y"), kept("ab", "x", "y")], (), shows({"x": "a", "y": "b"}), never)
    assert [texts(one) for one in result.kept] == [["x", "y"]]


def test_what_the_corpus_shows_is_not_wanted():
    assert tidy([kept("a", "x")], {"a"}, shows({"x": "a"}), never).kept == ()


def test_what_is_chosen_loses_what_shows_nothing_new():
    (one,) = tidy([kept("ab", "x", "noise", after=7)], {"b"}, shows({"x": "a", "noise": "b"}), never).kept
    assert texts(one) == ["x"]
    assert one.after == 7


def test_a_smaller_scenario_that_fails_a_check_is_not_taken():
    show = shows({"x": "a!", "y": "", "": "!"})

    def fails_alone(scenario: Scenario) -> Kept | None:
        return show(scenario) if len(scenario.steps) < 3 else kept("a", "x", "y")

    (one,) = tidy([kept("a", "x", "y")], (), fails_alone, never).kept
    assert texts(one) == ["x", "y"]


def test_without_time_nothing_is_made_smaller():
    (one,) = tidy([kept("a", "x", "noise")], (), shows({}), lambda: lambda: True).kept
    assert texts(one) == ["x", "noise"]


def test_what_one_scenario_shows_the_others_need_not():
    table = {"x": "a", "y": "b", "z": "c"}
    result = tidy([kept("ac", "x", "z"), kept("bc", "y", "z")], (), shows(table), never)
    shown = set().union(*(one.transcript.features for one in result.kept))
    assert shown == {"a", "b", "c"}
    assert sum(len(texts(one)) for one in result.kept) == 3
