"""An app in the test's own process: scenarios are run against it, entries replayed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fastapi import Depends, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from wsreplay.corpus import Store, scenario_id
from wsreplay.errors import ConfigError, CorpusError, RouteError, ScenarioError
from wsreplay.model import Client, Connect, Entry, Scenario, Send
from wsreplay.testing import LiveTarget, check, configured_target, replay, reset, run, scenario

HELLO = scenario("/shout/{room}", room="a").send_text("hello")


# --- results ---------------------------------------------------------------------------------------------------------


def test_a_scenario_is_run_and_its_transcript_looked_at(app):
    result = run(app, scenario("/shout/{room}", room="a").connect("ann", subprotocols=["v1"]).send_text("hi"))
    assert result.json("ann") == [{"room": "a", "text": "HI", "first": "h"}]
    assert result.accepted()
    assert result.subprotocol("ann") == "v1"
    assert (result.close_code(), result.status(), result.cause()) == (None, None, "disconnected")
    assert result.findings == ()
    result.assert_no_failures()
    assert 'A -> app  "hi"' in result.exchange


def test_a_close_of_the_app_is_seen_with_its_code(app):
    result = run(app, HELLO.send_text("bye").send_text("too late"))
    assert (result.close_code(), result.cause()) == (4000, "closed")
    assert len(result.replies()) == 1


def test_a_failure_is_told_with_the_exchange(app):
    result = run(app, HELLO.send_text(""))
    assert [finding.exception for finding in result.failures] == ["IndexError"]
    assert result.warnings == ()
    with pytest.raises(
        AssertionError, match=r"1 failure\nFAILURE handler_crash on /shout/\{room\}: IndexError"
    ) as raised:
        result.assert_no_failures()
    assert 'A -> app  ""' in str(raised.value)


async def _denies(scope, receive, send):
    await send({"type": "websocket.http.response.start", "status": 418, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"no"})


def test_a_denial_is_seen_with_its_status():
    result = run(_denies, scenario("/tea"))
    assert (result.status(), result.accepted(), result.subprotocol()) == (418, False, None)


def test_a_warning_is_no_failure():
    async def leaves(websocket):
        await websocket.accept()

    result = run(Starlette(routes=[WebSocketRoute("/ws", leaves)]), scenario("/ws"))
    result.assert_no_failures()
    assert [finding.check for finding in result.warnings] == ["missing_close"]


def test_a_client_that_there_is_not_is_an_error(app):
    result = run(app, HELLO)
    with pytest.raises(ConfigError, match="no client 'eve'"):
        result.replies("eve")
    with pytest.raises(ConfigError, match="no client 1"):
        result.cause(1)


# --- the life of the app ---------------------------------------------------------------------------------------------


class Counting:
    """An app that counts its starts, and what it was told in its life."""

    def __init__(self) -> None:
        self.starts = 0
        self.told: list[str] = []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            self.starts += 1
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            self.told.append(event["text"])
            await send({"type": "websocket.send", "text": str(len(self.told))})


def test_inside_with_the_app_lives_from_scenario_to_scenario():
    app = Counting()
    with LiveTarget(app) as target:
        assert target.run(scenario("/").send_text("a")).replies() == ["1"]
        assert target.run(scenario("/").send_text("b")).replies() == ["2"]
    assert app.starts == 1
    run(app, scenario("/"))
    assert app.starts == 2


def test_entering_twice_is_an_error():
    with LiveTarget(Counting()) as target, pytest.raises(ConfigError, match="started already"):
        target.__enter__()


def test_a_reset_runs_before_each_scenario():
    app = Counting()
    with LiveTarget(app, reset=app.told.clear) as target:
        assert [target.run(scenario("/").send_text("a")).replies() for _ in range(3)] == [["1"]] * 3


def test_a_registered_reset_runs_too():
    app = Counting()

    @reset
    def forget() -> None:
        app.told.clear()

    with LiveTarget(app) as target:
        assert [target.run(scenario("/").send_text("a")).replies() for _ in range(3)] == [["1"]] * 3


def test_a_factory_makes_an_app_for_each_scenario():
    made: list[Counting] = []

    def create() -> Counting:
        made.append(Counting())
        return made[-1]

    with LiveTarget(create, factory=True) as target:
        assert [target.run(scenario("/").send_text("a")).replies() for _ in range(2)] == [["1"]] * 2
        assert target.app is create
    assert len(made) == 2


def test_an_app_that_does_not_start_leaves_the_tests_random_numbers_alone():
    async def refuses(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    random.seed(5)
    expected = random.Random(5).random()
    with pytest.raises(Exception, match="no database"), LiveTarget(refuses):
        pass
    assert random.random() == expected


def test_the_tests_random_numbers_are_its_own(app):
    random.seed(5)
    expected = random.Random(5).random()
    run(app, HELLO)
    assert random.random() == expected


def test_dependency_overrides_hold():
    app = FastAPI()

    def user() -> str:
        return "real"

    @app.websocket("/me")
    async def me(websocket: WebSocket, name: str = Depends(user)) -> None:
        await websocket.accept()
        await websocket.send_text(name)
        await websocket.close()

    target = LiveTarget(app)
    target.app.dependency_overrides[user] = lambda: "fake"
    assert target.run(target.scenario("/me")).replies() == ["fake"]


# --- settings --------------------------------------------------------------------------------------------------------


def test_options_are_settings_by_their_names(app):
    bye = HELLO.send_text("bye")
    assert run(app, bye).failures == ()
    assert [finding.check for finding in run(app, bye, error_codes=[4000]).failures] == ["server_error_close"]
    assert run(app, bye, error_codes=[4000], exclude_checks=["server_*"]).failures == ()


def test_configured_headers_go_with_the_clients_of_a_script_and_stay_secret():
    async def tells(websocket):
        await websocket.accept()
        await websocket.send_text(websocket.headers.get("x-key", "none"))
        await websocket.close()

    app = Starlette(routes=[WebSocketRoute("/ws", tells)])
    target = LiveTarget(app, headers=["X-Key: s3cret"])
    result = target.run(scenario("/ws"))
    assert "s3cret" not in repr(result)
    assert result.replies() != ["none"]
    assert run(app, scenario("/ws")).replies() == ["none"]


def test_no_file_and_no_variable_of_ours_has_a_say(app, tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("[tool.wsreplay]\nmessage_timeout = 1.5\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WSREPLAY_MESSAGE_TIMEOUT", "2.5")
    settings = LiveTarget(app).settings
    assert (settings.message_timeout, settings.corpus) == (10.0, tmp_path / "corpus")


def test_an_unknown_option_is_an_error(app):
    with pytest.raises(ConfigError, match="no option 'timeout'") as raised:
        LiveTarget(app, timeout=3)
    assert "message_timeout" in raised.value.hint


def test_a_scenario_that_contradicts_itself_is_an_error(app):
    with pytest.raises(ScenarioError, match="has not connected"):
        run(app, Scenario("/shout/{room}", (Client("/shout/a"),), (Send(0, "text", "a"),)))


def test_routes_are_listed_and_an_unknown_one_named(app):
    target = LiveTarget(app)
    assert [route.path for route in target.routes] == ["/shout/{room}"]
    assert target.endpoint("/shout/{room}").route == target.routes[0]
    with pytest.raises(RouteError, match="no WebSocket route '/whisper'") as raised:
        target.endpoint("/whisper")
    assert raised.value.hint == "The routes are: /shout/{room}."


# --- entries ---------------------------------------------------------------------------------------------------------


def saved(app, corpus: Path) -> Entry:
    result = run(app, HELLO.send_text(""))
    entry = Entry(result.scenario, result.transcript, result.findings)
    Store(corpus).save(entry)
    return entry


def test_an_entry_is_replayed_by_id_path_or_itself(app, tmp_path):
    entry = saved(app, tmp_path)
    identity = scenario_id(entry.scenario)
    (path,) = Store(tmp_path).paths()
    for named in (identity, identity[:6], path, entry):
        result = replay(app, named, corpus=tmp_path)
        assert [finding.exception for finding in result.failures] == ["IndexError"]


def test_an_entry_that_there_is_not_is_an_error(app, tmp_path):
    saved(app, tmp_path)
    with pytest.raises(CorpusError):
        replay(app, "ffffffffffffffff", corpus=tmp_path)


def test_an_entry_whose_route_is_gone_is_an_error(app, tmp_path):
    entry = Entry(Scenario("/gone", (Client("/gone"),), (Connect(0),)), run(app, HELLO).transcript)
    with pytest.raises(RouteError, match="'/gone'"):
        replay(app, entry)


def test_an_app_without_a_table_is_replayed_by_its_paths():
    entry = Entry(scenario("/").send_text("a").build(), run(Counting(), scenario("/")).transcript)
    assert replay(Counting(), entry, paths=("/",)).replies() == ["1"]


# --- the configured target -------------------------------------------------------------------------------------------


def test_the_configured_target_is_found_from_a_directory(tmp_path, monkeypatch):
    (tmp_path / "kiosk_configured.py").write_text(
        "async def app(scope, receive, send):\n"
        "    await send({'type': 'websocket.accept'})\n"
        "    await send({'type': 'websocket.close', 'code': 4001})\n"
    )
    (tmp_path / "pyproject.toml").write_text(
        '[tool.wsreplay]\napp = "kiosk_configured:app"\npaths = ["/ws"]\nmessage_timeout = 2\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    called: list[int] = []
    with configured_target(tmp_path, reset=lambda: called.append(1)) as target:
        assert target.run(target.scenario("/ws")).close_code() == 4001
        assert target.settings.message_timeout == 2.0
        assert [route.path for route in target.routes] == ["/ws"]
    assert called == [1]


TWO_ROUTES = """
import time

