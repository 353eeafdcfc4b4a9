# ruff: noqa: B015, B018, N806, RUF012 - handlers that are only read need not make sense.
"""Clients of several routes in one scenario: which routes go together, and how their clients meet."""

from __future__ import annotations

import asyncio
import enum
import random
import types
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from fastapi import FastAPI
from hypothesis import strategies as st

from wsreplay.generation import Author, Dice, Options, register_scenario_strategy
from wsreplay.generation import knowledge as known_of
from wsreplay.generation.company import MOST_COMPANIONS, Company, Voice
from wsreplay.generation.dice import BLOCK_SIZE
from wsreplay.generation.informed import Speaker
from wsreplay.generation.mutation import Mutator
from wsreplay.generation.registry import forget_all
from wsreplay.homes import home, values
from wsreplay.model import Client, Close, Connect, Drop, Endpoint, Parameter, Route, Scenario, Send

OPTIONS = Options()


class Hall:
    def __init__(self):
        self.guests = {}

    def enter(self, name):
        self.guests[name] = name


class Slotted:
    __slots__ = ("guests", "unset")

    def __init__(self):
        self.guests = {}


class Tally:
    def __init__(self):
        self.count = 0

    def up(self):
        self.count += 1


class Rules:
    limit = 5

    def allows(self, number):
        return number < self.limit


class Borrowed(FastAPI):
    """An object of a library's class holds much of its own."""


@dataclass
class Settings:
    name: str = "x"


class Mood(enum.Enum):
    GOOD = 1


class Board:
    rows: list = []


HALL, SLOTTED, TALLY, RULES, SETTINGS, BORROWED = Hall(), Slotted(), Tally(), Rules(), Settings(), Borrowed()
EMPTY: dict = {}
TABLE = {"a": 1}
CHANGED = {"a": 1}
DROPPED = ["a"]
MARKED = types.SimpleNamespace()
MANY = defaultdict(list, a=[])
LOCK = asyncio.Lock()
app = FastAPI()
counter = 0
MODULE = types.ModuleType("shared_module")
MODULE.rooms = {}


async def halls(ws):
    HALL.enter(await ws.receive_text())


async def halls_too(ws):
    HALL.guests.get("a")


async def slots(ws):
    SLOTTED.guests["a"] = 1


async def empties(ws):
    EMPTY.get("a")


async def tallies(ws):
    TALLY.up()


async def reads_tally(ws):
    TALLY.count == 3


async def follows_rules(ws):
    RULES.allows(1), SETTINGS.name, TABLE["a"], Mood.GOOD, BORROWED.state


async def changes(ws):
    CHANGED["b"] = 1


async def changes_and_names(ws):
    DROPPED.append("x")
    del CHANGED["a"]


async def reads_changed(ws):
    CHANGED["a"], DROPPED


async def many(ws):
    MANY["a"]


async def locks(ws):
    async with LOCK:
        pass


async def counts(ws):
    global counter
    counter += 1


async def reads_counter(ws):
    counter > 3


async def hides(ws):
    EMPTY = {}
    EMPTY["a"] = 1


async def keeps(ws):
    ws.app.state.rooms["a"] = 1


async def keeps_too(ws):
    app.state.rooms.get("a")


async def of_connection(ws):
    ws.state.rooms = {}


async def boards(ws):
    Board.rows.append(1)


async def in_module(ws):
    MODULE.rooms["a"] = 1


async def unlinked(ws):
    undefined_name.append(1)  # noqa: F821


class Pages(Board):
    async def on_receive(self, ws, data):
        self.rows


class Desk:
    def __init__(self):
        self.calls = []

    async def one(self, ws):
        self.calls.append(1)

    async def other(self, ws):
        pass


DESK = Desk()


def around():
    seats = []

    async def one(ws):
        seats.append(1)

    async def other(ws):
        len(seats)

    return one, other


