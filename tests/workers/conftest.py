"""A target on disk, and functions that workers run: module-level ones, since they travel by name."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from wsreplay.config import Settings

APP = """
import asyncio
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

async def echo(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)

async def tasks(websocket):
    await websocket.accept()
    heartbeat = asyncio.create_task(beat())
    async for text in websocket.iter_text():
        if text == "leak":
            asyncio.create_task(asyncio.sleep(10_000))

async def beat():
    while True:
        await asyncio.sleep(1)

waiting = []

async def pair(websocket):
    await websocket.accept()
    await websocket.receive_text()
    if waiting:
        waiting.pop().set()
    else:
        other = asyncio.Event()
        waiting.append(other)
        await other.wait()
    await websocket.send_text("paired")
    await websocket.close()

async def stuck(websocket):
    await websocket.accept()
    await websocket.receive_text()
    await asyncio.Event().wait()

app = Starlette(routes=[WebSocketRoute(f"/{one.__name__}", one) for one in (echo, tasks, pair, stuck)])
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    module = "target_" + tmp_path.name.replace("-", "_")
    (tmp_path / f"{module}.py").write_text(textwrap.dedent(APP))
    return Settings(target=f"{module}:app", app_dir=tmp_path, corpus=tmp_path / "corpus")
