"""What pytest collects: a file of the corpus with its one item, and the search of routes with an item for each."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from wsreplay.corpus import Store
from wsreplay.errors import EntryError, WsreplayError
from wsreplay.events import EngineEvent, EntryReplayed, FindingFound
from wsreplay.loading import told
from wsreplay.model import Entry
from wsreplay.pytest_plugin.choices import Choices
from wsreplay.pytest_plugin.showing import (
    AcceptedFailure,
    Representation,
    Shown,
    refusal,
    representation,
    search_command,
)
from wsreplay.pytest_plugin.targets import FIXTURE, Targets
from wsreplay.replaying import replay_paths
from wsreplay.report.failure import Again, failure, replay_failure
from wsreplay.report.finding import headline
from wsreplay.report.replayed import acceptance, chief
from wsreplay.report.text import Line, path_text, sentence, shell, shown_path, visible

MARK = "wsreplay"
"""The marker of every item of ours."""

PASSES = "passes"
"""The name of an item whose entry has no finding."""

UNREADABLE = "unreadable"
"""The name of an item whose file cannot be read."""


@dataclass(frozen=True)
class Run:
    """What the items of a run share. `interrupted` is what an item had to show as Ctrl-C ended it, with its events."""

    choices: Choices
    targets: Targets
    store: Store
    interrupted: list[tuple[list[EngineEvent], Shown]] = field(default_factory=list)


class Item(pytest.Function):
    """An item that runs scenarios. It is a test function to pytest, so that fixtures work as for any other.

    `told` are the engine's events, for the report at the end.
    """

    run: Run
    told: list[EngineEvent]

    @classmethod
    def made(cls, parent: pytest.Collector, name: str, run: Run, words: Iterable[str] = ()) -> Any:
        """An item called `name` below `parent`; `-k` finds it by `words`, too."""
        function = _with_app if run.targets.from_fixture else _without
        item = cls.from_parent(parent, name=name, callobj=function)
        item.run = run
        item.told = []
        item.add_marker(MARK)
        item.extra_keyword_matches.update(words)
        return item

    @property
    def app(self) -> object:
        """What the fixture has given, where the app comes from one."""
        return self.funcargs.get(FIXTURE)

    def setup(self) -> None:
        """Set up the fixtures. An app that no fixture gives is missed when the item runs."""
        __tracebackhide__ = True
        if self.run.targets.from_fixture and FIXTURE not in self._fixtureinfo.name2fixturedefs:
            self.fixturenames.remove(FIXTURE)
        super().setup()

    def runtest(self) -> None:
        """Run it; what goes wrong is shown without a traceback of ours."""
        try:
            self.try_it()
        except WsreplayError as error:
            raise refusal(error) from None

    def try_it(self) -> None:
        """Do what the item is for; raises Shown when it fails."""
        raise NotImplementedError

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **more: Any) -> Any:
        """What pytest prints: the exchange, not our stack."""
        if isinstance(excinfo.value, Shown):
            shown: Representation = representation(excinfo.value)
            return shown
        return super().repr_failure(excinfo, *args, **more)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it is, for the report; a skipped test has to have a line."""
        return self.path, 0, self.name


def _with_app(app: object) -> None:
    """Ask for the app."""


def _without() -> None:
    """Ask for nothing."""


# --- the corpus ------------------------------------------------------------------------------------------------------


class EntryFile(pytest.Module):
    """A file of the corpus."""

    obj = None
    run: Run

    def collect(self) -> Iterator[EntryItem]:
        """Its item, unless its route is left out."""
        settings = self.run.choices.settings
        try:
            entry = Store.load(self.path)
        except EntryError:
            yield EntryItem.made(self, UNREADABLE, self.run)
            return
        route = entry.scenario.route
        if _matches(route, settings.include or ("*",)) and not _matches(route, settings.exclude):
            yield EntryItem.made(self, _name(entry), self.run, (visible(route),))


def _name(entry: Entry) -> str:
    for finding in entry.findings:
        if finding.severity == "failure":
            return visible(" ".join(filter(None, (finding.check, finding.exception))))
    return PASSES


def _matches(route: str, globs: Iterable[str]) -> bool:
    return any(route == glob or fnmatchcase(route, glob) for glob in globs)


