"""Small real projects to fuzz: a module with an app, written to a directory of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from wsreplay.config import Settings
from wsreplay.events import EngineEvent, FindingFound, RouteFinished, RunFinished
from wsreplay.fuzzing import fuzz

HEAD = """
import asyncio, os, signal, time
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

def leave(code):
    # Coverage saves at an exit, and a tick of the watchdog meanwhile would find it locked.
    signal.setitimer(signal.ITIMER_REAL, 0)
    os._exit(code)
"""


class Project:
    """A directory with an app in it, and what fuzzing it gives."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.module = "shop_" + directory.name.replace("-", "_")
        self.corpus = directory / "corpus"

    def write(self, code: str) -> None:
        (self.directory / f"{self.module}.py").write_text(HEAD + textwrap.dedent(code))

    def settings(self, **changes: object) -> Settings:
        known = Settings(
            target=f"{self.module}:app",
            app_dir=self.directory,
            corpus=self.corpus,
            seed=7,
            max_examples=60,
        )
        return replace(known, **changes)

    def fuzz(self, **changes: object) -> list[EngineEvent]:
        return list(fuzz(self.settings(**changes)))

    def bytes(self) -> dict[str, bytes]:
        files = sorted(path for path in self.corpus.rglob("*") if path.is_file())
        return {str(path.relative_to(self.corpus)): path.read_bytes() for path in files}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def found() -> Callable[[list[EngineEvent]], list[FindingFound]]:
    return lambda events: [event for event in events if isinstance(event, FindingFound)]


def finished(events: list[EngineEvent]) -> RunFinished:
    last = events[-1]
    assert isinstance(last, RunFinished)
    return last


def routes(events: list[EngineEvent]) -> list[RouteFinished]:
    return [event for event in events if isinstance(event, RouteFinished)]
