"""Which of the known scenarios is changed next."""

from __future__ import annotations

from wsreplay.generation.dice import Dice
from wsreplay.generation.energy import FOLLOWED, LARGE, NEWEST, Pool
from wsreplay.model import Client, Connect, Scenario, Send


def sample(number: int) -> Scenario:
    return Scenario("/ws", (Client(f"/{number}"),), (Connect(0),))


def picked(pool: Pool, times: int) -> list[Scenario]:
    return [pool.pick(Dice.thrown(7, number)) for number in range(times)]


def filled() -> Pool:
    pool = Pool()
    for number in range(60):
        pool.add(sample(number), (f"reply:{number}",))
    return pool


def test_a_sample_that_shows_what_is_rare_is_picked_more_often_than_one_that_shows_what_is_common() -> None:
    pool = filled()
    for _ in range(10_000):
        pool.meet({f"reply:{number}" for number in range(60) if number != 20} | {"reply:unheard of"})
    times = picked(pool, 1000)
    others = [times.count(sample(number)) for number in range(60 - NEWEST) if number != 20]
    assert times.count(sample(20)) > 3 * sum(others) / len(others)


def test_energy_is_spent_by_being_picked() -> None:
    pool = filled()
    times = picked(pool, 3000)
    counts = [times.count(sample(number)) for number in range(60 - NEWEST)]
    assert min(counts) > 10
    assert max(counts) < 3 * min(counts)


def test_what_no_sample_was_taken_up_for_is_not_counted() -> None:
    pool = filled()
    pool.meet({f"edge:{number}" for number in range(1000)})
    assert len(pool._shown) == 60


def test_a_feature_that_two_samples_were_taken_up_for_goes_on_being_counted() -> None:
    pool = filled()
    pool.meet({"reply:1"})
    pool.add(sample(99), ("reply:1",))
    assert pool._shown["reply:1"] == 2


def test_a_sample_with_a_large_message_is_mostly_passed_over() -> None:
    pool = Pool()
    large = Scenario("/ws", (Client("/large"),), (Connect(0), Send(0, "text", "a" * LARGE)))
    pool.add(large)
    pool.add(sample(1))
    assert 50 < picked(pool, 400).count(large) < 150


def test_what_opened_new_ground_is_followed_up_the_newest_first() -> None:
    pool = Pool()
    pool.add(sample(0))
    assert pool.follow() is None, "it is known, but opened nothing"
    pool.add(sample(1), ("reply:1",))
    assert pool.follow() == (sample(1), FOLLOWED - 1)
    pool.add(sample(2), ("reply:2",))
    followed = [pool.follow() for _ in range(2 * FOLLOWED)]
    assert [one and one[0] for one in followed] == [sample(2)] * FOLLOWED + [sample(1)] * (FOLLOWED - 1) + [None]
    assert [one[1] for one in followed[:FOLLOWED] if one] == list(reversed(range(FOLLOWED)))
