"""What all tests share: of most that drive a whole command, the processes are not measured for coverage."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

UNMEASURED = (
    "docs/",
    "test_demo",
    "cli/test_at_once",
    "cli/test_credentials",
    "fuzzing/test_disk",
    "fuzzing/test_killed",
    "fuzzing/test_one_route",
    "fuzzing/test_parent_killed",
    "fuzzing/test_registered",
    "fuzzing/test_several_workers",
    "pytest_plugin/test_routes_app_fixture",
    "pytest_plugin/test_routes_bounds",
    "pytest_plugin/test_routes_globs",
    "pytest_plugin/test_routes_reports",
    "pytest_plugin/test_routes_seed",
    "pytest_plugin/test_routes_timeouts",
    "pytest_plugin/test_xdist",
)
"""Beginnings of paths. What these start takes a third of the time without; their like measure the same lines."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Keep coverage, which follows its variables into every Python process, out of what such a test starts."""
    kept = {}
    if item.path.relative_to(Path(__file__).parent).as_posix().startswith(UNMEASURED):
        kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COVERAGE_PROCESS")}
    try:
        return (yield)
    finally:
        os.environ.update(kept)