CLOSED = around()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (halls, halls_too),
        (slots, slots),
        (empties, empties),
        (tallies, reads_tally),
        (changes, reads_changed),
        (changes_and_names, reads_changed),
        (many, many),
        (locks, locks),
        (counts, reads_counter),
        (keeps, keeps_too),
        (boards, Pages),
        (in_module, in_module),
        (DESK.one, DESK.other),
        CLOSED,
    ],
)
def test_handlers_that_reach_what_changes_share_it(one, other):
    first, second = (known_of(Endpoint(Route("/a", "starlette"), each)).reached for each in (one, other))
    assert first.shares(second)
    assert second.shares(first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (halls, empties),
        (follows_rules, follows_rules),
        (reads_tally, reads_tally),
        (reads_changed, reads_changed),
        (reads_counter, reads_counter),
        (hides, empties),
        (of_connection, of_connection),
        (unlinked, unlinked),
    ],
)
def test_what_nobody_changes_is_not_shared(one, other):
    first, second = (known_of(Endpoint(Route("/a", "starlette"), each)).reached for each in (one, other))
    assert not first.shares(second)
    assert not second.shares(first)


# --- scenarios ---


async def rider(ws):
    while True:
        if (await ws.receive_json())["type"] in ("ask", "cancel"):
            HALL.enter("a")


async def driver(ws):
    while True:
        message = await ws.receive_json()
        if message["do"] in ("take", "bring") and message["ride"]:
            HALL.enter("b")


async def loner(ws):
    if (await ws.receive_text()) == "hello":
        pass


CITY = (Parameter("city"), Parameter("number", "int"))
RIDER = Endpoint(Route("/{city}/riders/{number}", "starlette", CITY), rider)
DRIVER = Endpoint(Route("/{city}/drivers/{number}", "starlette", CITY), driver)
LONER = Endpoint(Route("/loner", "starlette"), loner)


def thrown(number: int) -> Dice:
    return Dice(random.Random(number).randbytes(BLOCK_SIZE))


def no_draw(*_):
    raise AssertionError("nothing here needs Hypothesis")


def written(author: Author, count: int = 600, **how) -> list[Scenario]:
    return [author.scenario(thrown(number), no_draw, **how) for number in range(count)]


def mixed(scenario: Scenario) -> bool:
    return any("/riders/" in client.path for client in scenario.clients)


def author_of(*others: Endpoint, options: Options = OPTIONS, samples=(), mutations: int = 0) -> Author:
    return Author(DRIVER, options, samples, mutations, others)


def test_clients_of_a_route_that_shares_state_come_into_a_part_of_the_scenarios():
    author = author_of(LONER, RIDER)
    assert author.companions == (RIDER.route,)
    scenarios = written(author)
    share = sum(map(mixed, scenarios)) / len(scenarios)
    assert 0.25 < share < 0.6
    # The first is always of the route, and anybody may come first.
    assert all("/drivers/" in scenario.clients[0].path for scenario in scenarios)
    first = {step.client for one in scenarios if mixed(one) for step in one.steps[:1] if isinstance(step, Connect)}
    assert first >= {0, 1}
    assert {len(one.clients) for one in scenarios if mixed(one)} == {2, 3}


def test_what_a_client_says_is_what_its_own_route_is_told():
    said = {"riders": "", "drivers": ""}
    for scenario in filter(mixed, written(author_of(RIDER))):
        for step in scenario.steps:
            if isinstance(step, Send):
                said[scenario.clients[step.client].path.split("/")[2]] += str(step.data)
    assert '"ask"' in said["riders"]
    assert '"take"' in said["drivers"]
    assert said["riders"].count('"take"') < said["drivers"].count('"take"') / 10


def test_they_mostly_meet_in_one_place():
    met = []
    for scenario in filter(mixed, written(author_of(RIDER))):
        routes = [home(one.path, DRIVER.route, (RIDER.route,)) for one in scenario.clients]
        towns = [
            values(route, one.path).get(("name", "city")) for route, one in zip(routes, scenario.clients, strict=True)
        ]
        met.append(len(set(towns)) == 1)
    assert sum(met) > len(met) * 0.7


def test_a_search_without_company_draws_what_it_always_did():
    for others in ((), (LONER,), (DRIVER,)):
        alone = Author(LONER, OPTIONS, (), 51, others)
        assert alone.companions == ()
        assert written(alone, 300) == written(Author(LONER, OPTIONS, (), 51), 300)
    assert author_of(RIDER, options=Options(max_clients=1)).companions == ()


def test_without_company_where_none_is_wanted():
    assert not any(map(mixed, written(author_of(RIDER), alone=True)))


