"""`--wsreplay-max-time`."""

from __future__ import annotations


def test_the_time_is_shared_by_the_routes(project):
    ran = project.pytest("--wsreplay-fuzz", "--wsreplay-max-time", "0.000001")
    assert ran.counts == {"failed": 1, "passed": 5}
    assert "WebSocket Test Summary" not in ran.out
