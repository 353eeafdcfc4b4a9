"""The plugin at work, in a run that has asked for it: what is collected, in which order, and what becomes of it."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wsreplay.corpus import Store, files, naming
from wsreplay.errors import WsreplayError
from wsreplay.escaping import is_visible, visible
from wsreplay.pytest_plugin.choices import Choices, choose
from wsreplay.pytest_plugin.entries import EntryFile, EntryItem
from wsreplay.pytest_plugin.items import MARK, Item, Run
from wsreplay.pytest_plugin.searching import RouteItem, Routes
from wsreplay.pytest_plugin.shard import Shard
from wsreplay.pytest_plugin.showing import packed, refusal, unpacked, write
from wsreplay.pytest_plugin.targets import FIXTURE, Targets
from wsreplay.pytest_plugin.telling import Account

SEED = "wsreplay_seed"
"""The name under which the seed travels to the processes of pytest-xdist."""


def start(config: pytest.Config) -> None:
    """Begin. Raises pytest.UsageError for what cannot be understood."""
    worker = getattr(config, "workerinput", None)
    try:
        choices = choose(config)
        if choices.settings.seed is None:
            seed = worker[SEED] if worker is not None else secrets.randbits(32)
            choices = replace(choices, settings=replace(choices.settings, seed=seed))
        account = Account(choices) if worker is None else None
    except WsreplayError as error:
        raise _usage_error(error) from None
    config.addinivalue_line("markers", f"{MARK}: an item of wsreplay: a replayed entry, or the search of a route")
    if choices.routes:
        config.addinivalue_line("markers", "routes: the search of a route, asked for by the flags of pytest-routes")
    if choices.replay:
        _add_corpus(config, choices.settings.corpus)
    config.pluginmanager.register(Session(choices, account), "wsreplay-session")
    config.pluginmanager.import_plugin("wsreplay.fixtures")
    if choices.shard is not None:
        config.pluginmanager.register(Shard(*choices.shard), "wsreplay-shard")


def _add_corpus(config: pytest.Config, corpus: Path) -> None:
    """Collect the corpus where pytest is run as a whole, whatever `testpaths` says."""
    source = config.args_source
    whole = source == config.ArgsSource.TESTPATHS or (
        source == config.ArgsSource.INVOCATION_DIR and config.invocation_params.dir == config.rootpath
    )
    if whole and files.is_directory(corpus):
        there = [Path(config.invocation_params.dir, arg.partition("::")[0]) for arg in config.args]
        if not any(corpus == path or path in corpus.parents for path in there):
            config.args.append(str(corpus))


def _usage_error(error: WsreplayError) -> pytest.UsageError:
    return pytest.UsageError(*(line.text for line in refusal(error).lines))


def _refuse_names(store: Store) -> None:
    try:
        paths = store.paths()
    except WsreplayError as error:
        raise _usage_error(error) from None
    for path in paths:
        name = path.relative_to(store.directory).as_posix()
        if not is_visible(name):
            refused = f"the name of '{visible(name)}' in the corpus has characters that no terminal shows"
            raise pytest.UsageError(f"{refused}: rename the file, or remove it")


class Session:
    """The hooks of a run. `account` is what is told at the end; None in a worker of pytest-xdist."""

    def __init__(self, choices: Choices, account: Account | None) -> None:
        self._choices = choices
        self._account = account
        self._run = Run(choices, Targets(choices.settings, choices.fuzz), Store(choices.settings.corpus))
        self._places: list[pytest.Collector] = []

    # --- collecting --------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """See what conftest.py files have done, before test modules are imported. Raises pytest.UsageError for files
        whose names pytest would print as they are.
        """
        self._run.targets.look()
        if self._choices.replay:
            _refuse_names(self._run.store)

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Take the files of the corpus."""
        if not self._choices.replay or not self._is_entry(file_path):
            return None
        file: EntryFile = EntryFile.from_parent(parent, path=file_path)
        file.run = self._run
        return file

    def _is_entry(self, path: Path) -> bool:
        corpus = self._choices.settings.corpus
        return naming.is_entry(path.name) and corpus in (path.parent, path.parent.parent)

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        """Remember the places that a fixture may belong to."""
        if isinstance(collector, pytest.Session | pytest.Directory):
            self._places.append(collector)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Add the search, before others select. Its items come last, those of the replay first."""
        if self._choices.fuzz:
            items.extend(self._search(session))
        items.sort(key=lambda item: (not isinstance(item, EntryItem), isinstance(item, RouteItem)))

    def _search(self, session: pytest.Session) -> list[RouteItem]:
        routes: Routes = Routes.from_parent(
            self._place(session), path=session.path / "wsreplay", name="wsreplay", nodeid="wsreplay"
        )
        routes.run = self._run
        report = routes.ihook.pytest_make_collect_report(collector=routes)
        routes.ihook.pytest_collectreport(report=report)
        return report.result or []

    def _place(self, session: pytest.Session) -> pytest.Collector:
        """Where the fixture `app` can be seen, should it be needed."""
        if self._run.targets.from_fixture:
            for place in self._places:
                if FIXTURE in Item.made(place, "app", self._run)._fixtureinfo.name2fixturedefs:
                    return place
        return session

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """The processes end, and reports are written."""
        self._run.targets.close()
        if self._account is not None:
            for events, _ in self._run.interrupted:
                for event in events:
                    self._account.handle(event)
            if not self._account.close(int(session.exitstatus)) and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    # --- telling -----------------------------------------------------------------------------------------------------

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give a worker of pytest-xdist the seed."""
        node.workerinput[SEED] = self._choices.settings.seed

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Send the engine's events along with the report."""
        report = yield
        if isinstance(item, Item) and call.when == "call":
            report.wsreplay = packed(item.told)  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the engine's events."""
        if self._account is not None:
            for event in unpacked(report.wsreplay) if hasattr(report, "wsreplay") else ():
                self._account.handle(event)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what was done, route by route."""
        for _, lines in self._run.interrupted:
            write(terminalreporter, lines)
        if self._account is not None:
            self._account.tell(terminalreporter)
