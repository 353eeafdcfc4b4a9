"""A project in a directory of its own, and real runs of `python -m wsreplay` in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

SHOP = """
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute

    async def orders(websocket):
        await websocket.accept()
        while (message := await websocket.receive())["type"] == "websocket.receive":
            if (message.get("text") or "").startswith('"'):
                raise KeyError("price")
            await websocket.send_text("thanks")

    app = Starlette(routes=[WebSocketRoute("/orders", orders)])
"""

CORRECT = """
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.disconnect":
                await send({"type": "websocket.send", "text": "thanks"})
"""


@dataclass(frozen=True)
class Ran:
    """How a run ended."""

    code: int
    out: str
    err: str


class Project:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.first: Ran | None = None
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WSREPLAY_")},
            "NO_COLOR": "1",
            "GITHUB_ACTIONS": "",
        }

    def write(self, name: str, text: str) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def run(
        self, *arguments: str, environment: dict[str, str] | None = None, cwd: str = "", timeout: float = 60
    ) -> Ran:
        """Run a command to its end. No run may show a traceback of ours."""
        ran = subprocess.run(
            [sys.executable, "-m", "wsreplay", *arguments],
            cwd=self.directory / cwd,
            env={**self.environment, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def shell(self, words: str) -> Ran:
        """Run `wsreplay` with `words` as a shell reads them: pipes and redirections."""
        command = f"set -o pipefail; '{sys.executable}' -m wsreplay {words}"
        ran = subprocess.run(
            ["bash", "-c", command],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def interrupted(self, *arguments: str, at: str) -> Ran:
        """Run a command and press Ctrl-C once `at` has appeared on stdout."""
        process = subprocess.Popen(
            [sys.executable, "-m", "wsreplay", *arguments],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        seen = ""
        for line in process.stdout:
            seen += line
            if at in line:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        return Ran(process.returncode, seen + out, err)

    def entries(self, corpus: str = "corpus") -> dict[str, bytes]:
        """The files of a corpus, by name."""
        return {
            str(path.relative_to(self.directory / corpus)): path.read_bytes()
            for path in sorted((self.directory / corpus).rglob("*.msgpack"))
        }

    def failing(self) -> str:
        """The id of the failing entry."""
        listed = self.run("corpus", "ls").out
        return next(line.split()[0] for line in listed.splitlines() if " fail" in line)


@pytest.fixture
def project(tmp_path):
    """An empty project with a module `shop`, whose app has one bug, and a module `correct`."""
    made = Project(tmp_path)
    made.write("shop.py", SHOP)
    made.write("correct.py", CORRECT)
    return made


@pytest.fixture(scope="session")
def fuzzed(tmp_path_factory):
    """The project after one run that found the bug; nobody changes it."""
    made = Project(tmp_path_factory.mktemp("fuzzed"))
    made.write("shop.py", SHOP)
    made.write("correct.py", CORRECT)
    made.first = made.run("fuzz", "shop:app", "-n", "20", "--seed", "1")
    return made


@pytest.fixture
def kept(fuzzed, tmp_path):
    """A copy of the project with its corpus."""
    shutil.copytree(fuzzed.directory, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)
