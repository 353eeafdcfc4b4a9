"""The command that replays an entry: it is to be copied into a shell."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from wsreplay.config import Settings
from wsreplay.corpus import Store
from wsreplay.model import Client, Connect, Entry, Scenario, Send, Transcript
from wsreplay.report.command import replay_command


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Settings(target="shop:app", app_dir=tmp_path)


def test_only_what_is_needed_is_said(here):
    assert replay_command("corpus/ws/1.msgpack", here) == "wsreplay replay corpus/ws/1.msgpack --target shop:app"
    assert replay_command("corpus/ws/1.msgpack", replace(here, target="")) == "wsreplay replay corpus/ws/1.msgpack"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"factory": True}, "--factory"),
        ({"app_dir": Path("src dir")}, "--app-dir 'src dir'"),
        ({"paths": ("/ws?a=1&b=2", "/feed")}, "--path '/ws?a=1&b=2' --path /feed"),
        ({"checks": ("default", "ignored_auth")}, "--checks default,ignored_auth"),
        ({"message_timeout": 2.0}, "--message-timeout 2"),
        ({"connection_timeout": 0.5}, "--connection-timeout 0.5"),
        ({"credential_flags": (("--header", "X-Key:$SHOP_KEY"),)}, '--header "X-Key:$SHOP_KEY"'),
    ],
)
def test_what_the_finding_needs_to_be_seen_again_is_said(here, changes, said):
    command = replay_command("corpus/ws/1.msgpack", replace(here, **changes))
    assert command == f"wsreplay replay corpus/ws/1.msgpack --target shop:app {said}"


def test_a_path_that_looks_like_a_flag_is_none(here):
    assert shlex.split(replay_command("-x/1.msgpack", here))[2] == "./-x/1.msgpack"


APP = """
def make():
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            raise ValueError("no lifespan")
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        raise RuntimeError("as ever")
    return app
"""


def test_the_command_runs_when_it_is_copied_into_a_shell(here, tmp_path):
    source = tmp_path / "the source"
    source.mkdir()
    (source / "copied_shop.py").write_text(APP)
    scenario = Scenario("/ws", (Client("/ws", "a=1&b=2"),), (Connect(0), Send(0, "text", "hello")))
    path = Store(tmp_path / "the corpus").save(Entry(scenario, Transcript(())))
    settings = replace(here, target="copied_shop:make", factory=True, app_dir=source, paths=("/ws?a=1&b=2",))
    command = replay_command(str(path), replace(settings, message_timeout=3.0))
    assert command.startswith("wsreplay replay 'the corpus/")
    command = command.replace("wsreplay", f"{shlex.quote(sys.executable)} -m wsreplay", 1)
    root = str(Path(__file__).parents[2])
    environ = {**os.environ, "PYTHONPATH": root}
    done = subprocess.run(["bash", "-c", command], check=False, capture_output=True, text=True, env=environ)
    assert "RuntimeError: as ever" in done.stdout, done.stderr
    assert done.returncode == 1
