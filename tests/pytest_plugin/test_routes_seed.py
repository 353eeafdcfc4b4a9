"""`--routes-seed`."""

from __future__ import annotations

import re

COMMAND = ("--routes", "--routes-app", "shop:app", "--routes-websocket")
SEEDED = (*COMMAND, "--routes-seed", "1", "--routes-max-examples", "30")


def test_the_seed_repeats_the_run_and_the_command_says_so(bare):
    ran = bare.pytest(*SEEDED, "-k", "orders")
    assert "WebSocket test failed (seed: 1)" in ran.out
    command = re.search(r"Reproduce: pytest (.*)", ran.out)
    assert command is not None
    assert command[1] == f"{' '.join(SEEDED)} -k orders --routes-ws-include /orders"
    again = bare.pytest(*command[1].split())
    cut = slice(ran.out.index("WEBSOCKET TEST FAILURE"), ran.out.index("Reproduce"))
    assert ran.out[cut] in again.out
