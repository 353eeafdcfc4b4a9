"""Worker processes: fresh each time, answering, dying in every way there is."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from wsreplay.errors import RouteError, ScenarioError, TargetError, WorkerError
from wsreplay.model import Client, Connect, Frame, Scenario
from wsreplay.workers import Bench, Launcher, Stopped, WorkerLost
from wsreplay.workers import launcher as launchers

SCENARIO = Scenario("/echo", (Client("/echo"),), (Connect(0),))
STATE: list[int] = []


def remember(bench: Bench, value: int) -> list[int]:
    STATE.append(value)
    return STATE


def talk(bench: Bench, words: tuple[str, ...]) -> str:
    for word in words:
        bench.channel.send(("told", word))
    return str(bench.channel.receive())


def fail(bench: Bench, error: Exception) -> None:
    raise error


def shout(bench: Bench, word: str) -> None:
    os.write(2, f"open {word}\n".encode())


def die(bench: Bench, how: str) -> None:
    bench.tally = (3, 2, 1)
    bench.in_flight(SCENARIO)
    if how == "signal":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == "exit":
        os._exit(7)
    elif how == "give up":
        bench._give_up((Frame("app.py", 1, "handler"),))
    time.sleep(60)


def test_it_finds_the_routes_without_importing_the_target_here(settings):
    with Launcher(settings) as launcher:
        assert [route.path for route in launcher.routes] == ["/echo", "/tasks", "/pair", "/stuck"]


def test_each_worker_is_fresh(settings):
    with Launcher(settings) as launcher:
        first, second = launcher.worker(), launcher.worker()
        assert first.result(remember, 1) == [1]
        assert first.result(remember, 2) == [1, 2]
        assert second.result(remember, 3) == [3]
        assert first.pid != second.pid
        first.close()
        first.close()


def test_a_function_can_tell_and_ask(settings):
    with Launcher(settings) as launcher:
        worker = launcher.worker()
        calling = worker.call(talk, ("one", "two"))
        assert [next(calling), next(calling)] == ["one", "two"]
        worker.answer("three")
        with pytest.raises(StopIteration) as stopped:
            next(calling)
        assert stopped.value.value == "three"


def test_our_own_errors_arrive_as_they_are_and_others_with_their_traceback(settings):
    with Launcher(settings) as launcher:
        worker = launcher.worker()
        with pytest.raises(ScenarioError, match="no such step"):
            worker.result(fail, ScenarioError("no such step"))
        with pytest.raises(TargetError, match="ZeroDivisionError") as told:
            worker.result(fail, ZeroDivisionError("oops"))
        assert "Traceback" in told.value.hint


@pytest.mark.parametrize(
    ("how", "words"),
    [("signal", "was killed by signal 11 (SIGSEGV)"), ("exit", "exited with code 7")],
)
def test_a_death_is_told_with_what_was_in_flight(settings, how, words):
    with Launcher(settings) as launcher:
        with pytest.raises(WorkerLost) as lost:
            launcher.worker().result(die, how)
        assert lost.value.how == words
        assert lost.value.scenario == SCENARIO
        assert lost.value.tally == (3, 2, 1)
        assert lost.value.frames == ()
        assert launcher.worker().result(remember, 1) == [1]


def test_a_worker_that_gives_up_says_where_it_was_stuck(settings):
    with Launcher(settings) as launcher, pytest.raises(WorkerLost) as lost:
        launcher.worker().result(die, "give up")
    assert lost.value.frames == (Frame("app.py", 1, "handler"),)


def test_a_worker_without_a_sign_of_life_is_killed(settings, monkeypatch):
    monkeypatch.setattr(launchers, "SILENCE", 1.5)
    monkeypatch.setattr(launchers, "LOOK", 0.1)
    with Launcher(settings) as launcher, pytest.raises(WorkerLost, match="no sign of life") as lost:
        launcher.worker().result(die, "sleep")
    assert lost.value.scenario == SCENARIO


def test_a_worker_that_is_gone_before_the_call_is_lost_too(settings):
    with Launcher(settings) as launcher:
        worker = launcher.worker()
        os.kill(worker.pid, signal.SIGKILL)
        select.select([worker._channel.sock], [], [])
        with pytest.raises(WorkerLost):
            worker.result(remember, 1)


def test_a_worker_whose_parent_died_with_it_is_lost_too(settings):
    with Launcher(settings) as launcher:
        worker = launcher.worker()
        launcher._process.kill()
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(WorkerLost, match="SIGKILL"):
            worker.result(remember, 1)


def test_a_process_that_workers_are_forked_from_is_replaced_when_it_was_killed(settings):
    with Launcher(settings) as launcher:
        before = launcher.worker()
        launcher._process.kill()
        assert launcher.worker().result(remember, 1) == [1]
        with pytest.raises(WorkerLost, match="SIGKILL") as lost:
            before.result(remember, 2)
    assert lost.value.killed


def test_a_process_that_its_parent_has_left_takes_its_workers_along(settings):
    with Launcher(settings) as launcher:
        worker = launcher.worker()
        launcher._channel.hang_up()
        launcher._process.wait()
        with pytest.raises(WorkerLost, match="SIGKILL"):
            worker.result(remember, 1)


def test_a_target_that_cannot_be_forked_is_told(settings):
    source = settings.app_dir / f"{settings.target.split(':')[0]}.py"
    source.write_text(source.read_text() + "\nimport os\nos.register_at_fork(before=lambda: os._exit(1))\n")
    with Launcher(settings) as launcher, pytest.raises(WorkerError, match="could be forked"):
        launcher.worker()


def test_a_worker_without_memory_is_told(settings):
    with Launcher(settings) as launcher, pytest.raises(WorkerLost, match="ran out of memory") as lost:
        launcher.worker().result(fail, MemoryError())
    assert not lost.value.killed


def test_a_worker_that_lost_its_parent_ends(settings):
    with Launcher(settings) as launcher, pytest.raises(WorkerLost, match="exited with code 0"):
        launcher.worker().result(fail, EOFError())


def test_the_output_of_the_target_is_shown_only_when_it_is_asked_for(settings, capfd):
    source = settings.app_dir / f"{settings.target.split(':')[0]}.py"
    source.write_text(source.read_text() + "\nprint('imported', flush=True)\n")
    with Launcher(settings):
        assert capfd.readouterr() == ("", "")
    with Launcher(replace(settings, verbose=2)):
        assert capfd.readouterr() == ("", "imported\n")


def test_every_wait_ends_when_the_user_wants_to_stop(settings):
    wanted = False
    with Launcher(settings, lambda: wanted) as launcher:
        worker = launcher.worker()
        wanted = True
        with pytest.raises(Stopped):
            worker.result(die, "sleep")


def test_where_no_fork_is_safe_each_worker_is_a_process_of_its_own(settings):
    source = settings.app_dir / f"{settings.target.split(':')[0]}.py"
    source.write_text(source.read_text() + "\nimport threading, time\n" + THREAD)
    with Launcher(settings) as launcher:
        first, second = launcher.worker(), launcher.worker()
        assert first.result(remember, 1) == [1]
        assert second.result(remember, 2) == [2]
        first.close()
        assert launcher.worker().result(remember, 3) == [3]
        with pytest.raises(WorkerLost):
            second.result(die, "signal")


def test_a_waiting_process_that_was_killed_where_no_fork_is_safe_is_replaced(settings):
    source = settings.app_dir / f"{settings.target.split(':')[0]}.py"
    source.write_text(source.read_text() + "\nimport threading, time\n" + THREAD)
    with Launcher(settings) as launcher:
        launcher._process.kill()
        launcher._process.wait()
        assert launcher.worker().result(remember, 1) == [1]


THREAD = "threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()\n"


def test_what_importing_the_target_raises_is_told(settings):
    with pytest.raises(TargetError, match="nowhere"), Launcher(replace(settings, target="nowhere:app")):
        pass
    with pytest.raises(RouteError), Launcher(replace(settings, include=("/none",))):
        pass


def test_an_import_that_ends_the_process_is_told(settings):
    source = settings.app_dir / f"{settings.target.split(':')[0]}.py"
    source.write_text("import os\nos._exit(4)\n")
    with pytest.raises(WorkerError, match="exited with code 4"), Launcher(settings):
        pass


def test_no_process_outlives_its_launcher(settings):
    with Launcher(settings) as launcher:
        pids = [launcher.worker().pid, launcher.worker().pid]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_an_interpreter_that_cannot_be_started_is_told(settings, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(settings.app_dir / "no-python"))
    with pytest.raises(WorkerError, match="no worker process could be started"), Launcher(settings):
        pass


def test_settings_that_our_own_code_cannot_read_are_told_with_their_traceback(settings):
    with (
        pytest.raises(TargetError, match="a worker failed: AttributeError") as told,
        Launcher(replace(settings, hooks=(1,))),
    ):
        pass
    assert "Traceback" in told.value.hint


def test_an_unknown_signal_is_told_by_its_number():
    assert launchers._in_words(-200) == "was killed by signal 200 (an unknown signal)"


def test_ctrl_c_while_the_target_is_imported_leaves_no_process(settings):
    source = settings.app_dir / f"{settings.target.split(':')[0]}.py"
    source.write_text("import os, time\nopen(__file__ + '.pid', 'w').write(str(os.getpid()))\ntime.sleep(60)\n")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 1.5)
        with pytest.raises(KeyboardInterrupt), Launcher(settings):
            pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    pid = int(source.with_suffix(".py.pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_target_that_does_not_let_its_process_end_is_not_waited_for(settings):
    source = settings.app_dir / f"{settings.target.split(':')[0]}.py"
    source.write_text("import os, time\nos._exit = lambda code: time.sleep(3600)\n" + source.read_text())
    with Launcher(settings) as launcher:
        process = launcher._process
    assert process.wait(timeout=0) == -signal.SIGKILL


def replace_and_fail(bench: Bench) -> None:
    bench.in_flight(SCENARIO)
    sys.modules[bench.loaded.module].replace()
    json.loads("{}")


def fork_and_tell(bench: Bench, how: str) -> int:
    child = os.fork()
    if child == 0 and how == "returns":
        bench.channel.send(("told", "from the child"))
    elif child == 0:
        time.sleep(600)
    return child


def answer_late(bench: Bench, seconds: float) -> None:
    bench.in_flight(SCENARIO)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        bench.flight.beat()
        time.sleep(0.01)


def ended(pid: int) -> bool:
    """Whether the process has ended: who has adopted it may not have taken note of that yet."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] in "ZX"


