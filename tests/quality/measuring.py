"""Runs the search over an app with a planted fault, or over a correct one, in this process, and prints the table.

`python tests/quality/measuring.py [-n SEQUENCES] [-s SEEDS] [-c] [NAME ...]` from the repository's root; `-c` takes the
correct apps. What an app's fault is, and by which check it is found, is the first line of its docstring.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from wsreplay.config import Settings
from wsreplay.fuzzing.campaign import campaign
from wsreplay.fuzzing.orders import Found, Order, Tally, derived_seed
from wsreplay.model import Finding, Scenario
from wsreplay.report.exchange import asked
from wsreplay.workers.bench import Bench
from wsreplay.workers.channel import Channel

HERE = Path(__file__).resolve().parent
FAULTY = tuple(sorted(path.stem for path in (HERE / "faulty").glob("*.py")))
CORRECT = tuple(sorted(path.stem for path in (HERE / "correct").glob("*.py")))

_DOCSTRING = re.compile(r"(?P<what>.+) Found by (?P<check>\w+)(?:, (?P<exception>\w+))?\.")


@dataclass(frozen=True, slots=True)
class Fault:
    """What an app's docstring says of its fault."""

    what: str
    check: str
    exception: str | None

    def shown_by(self, finding: Finding) -> bool:
        """Whether a finding is this fault."""
        return finding.check == self.check and self.exception in (None, finding.exception)


@dataclass(frozen=True, slots=True)
class Search:
    """What a search gave: after how many sequences its fault was found (None: never), and every finding, shrunk."""

    sequences: int
    found_after: int | None
    findings: tuple[tuple[Finding, Scenario], ...]

    @property
    def failures(self) -> tuple[tuple[Finding, Scenario], ...]:
        """The findings of severity failure, one per fingerprint."""
        return tuple(found for found in self.findings if found[0].severity == "failure")


def imported(name: str) -> ModuleType:
    """The module of an app, imported anew: what an earlier search left in its variables is gone."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    sys.modules.pop(name, None)
    return importlib.import_module(name)


def fault_of(module: ModuleType) -> Fault:
    """The fault that an app's docstring names."""
    told = _DOCSTRING.fullmatch((module.__doc__ or "").strip().replace("\n", " "))
    assert told is not None, f"{module.__name__} does not say which check finds its fault"
    return Fault(told["what"], told["check"], told["exception"])


@contextlib.contextmanager
def bench_of(name: str, paths: tuple[str, ...]) -> Iterator[Bench]:
    """A bench of the app in this process, with the default settings."""
    left, right = socket.socketpair()
    with left, right:
        bench = Bench.prepare(Settings(target=f"{name}:app", app_dir=HERE, paths=paths), Channel(left))
        try:
            yield bench
        finally:
            bench.flight.close()


def search(name: str, number: int, sequences: int, fault: bool = True) -> Search:
    """Search the app `name` with the seed `number` for its fault; without `fault` to the end, for whatever there is."""
    module = imported(name)
    wanted = fault_of(module) if fault else None
    with bench_of(name, getattr(module, "PATHS", ())) as bench:
        path = getattr(module, "ROUTE", bench.endpoints[0].route.path)
        listener = _Listener(wanted)
        bench.channel = listener  # type: ignore[assignment]
        campaign(bench, Order(path, derived_seed(number, path, 0, 0), sequences))
    return Search(listener.sequences, listener.found_after, tuple(listener.findings))


class _Listener:
    """The parent's part of a campaign, in the same process: takes note, and says when to stop."""

    def __init__(self, wanted: Fault | None) -> None:
        self.sequences = 0
        self.found_after: int | None = None
        self.findings: list[tuple[Finding, Scenario]] = []
        self._wanted = wanted

    def send(self, message: tuple[str, object]) -> None:
        told = message[1]
        if isinstance(told, Tally):
            self.sequences = told.sequences
        elif isinstance(told, Found):
            self.findings.append((told.finding, told.scenario))
            if self._wanted is not None and self._wanted.shown_by(told.finding):
                self.found_after = told.after

    def receive(self) -> str:
        return "go on" if self.found_after is None else "stop"


def main() -> int:
    """Print the table; 1 when a fault was not found, or a correct app has a finding."""
    parser = argparse.ArgumentParser(description="How soon planted faults are found.")
    parser.add_argument("names", nargs="*")
    parser.add_argument("-n", "--sequences", type=int, default=500)
    parser.add_argument("-s", "--seeds", type=int, default=3)
    parser.add_argument("-c", "--correct", action="store_true")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON, and nothing else")
    options = parser.parse_args()
    names = options.names or (CORRECT if options.correct else FAULTY)
    if options.json:
        print(json.dumps({name: _told(name, options) for name in names}))
        return 0
    bad = 0
    for name in names:
        row = [_cell(name, number, options) for number in range(1, options.seeds + 1)]
        bad += sum(cell.startswith("-") for cell in row)
        print(f"{name:28}", *(f"{cell:>8}" for cell in row), flush=True)
    print(f"{bad} of {len(names) * options.seeds} amiss")
    return int(bad > 0)


def _told(name: str, options: argparse.Namespace) -> list[Any]:
    """For each seed what was found: of a correct app every failure in words; of a faulty one after how many sequences,
    and its smallest scenario, or null.
    """
    if options.correct:
        searches = [search(f"correct.{name}", number, options.sequences, False) for number in _seeds(options)]
        return [f"{found.check} {found.exception}" for one in searches for found, _ in one.failures]
    told: list[Any] = []
    for number in _seeds(options):
        result = search(f"faulty.{name}", number, options.sequences)
        if result.found_after is None:
            told.append(None)
        else:
            scenario = result.findings[-1][1]
            told.append([result.found_after, asked(scenario), scenario.messages, len(scenario.clients)])
    return told


def _seeds(options: argparse.Namespace) -> range:
    return range(1, options.seeds + 1)


def _cell(name: str, number: int, options: argparse.Namespace) -> str:
    if options.correct:
        failures = search(f"correct.{name}", number, options.sequences, fault=False).failures
        shown = [f"{found.check} {found.exception} {found.detail} {scenario.steps}" for found, scenario in failures]
        return "- " + "; ".join(shown) if shown else "clean"
    result = search(f"faulty.{name}", number, options.sequences)
    if result.found_after is not None:
        return str(result.found_after)
    return "- " + "; ".join(f"{found.check} {found.exception}" for found, _ in result.findings)


if __name__ == "__main__":
    sys.exit(main())
