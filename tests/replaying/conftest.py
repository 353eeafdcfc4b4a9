"""A project with an app and a corpus of entries made for the test."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from wsreplay.config import Settings
from wsreplay.corpus import Store
from wsreplay.events import EngineEvent, EntryReplayed, ReplayFinished
from wsreplay.model import Client, Connect, Entry, Scenario, Send, Transcript
from wsreplay.replaying import replay

HEAD = """
import asyncio, os, random, signal
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
"""

ECHO = """
    async def echo(websocket: WebSocket):
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)

    app = Starlette(routes=[WebSocketRoute("/ws", echo)])
"""


class Replaying:
    """A directory with an app, and a corpus whose entries are recorded by replaying them with `update`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.module = "replayed_" + directory.name.replace("-", "_")
        self.store = Store(directory / "corpus")

    def write(self, code: str) -> None:
        (self.directory / f"{self.module}.py").write_text(HEAD + textwrap.dedent(code))

    def settings(self, **changes: object) -> Settings:
        known = Settings(target=f"{self.module}:app", app_dir=self.directory, corpus=self.directory / "corpus")
        return replace(known, **changes)

    def keep(self, *messages: str, route: str = "/ws") -> Path:
        steps = (Connect(0), *(Send(0, "text", message) for message in messages))
        return self.store.save(Entry(Scenario(route, (Client(route),), steps), Transcript(())))

    def record(self) -> None:
        """Record anew whatever happens now."""
        self.replay(update=True)

    def replay(self, *selection: str, **changes: object) -> list[EngineEvent]:
        return list(replay(self.settings(**changes), selection))

    def verdicts(self, *selection: str, **changes: object) -> dict[str, EntryReplayed]:
        events = self.replay(*selection, **changes)
        return {Path(e.path).stem: e for e in events if isinstance(e, EntryReplayed)}

    def one(self, **changes: object) -> EntryReplayed:
        (only,) = self.verdicts(**changes).values()
        return only


@pytest.fixture
def replaying(tmp_path: Path) -> Replaying:
    return Replaying(tmp_path)


def counts(events: list[EngineEvent]) -> dict[str, int]:
    return {k: v for k, v in next(e for e in events if isinstance(e, ReplayFinished)).counts.items() if v}
