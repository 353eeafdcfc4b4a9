"""`--shard I/N`: a part of all items, for machines that share the work."""

from __future__ import annotations

import pytest


class Shard:
    """Keeps the items of the part `number` of `parts`."""

    def __init__(self, number: int, parts: int) -> None:
        self._number = number
        self._parts = parts
        self._left_out = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect the items of other parts."""
        # By their place among the sorted ids: the same, whatever order others give them.
        ranks = {name: rank for rank, name in enumerate(sorted(item.nodeid for item in items))}
        mine = {name for name, rank in ranks.items() if rank % self._parts == self._number - 1}
        others = [item for item in items if item.nodeid not in mine]
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if item.nodeid in mine]
            self._left_out = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A part that has nothing to do has done it."""
        if self._left_out and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK
