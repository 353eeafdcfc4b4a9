"""`--wsreplay-verbose`."""

from __future__ import annotations

import re

FEW = ("--wsreplay-fuzz", "--wsreplay-max-examples", "30", "--wsreplay-seed", "1")


def test_verbose_shows_each_sequence(project):
    ran = project.pytest(*FEW, "--wsreplay-max-examples", "3", "--wsreplay-verbose", "--wsreplay-include", "/ticker")
    shown = re.search(r"Sequences of /ticker:\n(.*)wsreplay: WebSocket", ran.out, re.DOTALL)
    assert shown is not None
    lines = shown[1].splitlines()
    assert all("A connects to /ticker" in line for line in lines)
    assert [line.split(".")[0].strip() for line in lines] == ["1", "2", "3"]
