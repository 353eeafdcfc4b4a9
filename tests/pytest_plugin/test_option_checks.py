"""`--wsreplay-checks`, `--wsreplay-exclude-checks`, and the timeouts."""

from __future__ import annotations

FEW = ("--wsreplay-fuzz", "--wsreplay-max-examples", "30", "--wsreplay-seed", "1")


def test_checks_and_timeouts_are_heeded(project):
    words = ("--wsreplay-exclude-checks", "handler_crash", "--wsreplay-message-timeout", "5")
    ran = project.pytest(*FEW, *words, "--wsreplay-connection-timeout", "6")
    assert ran.counts == {"passed": 6}
    chosen = project.pytest(*FEW, "--wsreplay-checks", "hang", "--wsreplay-checks", "shutdown_hang")
    assert chosen.counts == {"passed": 6}
