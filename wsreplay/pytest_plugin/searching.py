"""The search as pytest collects it: an item for each route of the target."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest

from wsreplay.errors import WsreplayError
from wsreplay.events import EntrySaved, FindingFound
from wsreplay.loading import told
from wsreplay.pytest_plugin.items import Item, Run
from wsreplay.pytest_plugin.showing import Shown, refusal, search_command
from wsreplay.report.finding import headline
from wsreplay.report.itemised import Again, failure
from wsreplay.report.rescue import unsaved
from wsreplay.report.text import Line, path_text, sentence, shell, shown_path, visible


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
        try:
            with self.run.targets.launcher(self.app) as launcher:
                for event in fuzz_route(choices.settings, launcher, self.run.store, self.route, search):
                    self.told.append(event)
        except KeyboardInterrupt:
            # pytest makes no report of an item that is interrupted.
            self.run.interrupted.append((self.told, tuple(self._lines())))
            raise
        if self._failures or self._unsaved:
            raise Shown(self._lines(), self._brief(self._failures))

    @property
    def _failures(self) -> list[FindingFound]:
        return [one for one in self.told if isinstance(one, FindingFound) and one.finding.severity == "failure"]

    @property
    def _unsaved(self) -> list[str]:
        return [one.unsaved for one in self.told if isinstance(one, FindingFound | EntrySaved) and one.unsaved]

    def _lines(self) -> Iterator[Line]:
        choices = self.run.choices
        for one in self.told:
            if isinstance(one, FindingFound | EntrySaved) and one.unsaved and one.entry is not None:
                yield from unsaved(one.unsaved, one.entry, choices.settings.corpus)
                yield Line()
        for event in self._failures:
            command = search_command(self.config, choices.settings, self.route, choices.routes)
            if event.path is not None:
                command = shell(["pytest", shown_path(event.path)])
                yield Line(f"Saved as {path_text(event.path)}")
            again = Again(command, choices.settings.seed)
            yield from failure(event.finding, event.entry.scenario, event.entry.transcript, choices.settings, again)
            yield Line()

    def _brief(self, failures: list[FindingFound]) -> str:
        if not failures:
            return f"what was found could not be saved: {sentence(self._unsaved[0])}"
        first = headline(failures[0].finding, failures[0].entry.transcript)
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        return f"{first}{more}; WebSocket test failed (seed: {self.run.choices.settings.seed})"
