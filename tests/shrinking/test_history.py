"""What came before is reduced to what matters of it, and becomes one scenario with what follows."""

from __future__ import annotations

from wsreplay.model import Client, Close, Connect, Profile, Scenario, Send, Wait
from wsreplay.shrinking import merge, reduce_history


def scene(number, path="/ws", sends="immediate"):
    steps = (Connect(0), Send(0, "text", str(number)), Wait(1.0))
    return Scenario("/ws", (Client(path),), steps, Profile(sends))


def numbers(scenarios):
    return [int(one.steps[1].data) for one in scenarios]


def reduced(history, needed, final=None, late=lambda: False):
    return numbers(reduce_history(history, final or scene(99), lambda kept: needed <= set(numbers(kept)), late))


def test_only_what_matters_of_the_history_stays_in_its_order():
    assert reduced([scene(number) for number in range(40)], {3, 17}) == [3, 17]
    assert reduced([scene(number) for number in range(40)], {39}) == [39]
    assert reduced([scene(0)], {0}) == [0]


def test_what_went_to_the_same_place_is_looked_at_first():
    history = [scene(number, path="/ws/a" if number % 2 else "/ws/b") for number in range(20)]
    assert reduced(history, {3}, scene(99, path="/ws/a")) == [3]
    assert reduced(history, {4}, scene(99, path="/ws/a")) == [4]


def test_when_the_time_is_up_the_history_stays():
    history = [scene(number) for number in range(5)]
    assert reduced(history, {2}, late=lambda: True) == [0, 1, 2, 3, 4]


def test_where_not_even_all_of_it_will_do_there_is_nothing():
    def never(kept):
        return False

    assert reduce_history([scene(number) for number in range(20)], scene(99), never, lambda: False) is None
    assert reduce_history([], scene(99), never, lambda: False) is None


def test_the_whole_of_a_long_history_is_not_run_where_its_end_will_do():
    lengths = []

    def still_fails(kept):
        lengths.append(len(kept))
        return 990 in numbers(kept)

    reduce_history([scene(number) for number in range(1000)], scene(99), still_fails, lambda: False)
    assert max(lengths) == 16


def test_nothing_is_tried_twice():
    seen = []

    def still_fails(kept):
        seen.append(kept)
        return {2, 5} <= set(numbers(kept))

    reduce_history([scene(number) for number in range(16)], scene(99), still_fails, lambda: False)
    assert len(set(seen)) == len(seen)


def test_what_came_before_comes_first_and_leaves():
    first = Scenario("/ws", (Client("/ws/1"),), (Connect(0), Close(0, 1001)))
    merged = merge([first, scene(1)], scene(2))
    assert merged.clients == (Client("/ws/1"), Client("/ws"), Client("/ws"))
    assert merged.steps == (
        Connect(0),
        Close(0, 1001),
        Connect(1),
        Send(1, "text", "1"),
        Wait(1.0),
        Close(1),
        Connect(2),
        Send(2, "text", "2"),
        Wait(1.0),
    )
    assert merged.profile == Profile()


def test_one_slow_network_makes_all_slow():
    assert merge([scene(1, sends="suspend")], scene(2)).profile == Profile("suspend")
