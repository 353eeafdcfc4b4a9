"""`--wsreplay-max-messages`, `--wsreplay-max-clients`, `--wsreplay-max-message-size`."""

from __future__ import annotations

import re

FEW = ("--wsreplay-fuzz", "--wsreplay-max-examples", "30", "--wsreplay-seed", "1")


def test_bounds_of_sequences_are_heeded(project):
    bounds = ("--wsreplay-max-messages", "1", "--wsreplay-max-clients", "1", "--wsreplay-max-message-size", "40")
    ran = project.pytest(*FEW, *bounds, "--wsreplay-verbose", "-k", "test_websocket and ticker")
    assert re.search(r"^  30\. ", ran.out, re.MULTILINE)
    assert "B connects" not in ran.out
    for line in re.findall(r"^  \d+\. .*$", ran.out, re.MULTILINE):
        assert line.count("A -> app") - line.count("A -> app  closes") <= 1
