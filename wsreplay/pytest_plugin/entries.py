"""The corpus as pytest collects it: each file with its one item, the replay of the entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

import pytest

from wsreplay.corpus import Store
from wsreplay.errors import EntryError
from wsreplay.events import EntryReplayed
from wsreplay.model import Entry
from wsreplay.pytest_plugin.items import Item, Run
from wsreplay.pytest_plugin.showing import AcceptedFailure, Shown
from wsreplay.replaying import replay_paths
from wsreplay.report.finding import headline
from wsreplay.report.itemised import Again, replay_failure
from wsreplay.report.replayed import acceptance, chief, described
from wsreplay.report.text import sentence, shell, shown_path, visible

PASSES = "passes"
"""The name of an item whose entry has no finding."""

UNREADABLE = "unreadable"
"""The name of an item whose file cannot be read."""


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
            return sentence(" ".join(filter(None, (finding.check, finding.exception))))
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
        if not self.told:
            raise Shown((), f"{shown_path(self.path)} has been removed since it was collected")

    def _judge(self, event: EntryReplayed) -> None:
        if event.unsaved:
            why = f"could not be recorded anew: {sentence(event.unsaved)}"
            raise Shown(described(event, self.run.choices.settings), why)
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
