"""What an app does to its process is bounded, told of the right place, and survived; what it does harmlessly, is not
told at all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import WebSocketRoute

from wsreplay.config import Settings
from wsreplay.events import EntryReplayed, FindingFound, RouteFinished, RunFinished
from wsreplay.fuzzing import fuzz
from wsreplay.fuzzing.confirming import Confirmation, try_in_worker
from wsreplay.model import Client, Connect, Finding, Scenario, Send
from wsreplay.replaying import replay
from wsreplay.workers import Bench, Launcher, WorkerLost
from wsreplay.workers.runner import Outcome

HERE = Path(__file__).parent
SLOW = {
    "busy_with_a_handler_of_its_own",
    "busy_without_the_timer",
    "endless_to_nobody",
    "gigabyte_in_parts",
    "gigabyte_of_text",
    "huge_reason",
    "many_tasks",
    "million_tasks",
    "raises_of_huge_text",
    "recursion_without_a_limit",
    "swallows_cancellations_without_a_pause",
    "tasks_that_multiply",
    "writes_to_the_disk",
}
"""What takes more than half a second."""


@pytest.fixture(scope="module")
def launchers() -> Iterator[dict[str, Launcher]]:
    """A launcher for each app: both are imported once."""
    functions = (try_in_worker, in_turn)
    with (
        Launcher(settings("apps"), functions=functions) as hostile_apps,
        Launcher(settings("harmless"), functions=functions) as harmless_apps,
    ):
        yield {"apps": hostile_apps, "harmless": harmless_apps}


def settings(module: str, **changes: object) -> Settings:
    return Settings(target=f"{module}:app", app_dir=HERE, block_limit=0.2, **changes)


def names(module: str) -> list[str]:
    sys.path.insert(0, str(HERE))
    try:
        routes = __import__(module).app.routes
    finally:
        sys.path.remove(str(HERE))
    return [route.path.lstrip("/") for route in routes if isinstance(route, WebSocketRoute)]


def scenario(path: str, *messages: str | bytes) -> Scenario:
    sends = (Send(0, "text" if isinstance(data, str) else "bytes", data) for data in messages)
    return Scenario(path, (Client(path),), (Connect(0), *sends))


def in_turn(bench: Bench, *scenarios: Scenario) -> list[Outcome]:
    """What each gives in the process that the others have left behind."""
    return [try_in_worker(bench, one.route, (one,)) for one in scenarios]


def shown(findings: tuple[Finding, ...]) -> set[str]:
    return {f"{finding.check}:{finding.exception or finding.cause}" for finding in findings}


def found(launcher: Launcher, name: str) -> tuple[Finding, ...]:
    one = Confirmation(launcher, settings("apps"), f"/{name}", None).alone(scenario(f"/{name}", "go"))
    return one.findings


hostile = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in names("apps") if name != "later"],
)


@hostile
def test_it_is_told_for_what_it_is_in_every_run(launchers, name):
    first = found(launchers["apps"], name)
    assert shown(first) == set(sys.modules["apps"].EXPECTED[name])
    for finding in first:
        # A dead process cannot say where it was, and a task that goes on has no place.
        nowhere = finding.check in ("process_crash", "leaked_task") or name == "nests_a_loop_by_force"
        assert nowhere or (finding.location is not None and finding.location.file == "apps.py")
    again = found(launchers["apps"], name)
    assert {finding.fingerprint for finding in again} == {finding.fingerprint for finding in first}


@hostile
def test_what_comes_after_it_in_the_same_process_is_found_all_the_same(launchers, name):
    worker = launchers["apps"].worker()
    steps = (scenario(f"/{name}", "go", "go"), scenario(f"/{name}", b"planted"), scenario("/later", "go"))
    lost, outcomes = None, []
    try:
        outcomes = worker.result(in_turn, *steps)
    except WorkerLost as death:
        lost = death
    worker.close()
    if lost is None:
        _, planted, later = outcomes
        assert "handler_crash:ValueError" in shown(planted.findings)
        assert "handler_crash:KeyError" in shown(later.findings)
    else:
        # A fresh process goes on then, and this is what it leaves out.
        assert lost.scenario in steps
        assert {kind.partition(":")[0] for kind in sys.modules["apps"].EXPECTED[name]} & {
            "process_crash",
            "blocked_loop",
        }


@pytest.mark.parametrize("name", names("harmless"))
def test_what_does_no_harm_is_not_told(launchers, name):
    path = f"/{name}"
    worker = launchers["harmless"].worker()
    for outcome in worker.result(in_turn, scenario(path), scenario(path, "a", "b"), scenario(path, "a", b"b", "c")):
        assert outcome.findings == ()
    worker.close()


SEARCHED = ("endless", "ends_its_group", "forks_and_goes_on_twice")
SEARCHED_LONG = (
    "becomes_another_program",
    "busy_with_a_handler_of_its_own",
    "busy_without_the_timer",
    "clears_the_modules",
    "closes_every_descriptor",
    "endless_with_pauses",
    "forks_and_returns",
    "freezes_time",
    "gigabyte_in_parts",
    "leaks_descriptors",
    "leaks_memory",
    "leaves_a_forked_process",
    "many_tasks",
    "million_tasks",
    "pool_left",
    "prints",
    "raises_of_groups",
    "replaces_time_monotonic",
    "swallows_cancellations",
    "swallows_everything",
    "tasks_that_multiply",
    "thread_left_busy",
    "thread_left_sleeping",
    "uses_up_descriptors",
)


@pytest.mark.parametrize("name", [*SEARCHED, *(pytest.param(name, marks=pytest.mark.slow) for name in SEARCHED_LONG)])
def test_a_search_goes_on_and_a_replay_says_the_same(name, tmp_path):
    chosen = settings("apps", include=(f"/{name}", "/later"), corpus=tmp_path, seed=1, max_examples=40)
    events = list(fuzz(chosen))
    bugs = {
        (event.route, one) for event in events if isinstance(event, FindingFound) for one in shown((event.finding,))
    }
    assert bugs >= {(f"/{name}", "handler_crash:ValueError"), ("/later", "handler_crash:KeyError")}
    assert bugs >= {(f"/{name}", kind) for kind in sys.modules["apps"].EXPECTED[name]}
    assert isinstance(events[-1], RunFinished)
    assert (events[-1].exit_code, events[-1].problems) == (1, ())
    assert [event.sequences for event in events if isinstance(event, RouteFinished)] == [40, 40]
    verdicts = {event.path: event for event in replay(chosen) if isinstance(event, EntryReplayed)}
    for event in verdicts.values():
        assert event.entry is None or event.verdict == ("fail" if event.entry.verdict == "fail" else "pass")
    assert {event.verdict for event in verdicts.values()} == {"pass", "fail"}