def test_a_process_in_which_the_app_has_replaced_what_we_call_is_lost(settings):
    source = settings.app_dir / f"{settings.target.split(':')[0]}.py"
    source.write_text(source.read_text() + "\nimport json\ndef replace(): json.loads = lambda text: 1 / 0\n")
    with Launcher(settings) as launcher, pytest.raises(WorkerLost, match="damaged by app code") as lost:
        launcher.worker().result(replace_and_fail)
    assert lost.value.scenario == SCENARIO


def test_what_a_worker_has_forked_ends_with_it(settings):
    with Launcher(settings) as launcher:
        worker = launcher.worker()
        child = worker.result(fork_and_tell, "sleeps")
        assert not ended(child)
        worker.close()
        while not ended(child):
            time.sleep(0.01)


def test_a_forked_copy_of_a_worker_tells_nothing(settings):
    with Launcher(settings) as launcher:
        worker = launcher.worker()
        calling = worker.call(fork_and_tell, "returns")
        with pytest.raises(StopIteration) as stopped:
            next(calling)
        assert stopped.value.value > 0


def test_a_worker_that_goes_on_when_its_time_is_up_is_ended(settings):
    with Launcher(settings) as launcher:
        with pytest.raises(WorkerLost, match="did not come to an end") as lost:
            launcher.worker().result(answer_late, 60.0, until=time.monotonic() + 0.3)
        assert lost.value.late
        assert lost.value.scenario == SCENARIO
        launcher.worker().result(answer_late, 0.0, until=time.monotonic() + 60)


