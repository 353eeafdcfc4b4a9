"""Workers that are forked from this process, with an app that is only here."""

from __future__ import annotations

import faulthandler
import logging
import subprocess
import sys
import threading

import pytest

from wsreplay.config import Settings
from wsreplay.errors import TargetError, WorkerError
from wsreplay.workers import Bench, Inheritance, Launcher, WorkerLost
from wsreplay.workers.forking import can_fork


def seen(bench: Bench) -> tuple[object, ...]:
    """What a worker finds."""
    return (
        bench.loaded.app.state,  # type: ignore[attr-defined]
        can_fork(),
        [type(handler).__name__ for handler in logging.getLogger().handlers],
    )


def die(bench: Bench) -> None:
    """End as no worker should."""
    sys.stdout.write("not seen\n")
    import os

    os._exit(3)


class App:
    """An app that cannot be imported."""

    def __init__(self, state: object = None) -> None:
        self.state = state

    async def __call__(self, scope, receive, send) -> None:
        await receive()
        await send({"type": "websocket.close"})


def settings(**more: object) -> Settings:
    return Settings(paths=("/ws",), **more)  # type: ignore[arg-type]


def test_a_worker_has_the_app_of_this_process_and_nothing_of_pytest():
    app = App("changed here")
    with Launcher(settings(), inherit=Inheritance(app)) as launcher:
        assert [route.path for route in launcher.routes] == ["/ws"]
        worker = launcher.worker()
        state, alone, handlers = worker.result(seen)
        worker.close()
    assert state == "changed here"
    assert alone
    assert not [name for name in handlers if "Capture" in name]


def test_handlers_that_are_not_of_pytest_stay_with_the_app():
    handler = logging.StreamHandler()
    logging.getLogger().addHandler(handler)
    # Whatever another test's app has configured in this process stays too.
    expected = [
        type(each).__name__ for each in logging.getLogger().handlers if not type(each).__module__.startswith("_pytest.")
    ]
    faulthandler_was_on = faulthandler.is_enabled()
    faulthandler.disable()
    try:
        with Launcher(settings(), inherit=Inheritance(App())) as launcher:
            worker = launcher.worker()
            assert worker.result(seen)[2] == expected
            worker.close()
    finally:
        logging.getLogger().removeHandler(handler)
        if faulthandler_was_on:
            faulthandler.enable()


def test_where_no_process_can_be_forked_it_says_so(monkeypatch):
    def refuse() -> int:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr("os.fork", refuse)
    with pytest.raises(WorkerError, match="no worker process could be forked: Resource temporarily"):
        Launcher(settings(), inherit=Inheritance(App())).__enter__()


def test_other_threads_of_this_process_do_no_harm():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with Launcher(settings(), inherit=Inheritance(App("alone"))) as launcher:
            worker = launcher.worker()
            assert worker.result(seen)[:2] == ("alone", True)
            worker.close()
    finally:
        stop.set()
        thread.join()


def test_a_worker_that_dies_is_noticed():
    with Launcher(settings(), inherit=Inheritance(App())) as launcher:
        worker = launcher.worker()
        with pytest.raises(WorkerLost, match="exited with code 3"):
            worker.result(die)


def test_what_is_no_app_is_refused():
    with pytest.raises(TargetError, match="The app is no ASGI app"):
        Launcher(settings(), inherit=Inheritance(lambda: None)).__enter__()


def test_hooks_are_imported_for_it(tmp_path, monkeypatch):
    (tmp_path / "hooks_of_inheriting.py").write_text("raise ValueError('hooked')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TargetError, match="hooked"):
        Launcher(settings(hooks=("hooks_of_inheriting",)), inherit=Inheritance(App())).__enter__()


def test_a_process_that_does_not_end_in_time_is_told_of():
    from wsreplay.workers.inheriting import Forked

    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    forked = Forked(process.pid)
    with pytest.raises(subprocess.TimeoutExpired):
        forked.wait(0.01)
    forked.kill()
    assert forked.wait() == -9
    forked.kill()
    assert process.stdin is not None
    process.stdin.close()
    process.returncode = -9


def test_without_forks_each_worker_is_a_process_of_its_own(monkeypatch):
    monkeypatch.setattr("wsreplay.workers.zygote.can_fork", lambda: False)
    with Launcher(settings(), inherit=Inheritance(App("own"))) as launcher:
        first, second = launcher.worker(), launcher.worker()
        assert first.result(seen)[0] == second.result(seen)[0] == "own"
        assert first.pid != second.pid
        first.close()
        second.close()
