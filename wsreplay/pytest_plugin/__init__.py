"""The pytest plugin: the corpus as a test suite, the search as tests, and the flags of pytest-routes, our predecessor.

pytest loads this module in every project that has wsreplay installed. It and the modules that it imports at its head
are light; the rest is imported only where somebody has asked for us.
"""

from __future__ import annotations

import pytest

from wsreplay.pytest_plugin import asking, flags


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare our flags, and those of pytest-routes unless it is there to do so itself."""
    flags.declare(parser)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start, if there is a configuration of ours or one of our flags was given."""
    if asking.asked(config):
        from wsreplay.pytest_plugin import session

        session.start(config)