def test_one_that_was_silent_for_long_when_its_time_was_up_is_stuck(settings, monkeypatch):
    monkeypatch.setattr(launchers, "SILENCE", 3.0)
    monkeypatch.setattr(launchers, "LOOK", 0.1)
    with Launcher(settings) as launcher, pytest.raises(WorkerLost, match="no sign of life") as lost:
        launcher.worker().result(die, "sleep", until=time.monotonic() + 2.0)
    assert not lost.value.late


def test_when_the_process_that_workers_are_forked_from_has_gone_there_is_a_new_one(settings):
    with Launcher(settings) as launcher:
        first = launcher.worker()
        launcher._process.kill()
        launcher._process.wait()
        assert launcher.worker().result(remember, 1) == [1]
        first.close()


def test_a_process_does_not_wait_for_threads_and_exit_handlers_of_the_target(settings):
    source = settings.app_dir / f"{settings.target.split(':')[0]}.py"
    head = "import atexit, threading, time\natexit.register(time.sleep, 3600)\n"
    head += "threading.Thread(target=time.sleep, args=(3600,)).start()\nimport sys; sys.stdout.close()\n"
    source.write_text(head + source.read_text())
    with Launcher(settings) as launcher:
        worker = launcher.worker()
        assert worker.result(remember, 1) == [1]
        process = worker.process
        worker.close()
    assert process.wait(timeout=0) == 0


def test_what_workers_print_is_shown_without_credentials(settings, capfd):
    settings = replace(settings, verbose=2, secrets={"{{header:x-key}}": "sesame"})
    with Launcher(settings) as launcher:
        launcher.worker().result(shout, "sesame")
    seen, end = "", time.monotonic() + 20
    while "open" not in seen and time.monotonic() < end:
        time.sleep(0.01)
        seen += capfd.readouterr().err
    assert "open {{header:x-key}}" in seen
    assert "sesame" not in seen