async def app(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    sent = dict(scope["headers"]).get(b"authorization", b"none").decode()
    await send({"type": "websocket.send", "text": str(sent == SECRET[scope["path"]])})
    while (await receive())["type"] != "websocket.disconnect":
        time.sleep(0.3)
        await send({"type": "websocket.send", "text": "slept"})

SECRET = {"/a": "Bearer for all", "/b": "Bearer for b"}
"""


def test_each_route_has_the_settings_of_its_own_block(tmp_path, monkeypatch):
    (tmp_path / "kiosk_blocks.py").write_text(TWO_ROUTES)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.wsreplay]\napp = "kiosk_blocks:app"\npaths = ["/a", "/b"]\nauth = "bearer:for all"\n'
        '[[tool.wsreplay.routes]]\npath = "/b"\nblock_limit = 0.1\nauth = "bearer:for b"\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with configured_target(tmp_path) as target:
        for path, found in (("/b", ["blocked_loop"]), ("/a", []), ("/b", ["blocked_loop"])):
            result = target.run(target.scenario(path).send_text("hello"))
            assert result.replies()[0] == "True"
            assert [finding.check for finding in result.failures] == found


def test_a_block_may_change_a_timeout_and_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "kiosk_timeouts.py").write_text(TWO_ROUTES)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.wsreplay]\napp = "kiosk_timeouts:app"\npaths = ["/a", "/b"]\nauth = "bearer:for all"\n'
        '[[tool.wsreplay.routes]]\npath = "/b"\nmessage_timeout = 1.0\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with configured_target(tmp_path) as target:
        assert target.run(target.scenario("/a")).replies() == ["True"]
        assert target.run(target.scenario("/b")).replies() == ["False"]


def test_without_a_configured_target_the_key_is_named(tmp_path):
    with pytest.raises(ConfigError, match="expected a key 'app'"):
        configured_target(tmp_path)


# --- checks of one's own ---------------------------------------------------------------------------------------------


def test_a_check_of_ones_own_is_among_the_failures(app):
    @check
    def never_shouts_hello(transcript) -> str | None:
        return "It shouted." if any("HELLO" in str(event) for event in transcript.events) else None

    assert [finding.check for finding in run(app, HELLO).failures] == ["never_shouts_hello"]
    assert run(app, HELLO, exclude_checks=["never_shouts_hello"]).failures == ()


# --- what blocks -----------------------------------------------------------------------------------------------------


def test_what_blocks_the_loop_is_interrupted_and_does_not_end_the_test():
    async def busy(websocket):
        await websocket.accept()
        await websocket.receive_text()
        while True:
            try:
                while True:
                    pass
            except BaseException:
                if websocket.app.state.rounds == 12:
                    raise
                websocket.app.state.rounds += 1

    app = Starlette(routes=[WebSocketRoute("/ws", busy)])
    app.state.rounds = 0
    result = run(app, scenario("/ws").send_text("x"), block_limit=0.05)
    assert [finding.check for finding in result.failures] == ["blocked_loop"]