def test_paths_must_tell_the_routes_apart():
    special = Endpoint(Route("/town/drivers/1", "starlette"), rider)
    assert author_of(special).companions == ()


@pytest.fixture
def empty_registry() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


@pytest.mark.usefixtures("empty_registry")
def test_a_route_with_a_script_stays_alone():
    register_scenario_strategy(RIDER.route.path, st.just([]))
    assert author_of(RIDER).companions == ()
    assert Author(RIDER, OPTIONS, (), 0, (DRIVER,)).companions == ()


def test_no_more_than_some_routes_come():
    many = [replace(RIDER, route=Route(f"/{{city}}/riders{number}", "starlette", CITY[:1])) for number in range(20)]
    assert len(author_of(*many).companions) == MOST_COMPANIONS


SAMPLE = Scenario(
    DRIVER.route.path,
    (Client("/a/drivers/1"), Client("/a/riders/1")),
    (
        Connect(0),
        Connect(1),
        Send(1, "json", '{"type": "ask"}'),
        Send(0, "json", '{"do": "take", "ride": 1}'),
        Send(0, "bytes", b"{}"),
        Close(1),
    ),
)


def test_a_mutation_keeps_a_client_of_the_route_and_may_be_elsewhere():
    changed = written(author_of(RIDER, samples=(SAMPLE,), mutations=256))
    assert all(any("/drivers/" in client.path for client in one.clients) for one in changed)
    together = [one.clients for one in changed if len({client.path.split("/")[2] for client in one.clients}) == 2]
    moved = [clients for clients in together if clients[0].path != "/a/drivers/1"]
    assert 0.2 < len(moved) / len(together) < 0.8
    # Whoever was in one place still is.
    towns = [{client.path.split("/")[1] for client in clients} for clients in moved]
    assert sum(len(town) == 1 for town in towns) > len(towns) * 0.9


def test_a_place_that_means_something_to_the_handler_stays():
    async def of_paris(ws, city):
        if city == "paris":
            HALL.enter((await ws.receive_json())["do"])

    paris = Endpoint(Route("/{city}/drivers", "starlette", CITY[:1]), of_paris)
    sample = replace(SAMPLE, route=paris.route.path, clients=(Client("/paris/drivers"), Client("/paris/riders/1")))
    changed = written(Author(paris, OPTIONS, (sample,), 256, (RIDER,)), 200)
    # Another place has a number for its name.
    assert not any(client.path.split("/")[1].isdigit() for one in changed for client in one.clients)


@pytest.mark.parametrize(("own", "other"), [(DRIVER, RIDER), (RIDER, DRIVER)])
def test_who_goes_on_says_what_comes_next(own, other):
    said = Counter()
    voice, beside = Voice(own, OPTIONS), (Voice(other, OPTIONS),)
    for number in range(1600):
        dice = thrown(number)
        company = Company(voice, beside, Speaker(voice.knowledge, dice), dice, no_draw)
        company.hear('{"do": "take", "ride": 1}')
        said.update(word for word in ("take", "bring") if word in str(company.says(Client("/a/drivers/1"))[1]))
    assert said["bring"] > said["take"] * 1.2


def test_clients_of_another_route_leave_in_the_middle_more_often():
    def early(scenario: Scenario) -> bool:
        leaves = [at for at, step in enumerate(scenario.steps) if isinstance(step, Close | Drop)]
        return bool(leaves) and any(isinstance(step, Send) for step in scenario.steps[leaves[0] :])

    several = [one for one in written(author_of(RIDER), 3000) if len(one.clients) == 2]
    joined = [early(one) for one in several if mixed(one)]
    plain = [early(one) for one in several if not mixed(one)]
    assert sum(joined) / len(joined) > sum(plain) / len(plain)


def test_a_mutation_that_has_lost_its_own_client_is_not_taken(monkeypatch):
    lost = replace(SAMPLE, clients=SAMPLE.clients[1:], steps=(Connect(0), Send(0, "json", '{"type": "ask"}'), Close(0)))
    monkeypatch.setattr(Mutator, "scenario", lambda *_: lost)
    scenarios = written(author_of(RIDER, samples=(SAMPLE,), mutations=256), 50)
    assert all(any("/drivers/" in client.path for client in one.clients) for one in scenarios)
