"""An exported entry runs: as a pytest test, and as a script that needs only the app."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wsreplay.model import Client, Close, Drop, Pause, Resume, Send, Wait
from wsreplay.report.export import as_script, as_test

ROOT = Path(__file__).parents[2]


@pytest.fixture
def execute(tmp_path):
    def run(*command, **environ):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
        return subprocess.run(
            [sys.executable, *command],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**clean, **environ},
            check=False,
        )

    return run


def test_an_exported_test_fails_as_long_as_the_bug_is_there(crashing, execute, tmp_path):
    code = as_test(crashing.entry(Send(0, "json", "{}")), crashing.settings())
    assert "def test_ws_handler_crash():" in code
    (tmp_path / "test_it.py").write_text(code, encoding="utf-8")
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py")
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    failed = execute(*command, PYTHONPATH=path)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "KeyError left the handler of client 0" in failed.stdout
    crashing.write(crashing.file.read_text().partition("\n\n\n")[2].replace('order["item"]', '"tea"'))
    mended = execute(*command, PYTHONPATH=path)
    assert mended.returncode == 0, mended.stdout


def test_an_exported_script_needs_only_the_app(crashing, execute, tmp_path):
    (tmp_path / "script.py").write_text(
        as_script(crashing.entry(Send(0, "json", "{}")), crashing.settings()), encoding="utf-8"
    )
    assert "import wsreplay" not in (tmp_path / "script.py").read_text(encoding="utf-8")
    # A module of that name which cannot be imported stands before the installed one.
    (tmp_path / "wsreplay.py").write_text("raise ImportError\n", encoding="utf-8")
    done = execute("script.py")
    assert done.returncode == 1, done.stderr
    assert "!! the handler of client 0 raised KeyError('item')" in done.stdout
    assert "KeyError: 'item'" in done.stderr


def test_a_script_takes_every_kind_of_step_and_ends_well_when_nothing_breaks(shop, execute, tmp_path):
    shop.write("""
        async def echo(websocket):
            await websocket.accept()
            async for text in websocket.iter_text():
                await websocket.send_text(text)

        app = Starlette(routes=[WebSocketRoute("/ws", echo)])
    """)
    clients = (Client("/ws", "a=1", (("x-shop", "\u00e9"),), ("v1",)), Client("/ws"))
    steps = (Pause(0), Send(0, "text", "hi\ud800"[:2]), Wait(0.01), Resume(0), Close(1, None, "bye"), Drop(0))
    entry = shop.entry(*steps, clients=clients)
    (tmp_path / "script.py").write_text(as_script(entry, shop.settings()), encoding="utf-8")
    done = execute("script.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "client 0 <- {'type': 'websocket.send', 'text': 'hi'}" in done.stdout
    assert "# A scenario of /ws without a finding." in as_test(entry, shop.settings())


def test_nothing_that_an_entry_says_becomes_code(crashing):
    crashing.route = "/ws"
    entry = crashing.entry(Send(0, "text", '"""\nimport os\nos.abort()\n# @target@'), Send(0, "json", "{}"))
    for code in (as_test(entry, crashing.settings()), as_script(entry, crashing.settings())):
        assert not any(line.startswith(("import os", "os.abort")) for line in code.splitlines())
        compile(code, "exported", "exec")
