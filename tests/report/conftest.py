"""Small apps on the real simulation, and what a run over them announces."""

from __future__ import annotations

import importlib.util
import textwrap
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wsreplay.checks import Options, judge
from wsreplay.config import Settings
from wsreplay.events import EntryReplayed, FindingFound
from wsreplay.model import Client, Connect, Entry, Limits, Profile, Provenance, Scenario, Verdict
from wsreplay.report.text import Line
from wsreplay.simulation import Simulation
from wsreplay.sources import Sources

HEAD = """\
import asyncio
import struct
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


"""


class Shop:
    """A directory with one module, `shop.py`; scenarios are run against its `app` and judged."""

    route = "/ws"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file = directory / "shop.py"

    def write(self, code: str) -> None:
        self.file.write_text(HEAD + textwrap.dedent(code).lstrip("\n"), encoding="utf-8")

    def settings(self, **changes: Any) -> Settings:
        known = Settings(target="shop:app", app_dir=self.directory, corpus=self.directory / "corpus")
        return replace(known, **changes)

    def entry(self, *steps: Any, clients: int | tuple[Client, ...] = 1, limits: Limits | None = None) -> Entry:
        """What a scenario gives; clients that no step connects are connected first."""
        spec = importlib.util.spec_from_file_location("shop", self.file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        peers = tuple(Client(self.route) for _ in range(clients)) if isinstance(clients, int) else clients
        connected = {step.client for step in steps if isinstance(step, Connect)}
        first = tuple(Connect(number) for number in range(len(peers)) if number not in connected)
        scenario = Scenario(self.route, peers, (*first, *steps), Profile())
        simulation = Simulation(module.app, Sources(self.directory), limits or Limits())
        simulation.start()
        try:
            transcript = simulation.run(scenario)
        finally:
            simulation.stop()
        findings = judge(scenario, transcript, Options())
        return Entry(scenario, transcript, findings, Provenance(seed=7, sequences=12, wsreplay="0.1.0"))

    def found(self, *steps: Any, path: str | None = "corpus/ws/0123.msgpack", **rest: Any) -> FindingFound:
        """The first finding of a scenario, as the engine announces it."""
        entry = self.entry(*steps, **rest)
        return FindingFound(self.route, entry.findings[0], entry, path, found_after=12, original=3)

    def replayed(self, verdict: Verdict, *steps: Any, difference: str = "", **rest: Any) -> EntryReplayed:
        """An entry whose replay gave what was recorded, with a verdict of the test's choice."""
        entry = self.entry(*steps, **rest)
        path = "corpus/ws/0123.msgpack"
        return EntryReplayed(path, verdict, entry, entry.findings, entry.transcript, difference)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Its directory is the working directory, so that commands need not name it."""
    monkeypatch.chdir(tmp_path)
    return Shop(tmp_path)


def text(lines: Iterable[Line]) -> str:
    return "\n".join(line.text for line in lines)


@pytest.fixture(name="text")
def _text() -> Any:
    return text


CRASH = """
    async def orders(websocket):
        await websocket.accept()
        async for order in websocket.iter_json():
            price = {"tea": 3}[order["item"]]
            await websocket.send_json({"price": price})

    app = Starlette(routes=[WebSocketRoute("/ws", orders)])
"""


@pytest.fixture
def crashing(shop: Shop) -> Shop:
    """A shop that dies of an order without an item."""
    shop.write(CRASH)
    return shop
