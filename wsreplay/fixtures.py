"""The pytest fixtures, and nothing else: whoever registers this module adds them. It imports light things only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from wsreplay.testing import LiveTarget


@pytest.fixture
def wsreplay_reset() -> Callable[[], object] | None:
    """What is called before each scenario that `wsreplay_target` runs. Override it to return a function of yours."""
    return None


@pytest.fixture
def wsreplay_target(pytestconfig: pytest.Config, wsreplay_reset: Callable[[], object] | None) -> Iterator[LiveTarget]:
    """The target that `[tool.wsreplay]` names, started for one test."""
    from wsreplay.testing import configured_target

    with configured_target(pytestconfig.rootpath, reset=wsreplay_reset) as target:
        yield target
