"""What happens to a run when something around it goes wrong."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from tests.fuzzing.conftest import Project, routes
from wsreplay.errors import WorkerError
from wsreplay.events import FindingFound, Notice, RouteFinished, RunFinished, RunStarted
from wsreplay.fuzzing import fuzz, route
from wsreplay.replaying import Interruption, replay

CRASHING = """
    async def handler(websocket: WebSocket):
        await websocket.accept()
        while (await websocket.receive())["type"] != "websocket.disconnect":
            raise KeyError("always")

    app = Starlette(routes=[WebSocketRoute("/orders", handler)])
"""

ONCE = """
    FLAG = os.path.join(os.path.dirname(__file__), "seen")

    def once():
        try:
            os.mkdir(FLAG)
        except FileExistsError:
            return False
        return True

    async def handler(websocket: WebSocket):
        await websocket.accept()
        while (await websocket.receive())["type"] != "websocket.disconnect":
            if once():
                BOOM

    app = Starlette(routes=[WebSocketRoute("/once", handler)])
"""


def test_what_cannot_be_shown_again_is_kept_as_a_warning_that_says_so(project, found):
    project.write(ONCE.replace("BOOM", 'raise RuntimeError("once")'))
    events = project.fuzz(max_examples=20)
    (one,) = found(events)
    assert not one.confirmed
    assert one.finding.severity == "warning"
    assert "seen once" in one.finding.detail
    assert one.path is not None
    assert events[-1].exit_code == 0


def test_a_death_that_cannot_be_shown_again_is_a_warning_too(project, found):
    project.write(ONCE.replace("BOOM", "leave(9)"))
    events = project.fuzz(max_examples=20)
    (one,) = found(events)
    assert (one.finding.check, one.confirmed, one.finding.severity) == ("process_crash", False, "warning")
    assert "exited with code 9" in one.finding.detail


def test_checks_that_are_switched_off_find_nothing_even_in_a_death(project, found):
    project.write(CRASHING.replace('raise KeyError("always")', "leave(9)"))
    events = project.fuzz(max_examples=10, exclude_checks=("process_crash",))
    assert found(events) == []
    assert events[-1].exit_code == 0


def test_an_entry_that_cannot_be_saved_is_told_and_makes_the_run_fail(project, found):
    project.write(CRASHING)
    project.corpus.mkdir()
    (project.corpus / "orders").write_text("in the way")
    events = project.fuzz(max_examples=20)
    (one,) = found(events)
    assert one.path is None
    assert "orders" in one.unsaved
    assert events[-1].exit_code == 2
    assert events[-1].problems


def test_routes_that_the_time_did_not_reach_are_named(project):
    project.write(
        CRASHING.replace(
            '[WebSocketRoute("/orders", handler)]', '[WebSocketRoute("/a", handler), WebSocketRoute("/b", handler)]'
        )
    )
    events = project.fuzz(max_time=0.001)
    notices = [event for event in events if isinstance(event, Notice)]
    assert any("/b" in notice.text for notice in notices)
    assert events[-1].timed_out


@pytest.mark.parametrize("engine", [fuzz, replay])
def test_ctrl_c_while_the_target_is_imported_does_not_wait_for_its_end(project, engine):
    project.write(CRASHING)
    list(fuzz(project.settings(max_examples=5)))
    project.write("import os, signal, time\nos.kill(os.getppid(), signal.SIGINT)\ntime.sleep(3600)\n")
    (end,) = engine(project.settings())
    assert isinstance(end, RunFinished)
    assert end.interrupted
    assert end.exit_code == 130


def test_ctrl_c_while_several_workers_search(project):
    project.write(CRASHING)
    events = []
    for event in fuzz(project.settings(workers=2, max_examples=1_000_000)):
        events.append(event)
        if isinstance(event, FindingFound):
            os.kill(os.getpid(), signal.SIGINT)
    assert events[-1].interrupted
    assert events[-1].exit_code == 130


def test_ctrl_c_while_a_finding_is_confirmed_keeps_it(project, found):
    project.write(CRASHING)
    events = []
    for event in fuzz(project.settings(max_examples=1_000_000)):
        events.append(event)
        if getattr(event, "doing", "").startswith("confirming"):
            os.kill(os.getpid(), signal.SIGINT)
    (one,) = found(events)
    assert one.path is not None
    assert not one.confirmed
    assert isinstance(events[-1], RunFinished)
    assert events[-1].exit_code == 130


def test_a_run_in_another_thread_leaves_the_signals_alone(project):
    project.write(CRASHING)
    events = []
    thread = threading.Thread(target=lambda: events.extend(project.fuzz(max_examples=5)))
    thread.start()
    thread.join()
    assert isinstance(events[0], RunStarted)
    assert events[-1].exit_code == 1


def test_a_second_ctrl_c_ends_at_once():
    before = signal.getsignal(signal.SIGINT)
    with Interruption() as interruption:
        os.kill(os.getpid(), signal.SIGINT)
        assert interruption()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_one_sequence_is_the_connection_without_a_message(project):
    project.write(CRASHING)
    events = project.fuzz(max_examples=1)
    (end,) = [event for event in events if isinstance(event, RouteFinished)]
    assert (end.sequences, end.messages, end.connections) == (1, 0, 1)


def test_a_target_that_dies_when_it_starts_is_an_error(project):
    project.write("""
        import contextlib

        @contextlib.asynccontextmanager
        async def lifespan(app):
            leave(5)
            yield

        async def handler(websocket: WebSocket):
            await websocket.close()

        app = Starlette(routes=[WebSocketRoute("/orders", handler)], lifespan=lifespan)
    """)
    with pytest.raises(WorkerError, match="exited with code 5"):
        project.fuzz()


def test_an_app_that_kills_every_worker_is_given_up(project, found, monkeypatch):
    monkeypatch.setattr(route, "MAX_RESTARTS", 2)
    project.write("""
        import random

        async def handler(websocket: WebSocket):
            leave(random.SystemRandom().randrange(2, 200))

        app = Starlette(routes=[WebSocketRoute("/orders", handler)])
    """)
    events = project.fuzz()
    assert {one.finding.check for one in found(events)} == {"process_crash"}
    assert isinstance(events[-1], RunFinished)


def test_what_depends_on_earlier_scenarios_and_not_on_their_clients_is_a_warning(project, found):
    project.write("""
        from wsreplay.simulation.scope import FIRST_PORT

        sessions = 0

        async def handler(websocket: WebSocket):
            global sessions
            await websocket.accept()
            # The first client of a scenario has the lowest port: merged scenarios have only one first client.
            first = websocket.scope["client"][1] == FIRST_PORT
            while (await websocket.receive())["type"] != "websocket.disconnect":
                if first and sessions > 3:
                    raise KeyError("old")
            sessions += first

        app = Starlette(routes=[WebSocketRoute("/orders", handler)])
    """)
    (one,) = found(project.fuzz())
    assert not one.confirmed
    assert one.finding.severity == "warning"


COUNTS_FOR_EVER = """
answers = []

async def console(websocket: WebSocket) -> None:
    await websocket.accept()
    async for _ in websocket.iter_text():
        answers.append(None)
        await websocket.send_json({f"answer{len(answers)}": "x"})

app = Starlette(routes=[WebSocketRoute("/console", console)])
"""


def test_what_is_shown_once_and_never_again_keeps_no_scenario(project: Project) -> None:
    project.write(COUNTS_FOR_EVER)
    events = project.fuzz(max_examples=40, max_clients=1)
    (route,) = routes(events)
    assert route.sequences == 40
    # Every scenario that says anything shows a shape of its own.
    assert 1 <= route.interesting < 20
