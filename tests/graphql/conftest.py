"""Real GraphQL servers: strawberry's and ariadne's apps, with and without a planted bug, searched in this process."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from starlette.applications import Starlette

from wsreplay.model import Finding, Scenario
from wsreplay.testing import LiveTarget, scenarios_of


class _Found(BaseException):
    pass


Search = Callable[..., list[Finding]]


@pytest.fixture
def search() -> Search:
    """Search the one route of an app; stop at the first failure that `until` takes."""

    def perform(
        app: Starlette, sequences: int, until: Callable[[Finding], bool] | None = None, path: str = "", number: int = 1
    ) -> list[Finding]:
        failures: dict[str, Finding] = {}
        with LiveTarget(app, block_limit=5.0) as target:
            path = path or target.routes[0].path

            @seed(number)
            @settings(
                max_examples=sequences,
                database=None,
                deadline=None,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            )
            @given(scenarios_of(target, path))
            def try_one(scenario: Scenario) -> None:
                for finding in target.run(scenario).failures:
                    failures.setdefault(finding.fingerprint, finding)
                    if until is not None and until(finding):
                        raise _Found

            with contextlib.suppress(_Found):
                try_one()
        return list(failures.values())

    return perform
