"""Small real apps, and small real projects that pytest is run on as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from wsreplay import checks
from wsreplay.generation.registry import forget_all
from wsreplay.simulation import resets


@pytest.fixture(autouse=True)
def registries_left_as_they_were() -> Iterator[None]:
    before = {check.name for check in checks.available()}
    known = dict(resets._registered)
    yield
    for check in checks.available():
        if check.name not in before:
            checks.unregister(check.name)
    resets._registered.clear()
    resets._registered.update(known)
    forget_all()


async def shout(websocket: WebSocket) -> None:
    """Answers each text in capitals, and breaks on an empty one."""
    offered = websocket.scope["subprotocols"]
    await websocket.accept(subprotocol=offered[0] if offered else None)
    while True:
        text = await websocket.receive_text()
        if text == "bye":
            await websocket.close(4000, "bye")
            return
        await websocket.send_json({"room": websocket.path_params["room"], "text": text.upper(), "first": text[0]})


@pytest.fixture
def app() -> Starlette:
    return Starlette(routes=[WebSocketRoute("/shout/{room}", shout)])


PLUGINS = ("wsreplay", "hypothesispytest", "asyncio", "anyio")


class Project:
    """A directory with files in it, and what pytest says of it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def write(self, **files: str) -> None:
        for name, text in files.items():
            suffix = ".toml" if name == "pyproject" else ".py"
            (self.directory / f"{name}{suffix}").write_text(textwrap.dedent(text))

    def pytest(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "WSREPLAY"))}
        # Others that are installed take longer to import than most of these runs do.
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        plugins = [word for name in PLUGINS for word in ("-p", name)]
        command = [sys.executable, "-m", "pytest", "-q", *plugins, "-p", "no:cacheprovider", "--hypothesis-seed=1"]
        command += words
        return subprocess.run(
            command, cwd=self.directory, env=environment, capture_output=True, text=True, check=False, timeout=300
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write(
        shop="""
            from starlette.applications import Starlette
            from starlette.routing import WebSocketRoute

            baskets = {}

            async def basket(websocket):
                await websocket.accept()
                async for item in websocket.iter_text():
                    baskets[item] = baskets.get(item, 0) + 1
                    await websocket.send_json({item: baskets[item]})

            app = Starlette(routes=[WebSocketRoute("/basket", basket)])
        """
    )
    return made


Passed = Callable[[subprocess.CompletedProcess[str], int], None]


@pytest.fixture
def passed() -> Passed:
    def check(done: subprocess.CompletedProcess[str], number: int) -> None:
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"{number} passed" in done.stdout, done.stdout

    return check
