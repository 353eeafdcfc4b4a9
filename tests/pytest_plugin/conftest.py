"""A project in a directory of its own, with an app and a corpus, in which pytest is run as a user would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from wsreplay.config import Settings
from wsreplay.corpus import Store
from wsreplay.model import Client, Connect, Entry, Provenance, Scenario, Send, State, Transcript
from wsreplay.replaying import replay

SHOP = """
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute

    async def orders(websocket):
        await websocket.accept()
        while (message := await websocket.receive())["type"] == "websocket.receive":
            if (message.get("text") or "").startswith('"'):
                raise KeyError("price")
            await websocket.send_text("thanks")

    async def ticker(websocket):
        await websocket.accept()
        while (message := await websocket.receive())["type"] == "websocket.receive":
            await websocket.send_text("tick")

    app = Starlette(routes=[WebSocketRoute("/orders", orders), WebSocketRoute("/ticker", ticker)])
"""

CONFIGURED = """
    [tool.wsreplay]
    app = "shop:app"
"""

CORRECT = 'raise KeyError("price")', 'await websocket.send_text("?"); continue'


@dataclass(frozen=True)
class Ran:
    """How a run of pytest ended."""

    code: int
    out: str
    err: str

    @property
    def counts(self) -> dict[str, int]:
        """The closing line in numbers: {"passed": 2, "failed": 1}."""
        last = next((line for line in reversed(self.out.splitlines()) if " in " in line), "")
        found = re.findall(r"(\d+) (passed|failed|deselected|xfailed|error|skipped|xpassed)", last)
        return {word: int(number) for number, word in found}

    def outcomes(self) -> dict[str, str]:
        """What -v says of each item."""
        found = re.findall(
            r"^(?:\[gw\d\] \[ *\d+%\] )?(\S.*?::.*?) (PASSED|FAILED|XFAIL|ERROR)", self.out, re.MULTILINE
        )
        other = re.findall(r"^\[gw\d\] \[ *\d+%\] (PASSED|FAILED|XFAIL) (.*?::.*?) *$", self.out, re.MULTILINE)
        return {**dict(found), **{name: word for word, name in other}}


class Project:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.store = Store(directory / "corpus")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("WSREPLAY_", "PYTEST_"))},
            "NO_COLOR": "1",
            "COLUMNS": "160",
        }

    def write(self, name: str, text: str) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def correct(self) -> None:
        """Mend the bug."""
        self.change("shop.py", *CORRECT)

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.directory / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def pytest(self, *arguments: str, cwd: str = "", plugins: bool = False, **environment: str) -> Ran:
        """Run pytest to its end. No run may show our stack. Of the `plugins` that are installed, which take longer to
        import than most of these runs do, only ours is there, if they are not asked for or several processes are.
        """
        if not plugins and "-n" not in arguments:
            environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "wsreplay.pytest_plugin"}
        ran = self.python("-m", "pytest", *arguments, cwd=cwd, **environment)
        assert "wsreplay/pytest_plugin" not in ran.out + ran.err, ran.out + ran.err
        assert "INTERNALERROR" not in ran.out + ran.err, ran.out + ran.err
        return ran

    def wsreplay(self, *arguments: str) -> Ran:
        return self.python("-m", "wsreplay", *arguments)

    def python(self, *arguments: str, cwd: str = "", **environment: str) -> Ran:
        ran = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.directory / cwd,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    # --- the corpus

    def keep(self, route: str, *messages: str, path: str = "") -> Path:
        """An entry whose record says nothing yet."""
        steps = (Connect(0), *(Send(0, "text", message) for message in messages))
        scenario = Scenario(route, (Client(path or route),), steps)
        return self.store.save(Entry(scenario, Transcript(()), provenance=Provenance(seed=4711)))

    def record(self) -> None:
        """Record what happens now."""
        for _ in replay(Settings(target="shop:app", app_dir=self.directory, corpus=self.store.directory, update=True)):
            pass

    def failing(self) -> Path:
        """The file of the failing entry."""
        return next(path for path, entry in self.store.entries() if getattr(entry, "verdict", "") == "fail")

    def accept(self, until: str | None = None) -> None:
        Store.set_state(self.failing(), State("accepted", "the supplier mends it", until))

    def files(self) -> dict[str, bytes]:
        """The whole corpus."""
        there = sorted(self.store.directory.rglob("*.msgpack")) if self.store.directory.exists() else []
        return {str(path.relative_to(self.directory)): path.read_bytes() for path in there}

    def ids(self) -> dict[str, str]:
        """The ids of the items that the corpus should give, and what of."""
        return {
            f"{name}::{'handler_crash KeyError' if self.directory / name == self.failing() else 'passes'}": name
            for name in self.files()
        }


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one failing and three passing entries; nobody changes it."""
    project = Project(tmp_path_factory.mktemp("recorded"))
    project.write("shop.py", SHOP)
    project.keep("/orders", '"tea"')
    project.keep("/orders", "tea")
    project.keep("/ticker")
    project.keep("/ticker", "now")
    project.record()
    project.write("pyproject.toml", CONFIGURED)
    return project.directory


@pytest.fixture
def project(recorded: Path, tmp_path: Path) -> Project:
    """A copy of the recorded project."""
    shutil.copytree(recorded, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    return Project(tmp_path / "project")


@pytest.fixture
def bare(tmp_path: Path) -> Project:
    """A project with the app alone."""
    project = Project(tmp_path / "bare")
    project.write("shop.py", SHOP)
    return project


@pytest.fixture
def changed(project: Project) -> Project:
    """The project with an entry that no longer does as recorded: its reply has another shape."""
    project.change("shop.py", 'send_text("tick")', "send_json([1])")
    return project