class EntryItem(Item):
    """The replay of an entry, alone in a fresh process."""

    def try_it(self) -> None:
        """Replay it."""
        with self.run.targets.launcher(self.app) as launcher:
            for event in replay_paths(self.run.choices.settings, launcher, self.run.store, [self.path]):
                if isinstance(event, EntryReplayed):
                    self.told.append(event)
                    self._judge(event)

    def _judge(self, event: EntryReplayed) -> None:
        passes = event.verdict == "pass" and not event.standing
        recorded = event.updated and not any(finding.severity == "failure" for finding in event.findings)
        if passes or recorded:
            return
        seed = event.entry.provenance.seed if event.entry is not None else None
        again = Again(shell(["pytest", shown_path(self.path)]), seed)
        lines = replay_failure(event, self.run.choices.settings, again)
        if event.standing != "accepted":
            raise Shown(lines, _brief(event))
        why = acceptance(event)
        self.add_marker(pytest.mark.xfail(reason=why, raises=AcceptedFailure, strict=True))
        raise AcceptedFailure(lines, why)


def _brief(event: EntryReplayed) -> str:
    if event.standing in ("resolved", "expired"):
        return acceptance(event)
    finding = chief(event)
    if event.verdict == "fail" and finding is not None:
        return headline(finding, event.transcript)
    return f"{event.verdict}: {sentence(event.difference.partition(chr(10))[0])}"


# --- the search ------------------------------------------------------------------------------------------------------


@dataclass
class _Found:
    failures: list[FindingFound] = field(default_factory=list)

    def take(self, event: EngineEvent) -> None:
        if isinstance(event, FindingFound) and event.finding.severity == "failure":
            known = {one.finding.fingerprint for one in self.failures}
            if event.finding.fingerprint not in known:
                self.failures.append(event)


class Routes(pytest.Module):
    """The routes of the target. It is no file; its name stands in the ids of its items."""

    obj = None
    run: Run

    def collect(self) -> Iterator[RouteItem]:
        """An item for each route. Raises CollectError when the target cannot be loaded, or has none."""
        try:
            paths = self._routes()
        except WsreplayError as error:
            raise self.CollectError("\n".join(line.text for line in refusal(error).lines)) from None
        except Exception as error:
            raise self.CollectError(f"the fixture 'app' failed: {told(error, str(self.config.rootpath))}") from error
        for path in paths:
            item = RouteItem.made(self, f"test_websocket[{visible(path)}]", self.run, (visible(path),))
            item.route = path
            item.share = 1 / len(paths)
            if self.run.choices.routes:
                item.add_marker("routes")
            yield item

    def _routes(self) -> tuple[str, ...]:
        targets = self.run.targets
        probe = Item.made(self, "app", self.run)
        with _set_up(probe) if targets.forks else nullcontext(), targets.launcher(probe.app) as launcher:
            return tuple(dict.fromkeys(route.path for route in launcher.routes))


@contextmanager
def _set_up(probe: Item) -> Iterator[None]:
    """Set an item up and tear it down again, as if it were run: collecting needs what its fixtures give."""
    try:
        probe.ihook.pytest_runtest_setup(item=probe)
        yield
    finally:
        probe.ihook.pytest_runtest_teardown(item=probe, nextitem=None)


class RouteItem(Item):
    """The search of one route. `share` is its part of the time."""

    route: str
    share: float

    def try_it(self) -> None:
        """Search it, and show all that is found."""
        from wsreplay.fuzzing import Search, fuzz_route

        choices = self.run.choices
        limit = choices.settings.max_time
        deadline = time.monotonic() + limit * self.share if limit is not None else None
        search = Search(deadline, choices.save, choices.every)
        found = _Found()
        try:
            with self.run.targets.launcher(self.app) as launcher:
                for event in fuzz_route(choices.settings, launcher, self.run.store, self.route, search):
                    self.told.append(event)
                    found.take(event)
        except KeyboardInterrupt:
            if found.failures:
                # pytest makes no report of an item that is interrupted.
                self.run.interrupted.append((self.told, self._shown(found.failures)))
            raise
        if found.failures:
            raise self._shown(found.failures)

    def _shown(self, failures: list[FindingFound]) -> Shown:
        return Shown(self._lines(failures), self._brief(failures))

    def _lines(self, failures: list[FindingFound]) -> Iterator[Line]:
        choices = self.run.choices
        for event in failures:
            command = search_command(self.config, choices.settings, self.route, choices.routes)
            if event.path is not None:
                command = shell(["pytest", shown_path(event.path)])
                yield Line(f"Saved as {path_text(event.path)}")
            again = Again(command, choices.settings.seed)
            yield from failure(event.finding, event.entry.scenario, event.entry.transcript, choices.settings, again)
            yield Line()

    def _brief(self, failures: list[FindingFound]) -> str:
        first = headline(failures[0].finding, failures[0].entry.transcript)
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        return f"{first}{more}; WebSocket test failed (seed: {self.run.choices.settings.seed})"
