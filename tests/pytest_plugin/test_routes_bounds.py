"""`--routes-ws-max-messages`, `--routes-verbose`."""

from __future__ import annotations

import re

COMMAND = ("--routes", "--routes-app", "shop:app", "--routes-websocket")
SEEDED = (*COMMAND, "--routes-seed", "1", "--routes-max-examples", "30")


def test_max_messages_and_verbose(bare):
    words = ("--routes-ws-max-messages", "1", "--routes-verbose", "--routes-ws-include", "/ticker")
    ran = bare.pytest(*SEEDED, *words)
    lines = re.findall(r"^  \d+\. (.*)$", ran.out, re.MULTILINE)
    assert len(lines) == 30
    for line in lines:
        assert line.count("-> app") - line.count("-> app  closes") <= 1
