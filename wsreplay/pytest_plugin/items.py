"""What all items of ours share: they are test functions to pytest, run scenarios, and show what happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from wsreplay.corpus import Store
from wsreplay.errors import WsreplayError
from wsreplay.events import EngineEvent
from wsreplay.pytest_plugin.choices import Choices
from wsreplay.pytest_plugin.showing import (
    Representation,
    Shown,
    refusal,
    representation,
)
from wsreplay.pytest_plugin.targets import FIXTURE, Targets
from wsreplay.report.text import Line

MARK = "wsreplay"
"""The marker of every item of ours."""


@dataclass(frozen=True)
class Run:
    """What the items of a run share. `interrupted` are the events of an item that Ctrl-C has ended, and what it had
    to show.
    """

    choices: Choices
    targets: Targets
    store: Store
    interrupted: list[tuple[list[EngineEvent], tuple[Line, ...]]] = field(default_factory=list)


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
        """Do what the item is for; raises Shown when it fails. The plain item does nothing: it only has fixtures."""

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
